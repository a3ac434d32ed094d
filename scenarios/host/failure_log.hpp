#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "algorithms/sdk/job_failure.hpp"

namespace skerry::host {

/// Jobs of one kind that failed in one plugin's code.
struct FailedJobs {
  std::string job;     // the kind's name: "train"
  std::string plugin;  // `local method "fedprox"`; empty if no plugin was named
  std::uint64_t count = 0;
  std::string text;  // what the last of them said

  bool operator==(const FailedJobs&) const = default;
  template <class A>
  void archive(A& a) {
    a(job, plugin, count, text);
  }
};

/// One row in words: `train 3 times, at last: local method "fedprox" failed: out of memory`.
std::string in_words(const FailedJobs& failed);

/// The failed jobs of a run, counted by kind and plugin. Drivers add a failure when the role is
/// told of it, so that a simulation counts in virtual order and a replay counts what it replays.
/// Used by one thread.
class FailureLog {
 public:
  /// @param job  name of the job's kind.
  void add(std::string_view job, const JobFailure& failure);
  /// One row per kind and plugin, in alphabetical order; empty if no job failed.
  const std::vector<FailedJobs>& rows() const { return rows_; }

  template <class A>
  void archive(A& a) {
    a(rows_);
  }

 private:
  std::vector<FailedJobs> rows_;
};

}  // namespace skerry::host
