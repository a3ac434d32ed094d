#include "experiments/results/export.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "algorithms/sdk/printable.hpp"
#include "experiments/results/tidy_csv.hpp"

namespace skerry::experiments {

namespace {

struct Step {
  SimTime time;
  std::map<std::string, double> values;
};

std::map<std::uint64_t, Step> steps_of(const host::RunRecord& record) {
  std::map<std::uint64_t, Step> steps;
  for (const host::MetricRow& row : record.metrics) {
    if (!row.node.is_cloud()) continue;
    Step& step = steps[row.step];
    step.time = std::max(step.time, row.time);
    step.values[row.name] = row.value;
  }
  return steps;
}

std::string run_fields(const RunGroup& group, const StoredRun& run) {
  return csv_field(group.label) + "," + std::to_string(run.manifest.seed) + ",";
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

std::string wide_csv(const std::vector<RunGroup>& groups) {
  std::set<std::string> names;
  for (const RunGroup& group : groups) {
    for (const StoredRun& run : group.runs) {
      for (const host::MetricRow& row : run.record.metrics) {
        if (row.node.is_cloud()) names.insert(row.name);
      }
    }
  }
  std::string out = "run,seed,step,time_s";
  for (const std::string& name : names) out += "," + csv_field(name);
  out += "\n";
  for (const RunGroup& group : groups) {
    for (const StoredRun& run : group.runs) {
      for (const auto& [number, step] : steps_of(run.record)) {
        out += run_fields(group, run) + std::to_string(number) + "," + seconds_text(step.time);
        for (const std::string& name : names) {
          const auto value = step.values.find(name);
          out += "," + (value == step.values.end() ? "" : number_text(value->second));
        }
        out += "\n";
      }
    }
  }
  return out;
}

}  // namespace skerry::experiments
