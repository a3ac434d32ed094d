#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <utility>
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
  /// Adds a section: what was written, and the payloads that the writer holds. The payloads must be
  /// ready, so a driver must wait for its running jobs first; a payload that is not ready is a bug.
  void add(std::string section, ByteWriter writer);

  const std::map<std::string, ByteVector>& sections() const { return sections_; }
  const std::map<role::PayloadId, role::PayloadRef>& payloads() const { return payloads_; }

 private:
  friend class CheckpointStore;
  std::map<std::string, ByteVector> sections_;
  std::map<role::PayloadId, role::PayloadRef> payloads_;
};

/// A checkpoint that was read back. It holds its payloads; those that a role took outlive it.
struct RestoredCheckpoint {
  std::uint64_t sequence = 0;
  Checkpoint state;
  MetricLog metrics;
  PayloadTable table;
  /// Newer checkpoints that could not be used, in words; the run continues from this older one.
  std::vector<std::string> skipped;

  /// Reads one section; the checkpoint must outlive the reader. Without such a section the reader
  /// has failed already.
  ByteReader reader(const std::string& section) const;
};

/// The last two checkpoints of one run, in a directory of their own, which must exist. Each part
/// carries its length and digest, so a flipped bit or a lost end is noticed anywhere. No two calls
/// may be under way at once; they may come from different threads.
///
/// The measurements of a run grow without end. They are kept in one file that is only appended to
/// (kMetrics), and a checkpoint says how far that file goes. So a checkpoint costs as much as the
/// state of the run and what was measured since the checkpoint before. A kill at any moment leaves
/// the last checkpoint and all that it needs.
class CheckpointStore {
 public:
  static constexpr const char* kMetrics = "metrics.log";

  /// @param run  what the checkpoints belong to (a hash of the resolved scenario). load() refuses
  ///             those of another run.
  CheckpointStore(std::filesystem::path directory, std::uint64_t run)
      : directory_(std::move(directory)), run_(run), metrics_(directory_ / kMetrics) {}

  /// A checkpoint that no longer depends on the run, and is still to be written.
  struct Prepared {
    std::uint64_t sequence = 0;
    Checkpoint state;
    MetricFile::Addition metrics;
    ByteVector open_metrics;
  };
  /// Costs as much as the sections and the new measurements: payloads are only held.
  /// @param sequence  must grow with each checkpoint, such as the count of inputs so far.
  /// @param metrics   of the run since its start; they must continue those that this store saved or
  ///                  loaded before.
  Prepared prepare(std::uint64_t sequence, Checkpoint checkpoint, const MetricLog& metrics) const;
  /// Saves a checkpoint, durably if it succeeds, and removes all but the last two. Each is written
  /// before the next one is prepared.
  Status write(const Prepared& prepared);
  /// Both.
  Status save(std::uint64_t sequence, Checkpoint checkpoint, const MetricLog& metrics = {}) {
    return write(prepare(sequence, std::move(checkpoint), metrics));
  }
  /// The newest checkpoint that is whole; nullopt if there is none at all. Fails if there are some
  /// and none can be used. The next save() continues from what was loaded.
  Result<std::optional<RestoredCheckpoint>> load();
  /// Sequence of the oldest checkpoint that load() may fall back to; 0 if there is none. What came
  /// before it is no longer needed.
  std::uint64_t oldest() const;

 private:
  std::filesystem::path directory_;
  std::uint64_t run_;
  MetricFile metrics_;
};

}  // namespace skerry::host
