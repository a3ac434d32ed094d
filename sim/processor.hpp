#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "algorithms/sdk/time.hpp"
#include "sim/work.hpp"

namespace skerry::sim {

/// Names a job, unique on its device. Jobs that finish at the same time are reported in this order.
using JobId = std::uint64_t;

/// A device on which jobs compute side by side. A job uses one core at most; when there are more
/// jobs than cores, all get the same part of them:
///     speed of each job = min(1, cores / jobs) / slow-down
/// A job finishes at the first whole nanosecond at which its work is done; exact, see work.hpp.
///
/// Times must not run backwards from call to call, and no call may skip next_finish(): take the
/// finished jobs first (at that very time, other calls may come before).
///
/// Cost: O(1) per change of speed, O(jobs) moves of 32 bytes per change of jobs, no memory while
/// idle beyond the object. Not thread-safe.
class Processor {
 public:
  static constexpr double kMostSlowDown = 1e9;

  explicit Processor(std::uint32_t cores = 1);

  struct Job {
    JobId id = 0;
    Duration work;  // how long it takes alone on a core at full speed; up to 2^62 ns
  };
  void start(const Job& job, SimTime now);
  /// Stops a job; returns the work it had left, in whole nanoseconds rounded up.
  Duration cancel(JobId id, SimTime now);
  /// Makes everything take `factor` times as long from now on: 1, full speed, to kMostSlowDown.
  /// Rounded to six decimals.
  void set_slow_down(double factor, SimTime now);

  /// When the next job finishes if nothing changes; never() when none runs. O(1).
  SimTime next_finish() const;
  /// Takes off the jobs that are finished by now, in the order of their ids.
  std::vector<JobId> take_finished(SimTime now);

  std::size_t jobs() const { return jobs_.size(); }
  std::uint32_t cores() const { return cores_; }

  /// Everything a device is, in canonical form: devices that behave alike have equal snapshots.
  struct Snapshot {
    struct Pending {
      JobId id = 0;
      WorkWords left;

      bool operator==(const Pending&) const = default;

      template <class A>
      void archive(A& a) {
        a(id, left);
      }
    };
    SimTime now;
    std::uint32_t cores = 1;
    std::uint64_t slow_down_millionths = 1'000'000;
    std::vector<Pending> jobs;  // by work left, then id

    bool operator==(const Snapshot&) const = default;

    template <class A>
    void archive(A& a) {
      a(now, cores, slow_down_millionths, jobs);
    }
  };
  Snapshot save() const;
  /// A device that goes on exactly as the saved one would have.
  static Processor load(const Snapshot& snapshot);

 private:
  /// All jobs advance alike, so the order in which they finish never changes.
  struct Running {
    Work target = 0;  // finished when progress_ gets there
    JobId id = 0;
    bool operator<(const Running& other) const {
      return target != other.target ? target < other.target : id < other.id;
    }
  };

  void advance(SimTime now);
  void settle();
  void insert(JobId id, Work left);

  std::vector<Running> jobs_;  // in the order of finishing
  Work progress_ = 0;          // work done for each job present since the device was last idle
  Work rate_ = 0;              // of each job
  SimTime now_;
  std::uint64_t slow_down_millionths_ = 1'000'000;
  std::uint32_t cores_;
};

}  // namespace skerry::sim
