#include "experiments/signal_watch.hpp"

#include <pthread.h>
#include <signal.h>

#include <utility>

namespace skerry::experiments {

namespace {

sigset_t watched_signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGUSR1);  // from the destructor
  return set;
}

}  // namespace

SignalWatch::SignalWatch() {
  const sigset_t set = watched_signals();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);  // threads made later inherit it
  thread_ = std::thread([this, set] {
    int signal = 0;
    sigwait(&set, &signal);
    if (signal == SIGUSR1) return;
    const std::lock_guard lock(mutex_);
    came_ = true;
    if (call_) call_();
  });
}

void SignalWatch::on_signal(std::function<void()> call) {
  const std::lock_guard lock(mutex_);
  call_ = std::move(call);
  if (came_ && call_) call_();
}

SignalWatch::~SignalWatch() {
  pthread_kill(thread_.native_handle(), SIGUSR1);
  thread_.join();
}

}  // namespace skerry::experiments
