#pragma once

#include <cstddef>
#include <filesystem>

#include "algorithms/sdk/result.hpp"
#include "scenarios/host/durable_file.hpp"
#include "scenarios/host/metric_log.hpp"

namespace skerry::experiments {

/// metrics.csv of a run that is under way: at every moment the beginning of what write_run() will
/// write in its place. Rows are written whole, several at a time; only a
/// kill in the middle of a write can leave a part of one.
class GrowingMetrics {
 public:
  explicit GrowingMetrics(std::filesystem::path file) : file_(std::move(file)) {}

  /// Begins the file anew: the header alone. For a run that starts, and for one that goes on from
  /// earlier than the file's end.
  Status begin();
  /// Appends the rows of the places that have settled since begin() or the last call. After a
  /// failure, of begin() too, nothing more is written: the file ends where it ends.
  Status take(const host::MetricLog& metrics);

 private:
  std::filesystem::path file_;
  host::FileHandle handle_;
  std::size_t written_ = 0;  // places
};

}  // namespace skerry::experiments
