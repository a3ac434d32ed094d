#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "algorithms/sdk/result.hpp"
#include "experiments/results/run_folder.hpp"
#include "experiments/results/statistics.hpp"

namespace skerry::experiments {

/// Runs of one scenario that differ only in their seed. Tables and charts treat them as one line. A
/// single run is a group of one.
struct RunGroup {
  std::filesystem::path folder;
  std::string label;            // the scenario's name; read_groups() makes labels unique
  std::vector<StoredRun> runs;  // sorted by seed, at least one
};

/// Reads a run's folder, or a folder whose sub-folders each hold one run.
/// Errors: no runs there, those of read_run(), a seed that occurs twice, or runs that differ in
/// more than their seed.
Result<RunGroup> read_group(const std::filesystem::path& folder);

/// Reads several groups and makes their labels unique.
Result<std::vector<RunGroup>> read_groups(const std::vector<std::filesystem::path>& folders);

/// The estimate of a metric's final value over those of the group's runs that measured it.
Estimate estimate_final(const RunGroup& group, std::string_view metric);

/// That estimate for every metric, by name. A quantile that several runs measured has only `n`,
/// because a mean of quantiles has no meaning.
std::map<std::string, Estimate> final_estimates(const RunGroup& group);

/// Seed, folder, reason to stop and fingerprints of each run, and every metric's final value over
/// the runs: unit, mean, sd, 95 % interval, n, lowest, highest.
std::string group_summary_json(const RunGroup& group);
/// The final values alone: metric,unit,mean,sd,low95,high95,n,lowest,highest.
std::string group_summary_csv(const RunGroup& group);
/// Writes both beside the runs, as summary.json and summary.csv. Call it after each run of a batch;
/// each file is replaced atomically.
Status write_group_summary(const RunGroup& group);

/// The differences between two methods that ran with the same seeds.
struct PairedDifference {
  struct Pair {
    std::uint64_t seed;
    double reference;
    double value;
  };
  std::vector<Pair> pairs;
  Estimate difference;  // value - reference
  std::size_t higher = 0;
  std::size_t lower = 0;
  double sign_probability = 1;  // two-sided sign test
};

/// Compares a metric's final values over the seeds that both groups have.
PairedDifference paired_difference(const RunGroup& reference, const RunGroup& group,
                                   std::string_view metric);

}  // namespace skerry::experiments
