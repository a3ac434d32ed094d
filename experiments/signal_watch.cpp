#include "experiments/signal_watch.hpp"

#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <memory>
#include <optional>
#include <utility>

#include "algorithms/sdk/plugin_call.hpp"
#include "algorithms/sdk/quantity.hpp"
#include "experiments/command.hpp"

namespace skerry::experiments {

namespace {

using Clock = std::chrono::steady_clock;

constexpr int kSignals[] = {SIGINT, SIGTERM};
constexpr Duration kLook = Duration::seconds(1);         // between two looks at the jobs
constexpr Duration kSame = Duration::milliseconds(200);  // signals that count as one
constexpr auto kTimeForWords = std::chrono::seconds(1);
constexpr std::size_t kMostJobs = 8;  // named in the last words

// The only state that the signal handler touches.
std::atomic<unsigned> signals_so_far = 0;
sem_t woken;

extern "C" void note_signal(int) {
  const int error = errno;
  ++signals_so_far;
  sem_post(&woken);
  errno = error;
}

Duration clock_now() {
  const auto passed = Clock::now().time_since_epoch();
  return Duration::nanoseconds(
      std::chrono::duration_cast<std::chrono::nanoseconds>(passed).count());
}

/// Waits for a signal or the end of the watch, at most for `duration`.
void wait_at_most(Duration duration) {
  constexpr std::int64_t kSecond = 1'000'000'000;
  timespec until{};
  clock_gettime(CLOCK_MONOTONIC, &until);
  const std::int64_t ns = until.tv_nsec + duration.count();
  until.tv_sec += ns / kSecond;
  until.tv_nsec = ns % kSecond;
  sem_clockwait(&woken, CLOCK_MONOTONIC, &until);
}

/// An age for people: in whole seconds, or in milliseconds below one second.
std::string age_text(Duration age) {
  constexpr std::int64_t kSecond = 1'000'000'000, kMillisecond = 1'000'000;
  const std::int64_t unit = age.count() >= kSecond ? kSecond : kMillisecond;
  const std::int64_t whole = age.count() / unit * unit;
  return whole == 0 ? "0 s" : to_string(Duration::nanoseconds(whole));
}

std::string sentence_of(const host::JobUnderWay& job) {
  const std::string what = "the job \"" + job.kind + "\" of " + to_string(job.node);
  const std::string how =
      job.place == 0 ? " has not returned for "
                     : " has not come back from rank " + std::to_string(job.place) + " for ";
  return what + how + age_text(job.age);
}

/// Writes without the locks of stdio, which a thread that does not return may hold.
void write_to_stderr(const std::string& text) {
  std::size_t done = 0;
  while (done < text.size()) {
    const ssize_t size = write(STDERR_FILENO, text.data() + done, text.size() - done);
    if (size < 0 && errno != EINTR) return;
    if (size > 0) done += static_cast<std::size_t>(size);
  }
}

}  // namespace

struct SignalWatch::Before {
  sigset_t mask;
  struct sigaction actions[std::size(kSignals)];
};

SignalWatch::SignalWatch(Options options)
    : options_(std::move(options)), before_(std::make_unique<Before>()) {
  signals_so_far = 0;
  SKERRY_CHECK(sem_init(&woken, 0, 0) == 0, "a semaphore begins at 0");
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : kSignals) sigaddset(&set, signal);
  pthread_sigmask(SIG_BLOCK, &set, &before_->mask);  // threads made later inherit it
  thread_ = std::thread([this, set] {
    pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
    watch();
  });
  struct sigaction action {};
  action.sa_handler = note_signal;
  action.sa_flags = SA_RESTART;
  for (std::size_t i = 0; i < std::size(kSignals); ++i) {
    sigaction(kSignals[i], &action, &before_->actions[i]);
  }
}

SignalWatch::~SignalWatch() {
  closing_ = true;
  sem_post(&woken);
  thread_.join();
  for (std::size_t i = 0; i < std::size(kSignals); ++i) {
    sigaction(kSignals[i], &before_->actions[i], nullptr);
  }
  pthread_sigmask(SIG_SETMASK, &before_->mask, nullptr);
}

void SignalWatch::on_signal(std::function<void()> call) {
  const std::lock_guard lock(mutex_);
  call_ = std::move(call);
  if (came_ && call_) call_();
}

void SignalWatch::ask() {
  const std::lock_guard lock(mutex_);
  came_ = true;
  if (call_) call_();
}

void SignalWatch::watch() {
  std::optional<Duration> asked;  // when
  unsigned taken = 0;             // signals
  while (!closing_) {
    const Duration now = clock_now();
    (void)jobs_.look(now);
    const unsigned so_far = signals_so_far;
    const bool again = so_far > std::exchange(taken, so_far);
    if (again && !asked) {
      asked = now;
      ask();
    }
    if (!asked) {
      wait_at_most(kLook);
      continue;
    }
    const Duration passed = now - *asked;
    if (again && passed > kSame && options_.second_ends) give_up(true);
    if (passed >= options_.grace) give_up(false);
    wait_at_most(std::min(kLook, options_.grace - passed));
  }
}

std::string SignalWatch::last_words(bool told_twice) {
  const std::string end = ": given up; what is durable is kept\n";
  const auto jobs = jobs_.look(clock_now());
  std::string text;
  const auto calls = calls_under_way();
  for (std::size_t i = 0; i < std::min(calls.size(), kMostJobs); ++i) {
    text += "skerry: " + calls[i] + ", has not returned" + end;
  }
  for (std::size_t i = 0; i < std::min(jobs.size(), kMostJobs); ++i) {
    text += "skerry: " + sentence_of(jobs[i]) + end;
  }
  if (jobs.size() > kMostJobs) {
    text += "skerry: and " + std::to_string(jobs.size() - kMostJobs) + " jobs more\n";
  }
  if (text.empty()) {
    text = "skerry: no job is running, but " +
           (told_twice ? "a second signal came"
                       : "the process has not ended for " + age_text(options_.grace)) +
           end;
  }
  const std::string advice = options_.advice ? options_.advice() : "";
  return advice.empty() ? text : text + advice + "\n";
}

void SignalWatch::give_up(bool told_twice) {
  // Whatever blocks the message (a full pipe, a file system) must not block the exit.
  std::thread([this, told_twice] {
    const bool progress = isatty(STDERR_FILENO) == 1;
    write_to_stderr((progress ? "\r\033[K" : "") + last_words(told_twice));
    std::fflush(stdout);
    std::_Exit(kGivenUp);
  }).detach();
  std::this_thread::sleep_for(kTimeForWords);
  std::_Exit(kGivenUp);
}

void end_interrupted() {
  write_to_stderr("skerry: interrupted\n");
  std::fflush(stdout);
  std::_Exit(kInterrupted);
}

void add_stop_grace(Options& options) {
  options.add()("stop-grace", boost::program_options::value<std::string>()->default_value("10 s"),
                "how long the process may take to end after Ctrl-C or SIGTERM; then, or at a "
                "second one, it ends with code 4 and says which job has not returned");
}

Result<Duration> stop_grace_of(const Options& options) {
  auto grace = parse_duration(options.get<std::string>("stop-grace"));
  if (!grace) return Failure{"--stop-grace: " + grace.message()};
  return grace;
}

}  // namespace skerry::experiments
