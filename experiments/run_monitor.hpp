#pragma once

#include <chrono>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "experiments/progress_line.hpp"
#include "experiments/results/growing_metrics.hpp"
#include "experiments/results/run_folder.hpp"
#include "experiments/results/run_log.hpp"
#include "experiments/setup.hpp"
#include "scenarios/host/run_record.hpp"

namespace skerry::experiments {

/// What is shown and kept of a run while it goes on: the line of progress, metrics.csv as far as it
/// has come, and log.txt. A driver, simulated or live, tells it where the run stands; no result
/// depends on it. What it cannot write is said once, and the run goes on. One thread at a time.
class RunMonitor {
 public:
  using Clock = std::chrono::steady_clock;
  struct Options {
    std::string seed;     // "seed 1/5"; empty where there is one
    std::string started;  // the log's first line: which program, and what it was told
    /// Made where it is missing. Empty: nothing is kept.
    std::filesystem::path folder;
    /// The folder holds results of the same run up to an earlier end. They stay as they are until
    /// they are replaced; the metrics grow in kMetricsSoFar.
    bool finished_before = false;
  };
  /// What it refers to outlives it.
  RunMonitor(const Setup& setup, ProgressLine& line, Options options);

  /// Where a run stands.
  struct Moment {
    std::uint64_t step = 0;  // of the newest metric that the cloud recorded
    SimTime now;
    const host::MetricLog& metrics;
  };
  /// The run starts here, perhaps over again; or it goes on from what was saved.
  void begin(const Moment& moment, bool goes_on);
  /// Shows and writes what is due. Cheap where nothing is: it reads a clock.
  void look(const Moment& moment);
  /// The state of the run was saved.
  void saved(const Moment& moment);
  /// The driver stops here: writes what has settled, and takes the line off the terminal.
  void stop(const Moment& moment);
  /// Says something on standard error as a line of its own, and notes it.
  void say(const std::string& line);
  /// Writes a line into the log.
  void note(const std::string& line);
  /// The run is over, and has that record: notes how it ended and what was refused, lost or failed.
  void end(const host::RunRecord& record);

 private:
  void take(const Moment& moment, Clock::time_point now);
  role::Standing standing(const Moment& moment) const;
  role::Headway headway(const Moment& moment) const;
  std::string headline() const;
  void complain(const Status& status);

  const Setup& setup_;
  Options options_;
  ProgressLine& line_;
  TimeLeft left_;
  std::optional<RunLog> log_;
  std::optional<GrowingMetrics> metrics_;
  Clock::time_point next_write_{};
  std::size_t read_ = 0;                             // places of the metrics
  std::map<std::string, double, std::less<>> last_;  // the cloud's values
  bool complained_ = false;
};

/// `skerry 0.9, source 1a2b3c4, seed 3: skerry run s.json`, for the log.
std::string started_words(const std::vector<std::string>& command, std::uint64_t seed);

}  // namespace skerry::experiments
