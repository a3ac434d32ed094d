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

/// Takes SIGINT and SIGTERM of the process from its construction to its end, in a thread of its
/// own, and makes sure that the process does end after one. One at a time in a process.
///
/// The first signal asks: the call that on_signal() was given is made, and the command ends by
/// itself. A process that has not ended when the grace is over is ended by the watch, with exit
/// code kGivenUp; so is one that is sent a second signal, at once. The watch says on standard error
/// which jobs and which calls of plugins have not returned and how to go on, flushes standard
/// output, and calls std::_Exit: no destructor runs, since an executor's would wait for those jobs.
/// Files are left as by a kill: what is durable stays valid.
///
/// A signal within 0.2 s of the first counts as the same, since some senders send two (timeout(1)
/// does). Threads made during the watch's life do not take these signals themselves.
class SignalWatch {
 public:
  struct Options {
    Duration grace = Duration::seconds(10);
    /// Whether a second signal ends the process at once; otherwise only the grace does.
    bool second_ends = true;
    /// How the user goes on after the watch has ended the process: a line, or nothing. Called on
    /// a thread of the watch, while all other threads still run.
    std::function<std::string()> advice = {};
  };
  explicit SignalWatch(Options options);
  ~SignalWatch();
  SignalWatch(const SignalWatch&) = delete;
  SignalWatch& operator=(const SignalWatch&) = delete;

  /// Called on the thread of the watch when the first signal comes, or at once by the caller where
  /// it has come already. Must not wait for anything.
  void on_signal(std::function<void()> call);
  bool came() const { return came_; }
  /// For the executors of this process: the jobs that the watch can name.
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
  struct Before;  // how the process took signals
  std::unique_ptr<Before> before_;
  std::thread thread_;
};

/// `--stop-grace DURATION`.
void add_stop_grace(Options& options);
/// Its value. Fails where it is no duration, in words that name the option.
Result<Duration> stop_grace_of(const Options& options);

}  // namespace skerry::experiments
