#include "experiments/results/export.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "algorithms/sdk/printable.hpp"
#include "datasets/csv.hpp"
#include "experiments/results/tidy_csv.hpp"

namespace skerry::experiments {

namespace {

struct Step {
  SimTime time;
  std::map<std::string, double> values;
};
/// What a step counts, and which one it is.
using StepKey = std::pair<std::string, std::uint64_t>;

std::string counted_by(const role::Results& results, const std::string& metric) {
  const role::MetricInfo* info = results.find(metric);
  return info != nullptr && !info->step.empty() ? info->step : results.step;
}

std::map<StepKey, Step> steps_of(const StoredRun& run) {
  std::map<StepKey, Step> steps;
  for (const host::MetricRow& row : run.record.metrics) {
    if (!row.node.is_cloud()) continue;
    Step& step = steps[{counted_by(run.manifest.results, row.name), row.step}];
    step.time = std::max(step.time, row.time);
    step.values[row.name] = row.value;
  }
  return steps;
}

std::string run_fields(const RunGroup& group, const StoredRun& run) {
  return datasets::csv_field(group.label) + "," + std::to_string(run.manifest.seed) + ",";
}

}  // namespace

std::string combined_csv(const std::vector<RunGroup>& groups) {
  std::string out = "run,seed,name,node,step,time_s,value\n";
  for (const RunGroup& group : groups) {
    for (const StoredRun& run : group.runs) {
      const std::string fields = run_fields(group, run);
      for (const host::MetricRow& row : run.record.metrics) {
        out += fields + metric_row_csv(row);
      }
    }
  }
  return out;
}

WideTable wide_table(const std::vector<RunGroup>& groups) {
  WideTable table;
  std::set<std::string> names, counts;
  for (const RunGroup& group : groups) {
    for (const StoredRun& run : group.runs) {
      for (const host::MetricRow& row : run.record.metrics) {
        if (!row.node.is_cloud()) continue;
        names.insert(row.name);
        counts.insert(counted_by(run.manifest.results, row.name));
        ++table.left_out;
      }
    }
  }
  const bool says_what = counts.size() > 1;
  std::string& out = table.csv;
  out = says_what ? "run,seed,of,step,time_s" : "run,seed,step,time_s";
  for (const std::string& name : names) out += "," + datasets::csv_field(name);
  out += "\n";
  for (const RunGroup& group : groups) {
    for (const StoredRun& run : group.runs) {
      for (const auto& [key, step] : steps_of(run)) {
        table.left_out -= step.values.size();
        out += run_fields(group, run) + (says_what ? datasets::csv_field(key.first) + "," : "") +
               std::to_string(key.second) + "," + seconds_text(step.time);
        for (const std::string& name : names) {
          const auto value = step.values.find(name);
          out += "," + (value == step.values.end() ? "" : number_text(value->second));
        }
        out += "\n";
      }
    }
  }
  return table;
}

}  // namespace skerry::experiments
