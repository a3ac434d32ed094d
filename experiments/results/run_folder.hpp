#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "algorithms/sdk/result.hpp"
#include "experiments/results/manifest.hpp"
#include "scenarios/host/run_record.hpp"

namespace skerry::experiments {

// One folder per run:
//   scenario.json  the scenario, every key with its value
//   manifest.json  where the numbers come from
//   metrics.csv    name,node,step,time_s,value
//   metrics.h5     the same, self-describing
//   spans.csv      node,step,what,begin_s,end_s
//   model.npz      the final model
//   checkpoint/    the last checkpoint before the end, from which a run with a later `stop` goes on
//   models/        the models that the run made: experiments/models/
//   log.txt        what happened while the run went on, with times: run_log.hpp
//
// While a run goes on, its folder has log.txt, and metrics.csv and models/ as far as the run has
// come. All other files appear at once at the end: a folder without manifest.json holds no results.

inline constexpr const char* kMetricsFile = "metrics.csv";
inline constexpr const char* kLogFile = "log.txt";
inline constexpr const char* kModelsName = "models";
/// The name of metrics.csv while it grows beside the results of an earlier end.
inline constexpr const char* kMetricsSoFar = "metrics-so-far.csv";

/// A run, read from its folder.
struct StoredRun {
  std::filesystem::path folder;
  Manifest manifest;
  host::RunRecord record;  // without the model: see read_model()
};

/// Checks that the folder may take results. Call it before a run starts. The folder must be missing
/// or empty, or hold nothing but the files of a run that never ended, or folders of such runs. The
/// log of such a run is continued.
/// Errors: `PATH: exists and is not empty; results are never overwritten`, PATH is not a folder or
/// cannot be read.
Status check_free(const std::filesystem::path& folder);

/// What write_run() may do besides writing.
struct WriteOptions {
  /// The folder with the run's checkpoints. The newest one becomes a part of the results, unless it
  /// is larger than kLargestKeptCheckpoint. Empty: none is kept.
  std::filesystem::path checkpoints = {};
  /// The folder holds the same run up to an earlier end. Its files are replaced; files that are not
  /// a run's own stay.
  bool replace = false;
  /// Called with one line if the checkpoint could not be kept with the results. May be empty.
  std::function<void(const std::string& line)> say = {};
};
inline constexpr std::uintmax_t kLargestKeptCheckpoint = std::uintmax_t{256} << 20;

/// Where the results keep a checkpoint.
std::filesystem::path kept_checkpoint(const std::filesystem::path& folder);

/// Writes the folder of a run that is over, as one step: either all of it is there, or nothing.
/// Files that are not a run's own, and log.txt, stay.
/// Errors: those of check_free(), and the file system's reason; no partial results are left.
Status write_run(const std::filesystem::path& folder, const host::RunRecord& record,
                 const Manifest& manifest, const WriteOptions& options = {});

/// Reads what write_run() wrote. Metrics come from metrics.csv or, if that is missing, from
/// metrics.h5. The model is not read.
/// Errors: the file that is missing or damaged, and the place of the damage.
Result<StoredRun> read_run(const std::filesystem::path& folder);

/// Whether the folder holds the results of a run.
bool is_run_folder(const std::filesystem::path& folder);
/// Whether `file` is a part of the results in its folder. log.txt is none, nor is report.html,
/// which can be drawn again.
bool belongs_to_run(const std::filesystem::path& file);

/// What a run ended with: the last value of a metric, or the mean of its values if it is declared
/// so. The cloud's if it has one; else any node's last, or the mean over all nodes'. Nothing if the
/// metric was not measured.
std::optional<double> final_value(const host::RunRecord& record, std::string_view metric);

}  // namespace skerry::experiments
