#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "experiments/options.hpp"
#include "scenarios/role/headway.hpp"

namespace skerry::experiments {

/// What a line of progress says: `round 9/200 · seed 1/5 · test accuracy 0.914 · 12 s left`.
/// Unknown parts are left out.
struct ProgressWords {
  std::string step;      // "round 9/200"
  std::string seed;      // "seed 1/5"; empty for a run of one seed
  std::string headline;  // "test accuracy 0.914"; empty until something was measured
  std::optional<double> seconds_left;

  std::string text() const;
};

/// Estimates the wall time that a run still needs from the share of it that this process has done.
class TimeLeft {
 public:
  using Clock = std::chrono::steady_clock;
  /// The run starts or resumes now. @param share  the part that is done already, in [0, 1].
  void begin(std::optional<double> share, Clock::time_point now) {
    share_ = latest_ = share;
    began_ = grown_ = now;
  }
  /// Seconds left; nothing if `share` is unknown, has not grown since begin(), or has stood still
  /// for longer than it took to come this far.
  std::optional<double> seconds(std::optional<double> share, Clock::time_point now);

 private:
  std::optional<double> share_, latest_;
  Clock::time_point began_{}, grown_{};  // when the latest share was first seen
};

/// Shows progress on standard error. On a terminal it rewrites one line in place; elsewhere it
/// prints a new line now and then. It may be used from one thread at a time.
class ProgressLine {
 public:
  using Clock = std::chrono::steady_clock;
  struct Options {
    bool quiet = true;        // print nothing
    bool terminal = false;    // standard error is a terminal
    Clock::duration every{};  // time between two lines, and before the first; not on a terminal
  };
  explicit ProgressLine(const Options& options)
      : options_(options),
        next_(options.terminal ? Clock::time_point() : Clock::now() + options.every) {}
  ~ProgressLine() { hide(); }
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  /// Whether it is time for the next line.
  bool due(Clock::time_point now) const { return !options_.quiet && now >= next_; }
  void show(const ProgressWords& words, Clock::time_point now);
  /// Clears the line on the terminal. Call it before anything else is printed there.
  void hide();

 private:
  Options options_;
  Clock::time_point next_;
  bool shown_ = false;
};

/// Adds `--progress-every SECONDS` and `--quiet`.
void add_progress_options(Options& options);
/// Their values, and whether this process's standard error is a terminal.
ProgressLine::Options progress_options_of(const Options& options);

}  // namespace skerry::experiments
