#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <utility>

namespace skerry::host {

/// What a thread does in an Executor of n threads: which work it takes, and how it waits for some.
///
///   seat       threads that have it           takes                          finds nothing to do
///   ---------  -----------------------------  -----------------------------  -------------------
///   kWorker    n - 1 of n; all n in the       small jobs, large jobs, parts  looks, then sleeps
///              background; none if n = 1
///   kStandIn   the other one of n             large jobs, parts              sleeps
///   kAwaiting  the owner's, while it is in    small jobs, parts; large jobs  looks, then sleeps
///              await(), drain() or serve()    too if n = 1
///   kPatient   one more in the background     patient jobs (JobKind)         sleeps
///
/// A job is small if it is over before a sleeping thread would have woken (Executor::submit()); any
/// other job is large. The awaiting thread leaves large jobs alone, so that it can go on soon after
/// what it waits for is there; the stand-in computes in its place. Parts are the parts of one job
/// (SharedParts). They are taken while fewer than n threads compute.
///
/// So at most n threads compute. There are two exceptions: a small job that the awaiting thread
/// runs while the n others run large ones, and a patient job. The thread of patient jobs has a
/// lower priority than all others of the process, no job of another kind runs there, and parts of a
/// patient job run nowhere else. Elsewhere than in the background, patient jobs are like others.
///
/// To look is to check repeatedly for about a millisecond. It keeps a core busy, and saves the tens
/// of microseconds that it takes to wake a thread. No more threads look than the machine has cores:
/// no thread looks if n is larger than that, or in the background, and the awaiting thread does not
/// look while the stand-in computes. In serve() the awaiting thread has more to look after than
/// jobs, so it never sleeps: it naps for 100 microseconds at a time.
enum class Seat : std::uint8_t { kWorker, kStandIn, kAwaiting, kPatient };
inline constexpr std::size_t kSeats = 4;

/// The threads of one seat that sleep. All calls need the lock that wait() is given.
class Sleepers {
 public:
  /// Sleeps until wake(). May also return without it, so the caller must check what it waits for.
  void wait(std::unique_lock<std::mutex>& lock) {
    ++count_;
    changed_.wait(lock);
  }
  /// Wakes all of them. Costs nothing if none sleeps.
  void wake() {
    if (std::exchange(count_, 0) > 0) changed_.notify_all();
  }

 private:
  std::condition_variable changed_;
  unsigned count_ = 0;  // not yet told to wake
};

}  // namespace skerry::host
