#pragma once

#include <filesystem>
#include <string>

#include "algorithms/sdk/result.hpp"

namespace skerry::experiments {

/// `log.txt` of a run's folder: a line with the time in UTC for everything that happened:
///   2026-11-28T23:02:12Z checkpoint at round 12/200
/// The file only grows: a resumed run continues it. It is opened anew for every line, so that its
/// folder may be moved in between.
class RunLog {
 public:
  explicit RunLog(std::filesystem::path file) : file_(std::move(file)) {}

  /// Appends a line; line breaks in it become spaces. May be called from any thread.
  /// Errors: the file system's reason. The file may then end with a part of the line.
  Status add(const std::string& line) const;

 private:
  std::filesystem::path file_;
};

/// Whether a file is such a log: its first line begins with a time. False if there is no file.
bool is_run_log(const std::filesystem::path& file);

}  // namespace skerry::experiments
