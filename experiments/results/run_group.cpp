#include "experiments/results/run_group.hpp"

#include <algorithm>
#include <cmath>
#include <set>

#include "algorithms/sdk/printable.hpp"
#include "datasets/csv.hpp"
#include "datasets/file_bytes.hpp"
#include "experiments/results/declared.hpp"
#include "experiments/results/identity.hpp"
#include "scenarios/schema/json.hpp"

namespace skerry::experiments {

namespace fs = std::filesystem;

namespace {

std::vector<fs::path> runs_in(const fs::path& folder) {
  std::vector<fs::path> folders;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    if (entry.path().extension() != ".part" && is_run_folder(entry.path())) {
      folders.push_back(entry.path());
    }
  }
  return folders;
}

ConfigNode number_node(double value) {
  return std::isfinite(value) ? ConfigNode(value) : ConfigNode();
}

/// Why two runs do not differ in their seed alone; nothing if they do.
std::optional<std::string> mixed(const StoredRun& one, const StoredRun& next) {
  RunIdentity first = identity_of(one), second = identity_of(next);
  // Generated data differ with the seed; their origin then names another seed, too.
  if (one.manifest.data_origin != next.manifest.data_origin) second.data_hash.reset();
  for (RunIdentity* run : {&first, &second}) run->scenario.erase("seed");
  if (auto found = difference(first, second)) return found;
  return difference(first.scenario, second.scenario);
}

std::string finite_text(double value) { return std::isfinite(value) ? number_text(value) : ""; }

}  // namespace

Result<RunGroup> read_group(const fs::path& folder) {
  std::error_code error;
  if (!fs::is_directory(folder, error)) return Failure{folder.string() + ": no such folder"};
  std::vector<fs::path> folders{folder};
  if (!is_run_folder(folder)) folders = runs_in(folder);
  if (folders.empty() && fs::exists(folder / "scenario.json", error)) {
    return Failure{
        folder.string() +
        ": holds a run that has not ended (no manifest.json): go on with it by skerry run "
        "--resume"};
  }
  if (folders.empty()) {
    return Failure{folder.string() + ": holds no run (no manifest.json here or one folder down)"};
  }
  RunGroup group;
  group.folder = folder;
  for (const fs::path& each : folders) {
    auto run = read_run(each);
    if (!run) return run.failure();
    group.runs.push_back(std::move(*run));
  }
  std::sort(group.runs.begin(), group.runs.end(), [](const StoredRun& a, const StoredRun& b) {
    return std::pair(a.manifest.seed, a.folder) < std::pair(b.manifest.seed, b.folder);
  });
  for (std::size_t i = 1; i < group.runs.size(); ++i) {
    const StoredRun& one = group.runs[i - 1];
    const StoredRun& next = group.runs[i];
    if (one.manifest.name != next.manifest.name) {
      return Failure{folder.string() + ": holds runs of \"" + one.manifest.name + "\" and of \"" +
                     next.manifest.name + "\"; name the runs one by one"};
    }
    if (one.manifest.seed == next.manifest.seed) {
      return Failure{folder.string() + ": holds seed " + std::to_string(one.manifest.seed) +
                     " twice; name the runs one by one"};
    }
    if (const auto why = mixed(one, next)) {
      return Failure{folder.string() + ": holds runs of two scenarios, " +
                     one.folder.filename().string() + " (there) and " +
                     next.folder.filename().string() + " (here): " + *why +
                     "; name the runs one by one"};
    }
  }
  group.label = group.runs.front().manifest.name;
  if (group.label.empty()) group.label = folder.filename().string();
  return group;
}

Result<std::vector<RunGroup>> read_groups(const std::vector<fs::path>& folders) {
  std::vector<RunGroup> groups;
  std::set<fs::path> runs;
  for (const fs::path& folder : folders) {
    auto group = read_group(folder);
    if (!group) return group.failure();
    for (const StoredRun& run : group->runs) {
      std::error_code ignored;
      if (runs.insert(fs::canonical(run.folder, ignored)).second) continue;
      return Failure{run.folder.string() + ": this run is named twice; name it once"};
    }
    groups.push_back(std::move(*group));
  }
  std::map<std::string, int> count;
  for (const RunGroup& group : groups) ++count[group.label];
  std::set<std::string> taken;
  for (RunGroup& group : groups) {
    if (count[group.label] > 1) {
      const fs::path place = (group.folder / "").lexically_normal().parent_path();
      group.label += " (" + place.filename().string() + ")";
    }
    const std::string label = group.label;
    for (int copy = 2; !taken.insert(group.label).second; ++copy) {
      group.label = label + " " + std::to_string(copy);
    }
  }
  return groups;
}

