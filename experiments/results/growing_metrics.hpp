#pragma once

#include <cstddef>
#include <filesystem>

#include "algorithms/sdk/result.hpp"
#include "scenarios/host/durable_file.hpp"
#include "scenarios/host/metric_log.hpp"

namespace skerry::experiments {

/// The metrics.csv of a running run. At every moment it is a beginning of the file that write_run()
/// will put in its place. Rows are written whole, several at a time; only a kill in the middle of a
/// write can leave a part of one. One thread at a time.
class GrowingMetrics {
 public:
  explicit GrowingMetrics(std::filesystem::path file) : file_(std::move(file)) {}

  /// Replaces the file by one that has only the header. Call it when a run starts, and when a run
  /// goes on from a state that may be earlier than the file's end.
  Status begin();
  /// Appends the rows that have settled since begin(). Does nothing before begin() and after a
  /// failure of either function; the file then stays as it is.
  Status take(const host::MetricLog& metrics);

 private:
  std::filesystem::path file_;
  host::FileHandle handle_;
  std::size_t written_ = 0;  // places of the log
};

}  // namespace skerry::experiments
