#pragma once

#include <cstdint>
#include <filesystem>

#include "algorithms/sdk/result.hpp"
#include "scenarios/host/metric_log.hpp"

namespace skerry::host {

/// The settled places of a metric log on disk. The file only grows, so saving a log costs only what
/// was added to it, however long it is. Each addition carries its length and digest.
class MetricFile {
 public:
  /// How far the file goes. A checkpoint holds one: what stands beyond it belongs to no checkpoint.
  struct End {
    std::uint64_t bytes = 0;
    std::uint64_t places = 0;
    RunningHash digests;  // of all additions
    template <class A>
    void archive(A& a) {
      a(bytes, places, digests);
    }
  };

  explicit MetricFile(std::filesystem::path path) : path_(std::move(path)) {}

  const End& end() const { return end_; }
  /// Sets where the next append() begins. A checkpoint that is durable, or was read back, must hold
  /// that end.
  void set_end(const End& end) { end_ = end; }

  /// What was settled in a log since end(), as the file will hold it.
  struct Addition {
    ByteVector bytes;  // empty: nothing was
    End end;           // of the file with it
  };
  /// @param log  must continue the log whose places the file holds.
  Addition addition(const MetricLog& log) const;
  /// If there is something to add, cuts off the file at end() and writes it, durably if it
  /// succeeds. Leaves end() as it is. The addition was made since the last set_end().
  Status write(const Addition& addition) const;
  /// Adds the places up to an end to an empty log. Fails if a byte of them is damaged.
  Status read(const End& end, MetricLog& into) const;

 private:
  std::filesystem::path path_;
  End end_;
};

}  // namespace skerry::host
