#pragma once

#include <filesystem>
#include <string>

#include "algorithms/sdk/result.hpp"

namespace skerry::experiments {

/// `log.txt` of a run's folder: what happened while it ran, a line each, with the time in UTC:
///   2026-11-28T23:02:12Z checkpoint at round 12/200
/// It only ever grows: a run that goes on continues it. The file is opened for every line, so that
/// it may be moved with its folder in between.
class RunLog {
 public:
  explicit RunLog(std::filesystem::path file) : file_(std::move(file)) {}

  /// Appends a line; one that holds line breaks is made one. From any thread.
  /// Errors: what the file system says; the file is as it was, but for a part of the line.
  Status add(const std::string& line) const;

 private:
  std::filesystem::path file_;
};

/// Whether a file is such a log: its first line has a time. False where there is none.
bool is_run_log(const std::filesystem::path& file);

}  // namespace skerry::experiments