Estimate estimate_final(const RunGroup& group, std::string_view metric) {
  std::vector<double> values;
  for (const StoredRun& run : group.runs) {
    if (const auto value = final_value(run.record, metric)) values.push_back(*value);
  }
  return estimate(values);
}

std::map<std::string, Estimate> final_estimates(const RunGroup& group) {
  std::map<std::string, Estimate> estimates;
  for (const StoredRun& run : group.runs) {
    for (const host::MetricRow& row : run.record.metrics) estimates[row.name];
  }
  for (auto& [name, held] : estimates) {
    held = estimate_final(group, name);
    const role::MetricInfo* info = group.runs.front().record.declared.find(name);
    if (held.n < 2 || info == nullptr || !info->quantile) continue;
    const std::size_t n = held.n;
    held = {};  // a mean of quantiles has no meaning
    held.n = n;
  }
  return estimates;
}

namespace {

/// The lowest and the highest of the runs' final values; NaN if no run measured the metric.
std::pair<double, double> range_of_finals(const RunGroup& group, std::string_view metric) {
  std::vector<double> values;
  for (const StoredRun& run : group.runs) {
    if (const auto value = final_value(run.record, metric)) values.push_back(*value);
  }
  if (values.empty()) return {std::nan(""), std::nan("")};
  const auto [lowest, highest] = std::ranges::minmax_element(values);
  return {*lowest, *highest};
}

}  // namespace

std::string group_summary_csv(const RunGroup& group) {
  const role::Results declared = declared_by(group);
  std::string csv = "metric,unit,mean,sd,low95,high95,n,lowest,highest\n";
  for (const auto& [name, held] : final_estimates(group)) {
    const auto [lowest, highest] = range_of_finals(group, name);
    csv += datasets::csv_field(name) + "," + datasets::csv_field(info_of(declared, name).unit) +
           "," + finite_text(held.mean) + "," + finite_text(held.sd) + "," +
           finite_text(held.mean - held.half_width) + "," +
           finite_text(held.mean + held.half_width) + "," + std::to_string(held.n) + "," +
           finite_text(lowest) + "," + finite_text(highest) + "\n";
  }
  return csv;
}

std::string group_summary_json(const RunGroup& group) {
  const role::Results declared = declared_by(group);
  ConfigNode metrics = ConfigNode::object();
  for (const auto& [name, held] : final_estimates(group)) {
    const auto [lowest, highest] = range_of_finals(group, name);
    metrics.set(name, ConfigNode::Object{{"unit", info_of(declared, name).unit},
                                         {"mean", number_node(held.mean)},
                                         {"sd", number_node(held.sd)},
                                         {"low95", number_node(held.mean - held.half_width)},
                                         {"high95", number_node(held.mean + held.half_width)},
                                         {"n", static_cast<std::int64_t>(held.n)},
                                         {"lowest", number_node(lowest)},
                                         {"highest", number_node(highest)}});
  }
  ConfigNode::Array runs;
  for (const StoredRun& run : group.runs) {
    ConfigNode row = ConfigNode::Object{{"seed", static_cast<std::int64_t>(run.manifest.seed)},
                                        {"folder", run.folder.filename().string()},
                                        {"stop_reason", run.manifest.stop_reason}};
    if (run.manifest.has_fingerprints()) {
      row.set("schedule", hex16(run.manifest.schedule_fingerprint));
      row.set("numerics", hex16(run.manifest.numerics_fingerprint));
    }
    runs.push_back(std::move(row));
  }
  const ConfigNode node = ConfigNode::Object{
      {"name", group.label}, {"runs", std::move(runs)}, {"final", std::move(metrics)}};
  return schema::write_json(node);
}

Status write_group_summary(const RunGroup& group) {
  using datasets::write_file;
  const Status status = write_file(group.folder / "summary.csv", group_summary_csv(group));
  return status ? write_file(group.folder / "summary.json", group_summary_json(group)) : status;
}

PairedDifference paired_difference(const RunGroup& reference, const RunGroup& group,
                                   std::string_view metric) {
  std::map<std::uint64_t, double> before;
  for (const StoredRun& run : reference.runs) {
    if (const auto value = final_value(run.record, metric)) before[run.manifest.seed] = *value;
  }
  PairedDifference result;
  std::vector<double> differences;
  for (const StoredRun& run : group.runs) {
    const auto value = final_value(run.record, metric);
    const auto other = before.find(run.manifest.seed);
    if (!value || other == before.end()) continue;
    result.pairs.push_back({run.manifest.seed, other->second, *value});
    const double difference = *value - other->second;
    differences.push_back(difference);
    result.higher += difference > 0 ? 1 : 0;
    result.lower += difference < 0 ? 1 : 0;
  }
  result.difference = estimate(differences);
  result.sign_probability = sign_test(result.higher, result.lower);
  return result;
}

}  // namespace skerry::experiments
