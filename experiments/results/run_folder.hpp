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

// One folder a run:
//   scenario.json  the scenario, every key with its value
//   manifest.json  where the numbers come from
//   metrics.csv    name,node,step,time_s,value
//   metrics.h5     the same, self-describing
//   spans.csv      node,step,what,begin_s,end_s
//   model.npz      the final model
//   checkpoint/    the last checkpoint before the end: where a run with a longer `stop` goes on
//   log.txt        what happened while it ran, with times: run_log.hpp
//
// While a run goes on its folder has the last, and metrics.csv as far as it has come. All else
// comes as one step at the end: a folder without manifest.json holds no results.

inline constexpr const char* kMetricsFile = "metrics.csv";
inline constexpr const char* kLogFile = "log.txt";
/// What metrics.csv is called while it grows beside the results of an earlier end.
inline constexpr const char* kMetricsSoFar = "metrics-so-far.csv";

/// A run as its folder tells it.
struct StoredRun {
  std::filesystem::path folder;
  Manifest manifest;
  host::RunRecord record;  // without the model: see read_model()
};

/// To be asked before a run starts rather than after it ended: whether the folder may take results.
/// So may one that has nothing but what a run left that never ended, or several of them a folder
/// down; its log is continued.
/// Errors: `PATH: exists and is not empty; results are never overwritten`.
Status check_free(const std::filesystem::path& folder);

/// What write_run() does beside writing.
struct WriteOptions {
  /// Of the run, as they lie on the disk: the newest one becomes a part of the results, unless it
  /// is larger than kLargestKeptCheckpoint. Empty: none is kept.
  std::filesystem::path checkpoints = {};
  /// The folder holds the same run up to an earlier end, whose files are replaced. Files that are
  /// not a run's own stay.
  bool replace = false;
  /// Told in one line what could not be kept beside the results. May be empty.
  std::function<void(const std::string& line)> say = {};
};
inline constexpr std::uintmax_t kLargestKeptCheckpoint = std::uintmax_t{256} << 20;

/// Where the results keep a checkpoint.
std::filesystem::path kept_checkpoint(const std::filesystem::path& folder);

/// Writes the folder as one step: it is there whole, or not at all. What lies there beside a run's
/// own files, log.txt too, stays.
/// Errors: those of check_free(), and whatever the file system says; nothing partial is left.
Status write_run(const std::filesystem::path& folder, const host::RunRecord& record,
                 const Manifest& manifest, const WriteOptions& options = {});

/// Reads what write_run() wrote, metrics from metrics.csv or, where that is missing, from
/// metrics.h5.
/// Errors: the file that is missing or damaged, and where.
Result<StoredRun> read_run(const std::filesystem::path& folder);

/// Whether the folder holds a run.
bool is_run_folder(const std::filesystem::path& folder);
/// Whether a path is one of the files that the run in its folder is made of: but for its page,
/// which can be drawn again.
bool belongs_to_run(const std::filesystem::path& file);

/// The last value of a metric, the cloud's where it has any; nothing where it was not measured.
std::optional<double> final_value(const host::RunRecord& record, std::string_view metric);

}  // namespace skerry::experiments
