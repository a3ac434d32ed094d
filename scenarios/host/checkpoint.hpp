#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "algorithms/sdk/archive.hpp"
#include "algorithms/sdk/result.hpp"
#include "scenarios/host/metric_file.hpp"
#include "scenarios/host/payload_table.hpp"

namespace skerry::host {

/// The whole state of a run at one moment: named sections of bytes, and every payload that they
/// name.
class Checkpoint {
 public:
  /// Takes what was written, and the payloads the writer holds. They must be there already: a
  /// driver with jobs on their way waits for them first.
  void add(std::string section, ByteWriter writer);

  const std::map<std::string, ByteVector>& sections() const { return sections_; }
  const std::map<role::PayloadId, role::PayloadRef>& payloads() const { return payloads_; }

 private:
  friend class CheckpointStore;
  std::map<std::string, ByteVector> sections_;
  std::map<role::PayloadId, role::PayloadRef> payloads_;
};

/// A checkpoint read back. Payloads live as long as it, and longer where a role took them.
struct RestoredCheckpoint {
  std::uint64_t sequence = 0;
  Checkpoint state;
  MetricLog metrics;
  PayloadTable table;
  /// Newer checkpoints that were damaged, in words; the run continues from an older one.
  std::vector<std::string> skipped;

  /// Reads one section; not found reads as failed.
  ByteReader reader(const std::string& section) const;
};

/// The last two checkpoints of one run, in a directory of its own. Each part carries its length and
/// digest: a flipped bit or a lost end anywhere is noticed.
///
/// What a run has measured grows without end; it is kept in one file that is only appended to
/// (kMetrics), and a checkpoint says how far that file goes. So a checkpoint costs what the state
/// of the run is and what was measured since the one before. A kill at any moment leaves the last
/// checkpoint and all that it needs.
class CheckpointStore {
 public:
  static constexpr const char* kMetrics = "metrics.log";

  /// @param run  what the checkpoints belong to (a hash of the resolved scenario); those of another
  ///             run are refused.
  CheckpointStore(std::filesystem::path directory, std::uint64_t run)
      : directory_(std::move(directory)), run_(run), metrics_(directory_ / kMetrics) {}

  /// Durable when it succeeds. @param sequence  grows from one checkpoint to the next, such as the
  /// count of inputs so far. @param metrics  those of the run: of its start, where this store saves
  /// for the first time, else of the run that it saved or loaded before.
  Status save(std::uint64_t sequence, const Checkpoint& checkpoint, const MetricLog& metrics = {});
  /// The newest that is whole; nothing where there never was one. A failure where there are some
  /// and none can be used. What is saved next follows on it.
  Result<std::optional<RestoredCheckpoint>> load();
  /// The oldest one that load() might fall back to: what came before it is no longer needed.
  std::uint64_t oldest() const;

 private:
  std::filesystem::path directory_;
  std::uint64_t run_;
  MetricFile metrics_;
};

}  // namespace skerry::host
