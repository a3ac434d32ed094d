#pragma once

#include <chrono>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "experiments/models/model_projection.hpp"
#include "experiments/progress_line.hpp"
#include "experiments/results/growing_metrics.hpp"
#include "experiments/results/run_folder.hpp"
#include "experiments/results/run_log.hpp"
#include "experiments/setup.hpp"
#include "scenarios/host/run_record.hpp"

namespace skerry::experiments {

/// Shows a run and keeps its files while it goes on: the line of progress, metrics.csv as far as it
/// has come, its models, and log.txt. A driver, simulated or live, tells it where the run stands;
/// no result depends on it. If it cannot write something, it says so once and the run goes on. It
/// may be used from one thread at a time.
class RunMonitor {
 public:
  using Clock = std::chrono::steady_clock;
  struct Options {
    std::string seed;     // "seed 1/5"; empty for a run of one seed
    std::string started;  // the log's first line: started_words()
    /// Created if it is missing. Empty: no file is kept.
    std::filesystem::path folder;
    /// The folder holds results of the same run up to an earlier end. They stay untouched until
    /// write_run() replaces them, so the metrics grow in kMetricsSoFar.
    bool finished_before = false;
  };
  /// `setup` and `line` must outlive the monitor.
  RunMonitor(const Setup& setup, ProgressLine& line, Options options);

  /// Where a run stands.
  struct Moment {
    std::uint64_t step = 0;  // the step of the newest metric that the cloud recorded
    SimTime now;
    const host::MetricLog& metrics;
    /// Looked at by stop() alone. Null if the run keeps no account of its models, or nobody knows.
    const role::Catalogue* models = nullptr;
  };
  /// The run starts, perhaps for a second time; with `goes_on` it resumes from a saved state.
  void begin(const Moment& moment, bool goes_on);
  /// Shows and writes what is due. If nothing is, it only reads a clock.
  void look(const Moment& moment);
  /// The models that the cloud's role knows of. Their parameters are there, and what led to them
  /// will not be undone.
  void show(const role::Catalogue& models);
  /// The state of the run was saved.
  void saved(const Moment& moment);
  /// The driver stops: writes the metrics that have settled, and the models, and clears the line of
  /// progress.
  void stop(const Moment& moment);
  /// Prints a line on standard error and adds it to the log.
  void say(const std::string& line);
  /// Adds a line to the log.
  void note(const std::string& line);
  /// The run is over: logs how it ended and what was refused, lost or failed. Its list of models is
  /// complete, and the folder may be replaced.
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
  std::optional<ModelProjection> models_;
  Clock::time_point next_write_{};
  std::size_t read_ = 0;                             // places of the metrics that were read
  std::map<std::string, double, std::less<>> last_;  // the cloud's newest values
  bool complained_ = false;
};

/// `skerry 0.9, source 1a2b3c4, seed 3: skerry run s.json`, for the log.
std::string started_words(const std::vector<std::string>& command, std::uint64_t seed);

}  // namespace skerry::experiments
