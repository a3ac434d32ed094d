#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "algorithms/sdk/result.hpp"
#include "algorithms/sdk/time.hpp"
#include "experiments/options.hpp"
#include "scenarios/host/jobs_under_way.hpp"

namespace skerry::experiments {

/// Handles SIGINT and SIGTERM for the process, in a thread of its own, from construction to
/// destruction, and makes sure that the process ends after one of them. A process may have one
/// watch at a time.
///
/// The first signal asks the command to end: the watch makes the call that on_signal() was given.
/// If the process has not ended when the grace is over, or if a second signal comes, the watch ends
/// it with exit code kGivenUp. It says on standard error which jobs and which calls of plugins have
/// not returned and how the user can go on, flushes standard output, and calls std::_Exit. No
/// destructor runs, because an executor's would wait for those jobs. Files are left as after a
/// kill: what is durable stays valid.
///
/// A signal within 0.2 s of the first counts as the same one, because some senders send two
/// (timeout(1) does). Threads that start while the watch exists do not receive these signals.
class SignalWatch {
 public:
  struct Options {
    Duration grace = Duration::seconds(10);
    /// Whether a second signal ends the process at once. If not, only the grace does.
    bool second_ends = true;
    /// Returns a line that tells the user how to go on after the watch has ended the process, or
    /// an empty one. Called on a thread of the watch while all other threads still run.
    std::function<std::string()> advice = {};
  };
  explicit SignalWatch(Options options);
  ~SignalWatch();
  SignalWatch(const SignalWatch&) = delete;
  SignalWatch& operator=(const SignalWatch&) = delete;

  /// Sets what to call at the first signal; an empty function clears it. The watch's thread makes
  /// the call, or the caller's if the signal has come already. The call must not wait for anything
  /// and must not call on_signal().
  void on_signal(std::function<void()> call);
  bool came() const { return came_; }
  /// The jobs that the watch can name. Executors of this process enter theirs here.
  host::JobsUnderWay& jobs() { return jobs_; }

 private:
  void watch();
  void ask();
  [[noreturn]] void give_up(bool told_twice);
  std::string last_words(bool told_twice);

  const Options options_;
  host::JobsUnderWay jobs_;
  std::mutex mutex_;
  std::function<void()> call_;
  std::atomic<bool> came_ = false;
  std::atomic<bool> closing_ = false;
  struct Before;  // how the process handled signals before
  std::unique_ptr<Before> before_;
  std::thread thread_;
};

/// For on_signal() while nothing can be lost, such as while data is read: says that the process was
/// interrupted and ends it at once with kInterrupted.
[[noreturn]] void end_interrupted();

/// Adds `--stop-grace DURATION`.
void add_stop_grace(Options& options);
/// Its value.
/// Errors: it is not a duration; the text names the option.
Result<Duration> stop_grace_of(const Options& options);

}  // namespace skerry::experiments
