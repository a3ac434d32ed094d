#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <thread>

namespace skerry::experiments {

/// Takes SIGINT and SIGTERM of the process from its construction on, which comes before that of any
/// other thread, and hands them over in a thread of its own. One at a time in a process.
class SignalWatch {
 public:
  SignalWatch();
  ~SignalWatch();
  /// Called when a signal comes, or at once where one has come already.
  void on_signal(std::function<void()> call);
  bool came() const { return came_; }

 private:
  std::mutex mutex_;
  std::function<void()> call_;
  std::atomic<bool> came_ = false;
  std::thread thread_;
};

}  // namespace skerry::experiments
