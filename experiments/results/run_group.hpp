#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "algorithms/sdk/result.hpp"
#include "experiments/results/run_folder.hpp"
#include "experiments/results/statistics.hpp"

namespace skerry::experiments {

/// Runs of one scenario that differ in their seed: what tables and pictures treat as one line. A
/// single run is a group of one.
struct RunGroup {
  std::filesystem::path folder;
  std::string label;            // the scenario's name, told apart where two groups share one
  std::vector<StoredRun> runs;  // by seed, at least one
};

/// Reads a run's folder, or a folder with one run a sub-folder.
/// Errors: no runs there, those of read_run(), or runs that differ in more than their seed.
Result<RunGroup> read_group(const std::filesystem::path& folder);

/// Reads several; labels differ.
Result<std::vector<RunGroup>> read_groups(const std::vector<std::filesystem::path>& folders);

/// Over the group's runs that measured it.
Estimate estimate_final(const RunGroup& group, std::string_view metric);

/// Every metric's final value over the runs, by name.
std::map<std::string, Estimate> final_estimates(const RunGroup& group);

/// Seed, folder, reason to stop and fingerprints of each run, and every metric's final value over
/// the runs: unit, mean, sd, 95 % interval, n.
std::string group_summary_json(const RunGroup& group);
/// The final values alone: metric,unit,mean,sd,low95,high95,n.
std::string group_summary_csv(const RunGroup& group);
/// Writes both as summary.json and summary.csv beside the runs. Call it after each run of a batch:
/// the files are replaced as one step each.
Status write_group_summary(const RunGroup& group);

/// How seeds change the result when two methods run under the same ones.
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

/// Of a metric's final values, over the seeds that both groups have.
PairedDifference paired_difference(const RunGroup& reference, const RunGroup& group,
                                   std::string_view metric);

}  // namespace skerry::experiments
