#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "experiments/options.hpp"
#include "scenarios/role/headway.hpp"

namespace skerry::experiments {

/// What is said of a run's progress: `round 9/200 · seed 1/5 · test accuracy 0.914 · 12 s left`.
/// What is not known is left out.
struct ProgressWords {
  std::string step;      // "round 9/200"
  std::string seed;      // "seed 1/5"; empty where there is one
  std::string headline;  // "test accuracy 0.914"; empty where nothing was measured yet
  std::optional<double> seconds_left;

  std::string text() const;
};

/// The wall time that a run still takes, from how far it came since it began here; nothing where
/// that is not known.
class TimeLeft {
 public:
  using Clock = std::chrono::steady_clock;
  /// The run starts or goes on here.
  void begin(std::optional<double> share, Clock::time_point now) {
    share_ = share;
    began_ = now;
  }
  std::optional<double> seconds(std::optional<double> share, Clock::time_point now) const;

 private:
  std::optional<double> share_;
  Clock::time_point began_{};
};

/// Shows progress on standard error: on a terminal one line that is written over in place, anywhere
/// else a line of its own now and then. One thread at a time.
class ProgressLine {
 public:
  using Clock = std::chrono::steady_clock;
  struct Options {
    bool quiet = true;        // says nothing
    bool terminal = false;    // standard error is one
    Clock::duration every{};  // between two lines; from the start to the first one, too, unless it
                              // is a terminal
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
  /// Takes the line off the terminal, before something else is said there.
  void hide();

 private:
  Options options_;
  Clock::time_point next_;
  bool shown_ = false;
};

/// `--progress-every SECONDS` and `--quiet`.
void add_progress_options(Options& options);
/// What they say, for this process's standard error.
ProgressLine::Options progress_options_of(const Options& options);

}  // namespace skerry::experiments
