#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "algorithms/sdk/ids.hpp"
#include "algorithms/sdk/time.hpp"

namespace skerry::host {

class Executor;

/// A job that has begun and has not returned.
struct JobUnderWay {
  std::uint64_t sequence = 0;  // tells apart the jobs of one executor
  std::string kind;            // JobKind::name
  NodeId node;
  unsigned place = 0;  // 0: a thread of this process; else the place (Places) that was given it
  Duration age;        // how long it has been seen
};

/// Which jobs the executors of this process are running, for a watchdog that must name a job that
/// does not return. An executor that is given this adds itself when it is made, and removes itself
/// when its threads have ended, so look() works even while its destructor waits for a job. Must
/// outlive the executors. All calls may come from any thread; none waits for a job.
class JobsUnderWay {
 public:
  /// The jobs of all executors, the oldest first.
  /// @param now  by the caller's clock, which never goes back. A job's age counts from the first
  ///             look that saw it. With regular looks no age is too short by more than the time
  ///             between two of them.
  std::vector<JobUnderWay> look(Duration now);

  // Called by executors.
  void add(Executor& executor);
  void remove(Executor& executor);

 private:
  struct Watched {
    Executor* executor;
    std::map<std::uint64_t, Duration> first_seen;  // by sequence; of the last look
  };
  std::mutex mutex_;
  std::vector<Watched> watched_;
};

}  // namespace skerry::host
