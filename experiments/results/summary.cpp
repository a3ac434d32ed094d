#include "experiments/results/summary.hpp"

#include <algorithm>
#include <map>

#include "experiments/results/curve.hpp"
#include "experiments/results/metric_catalogue.hpp"
#include "experiments/results/readable.hpp"

namespace skerry::experiments {

namespace {

std::string padded(const std::string& text, std::size_t width, bool right) {
  const std::string space(width - std::min(width, display_width(text)), ' ');
  return right ? space + text : text + space;
}

/// Rounds of which there is a trace in the metrics; nothing for paradigms without rounds.
std::optional<double> rounds_of(const host::RunRecord& record) {
  std::optional<double> rounds;
  for (const host::MetricRow& row : record.metrics) {
    if (row.name != "round/accepted" && row.name != "test/accuracy") continue;
    rounds = std::max(rounds.value_or(0), static_cast<double>(row.step));
  }
  return rounds;
}

/// Of all runs of the group; empty where no job failed.
std::string failed_jobs_text(const RunGroup& group) {
  std::string text;
  for (const StoredRun& run : group.runs) {
    for (const host::FailedJobs& failed : run.manifest.failed_jobs) {
      text += text.empty() ? "" : "; ";
      if (group.runs.size() > 1) text += "seed " + std::to_string(run.manifest.seed) + ": ";
      text += host::in_words(failed);
    }
  }
  return text;
}

/// Of all runs of the group; empty where each learnt something.
std::string nothing_learnt_text(const RunGroup& group) {
  std::string text;
  for (const StoredRun& run : group.runs) {
    if (run.manifest.nothing_learnt.empty()) continue;
    text += text.empty() ? "" : "; ";
    if (group.runs.size() > 1) text += "seed " + std::to_string(run.manifest.seed) + ": ";
    text += run.manifest.nothing_learnt;
  }
  return text;
}

/// Of all runs of the group together; empty where every message was delivered.
std::string undelivered_text(const RunGroup& group) {
  std::map<std::string, std::uint64_t> counts;
  std::uint64_t all = 0;
  for (const StoredRun& run : group.runs) {
    for (const auto& [cause, count] : run.manifest.undelivered) {
      counts[cause] += count;
      all += count;
    }
  }
  std::string text;
  for (const auto& [cause, count] : counts) {
    text += (text.empty() ? "" : ", ") + std::to_string(count) + " " + cause;
  }
  return counts.empty() ? "" : std::to_string(all) + " messages: " + text;
}

template <class Read>
Estimate over_runs(const RunGroup& group, Read read) {
  std::vector<double> values;
  for (const StoredRun& run : group.runs) {
    if (const std::optional<double> value = read(run)) values.push_back(*value);
  }
  return estimate(values);
}

std::string duration_text(const Estimate& held) {
  return held.n == 1 ? readable_seconds(held.mean) : readable_estimate(held, "s");
}

std::string seeds_text(const RunGroup& group) {
  const auto& runs = group.runs;
  if (runs.size() == 1) return "seed " + std::to_string(runs.front().manifest.seed);
  std::string text = std::to_string(runs.size()) + " seeds: ";
  const std::uint64_t first = runs.front().manifest.seed;
  const std::uint64_t last = runs.back().manifest.seed;
  if (last - first + 1 == runs.size()) {
    return text + std::to_string(first) + " to " + std::to_string(last);
  }
  for (std::size_t i = 0; i < runs.size(); ++i) {
    text += (i ? ", " : "") + std::to_string(runs[i].manifest.seed);
  }
  return text;
}

std::string stops_text(const RunGroup& group) {
  std::vector<std::string> reasons;
  for (const StoredRun& run : group.runs) {
    const std::string& reason = run.manifest.stop_reason;
    if (std::find(reasons.begin(), reasons.end(), reason) == reasons.end()) {
      reasons.push_back(reason);
    }
  }
  if (reasons.size() > 2) return "for " + std::to_string(reasons.size()) + " reasons";
  return reasons.size() == 1 ? reasons[0] : reasons[0] + " or " + reasons[1];
}

/// Columns as wide as their widest cell; the first to the left, the others to the right.
std::string aligned(const std::vector<std::vector<std::string>>& rows, const std::string& indent) {
  std::string out;
  for (const auto& row : rows) {
    out += indent;
    for (std::size_t column = 0; column < row.size(); ++column) {
      std::size_t width = 0;
      for (const auto& each : rows) width = std::max(width, display_width(each[column]));
      out += (column ? "  " : "") + padded(row[column], width, column > 0);
    }
    out += "\n";
  }
  return out;
}

/// Of joint inference: what each threshold came to. Empty for other paradigms.
std::string threshold_lines(const RunGroup& group) {
  static constexpr std::pair<const char*, const char*> kColumns[] = {
      {"joint/offloaded", "offloaded"},       {"joint/accuracy", "accuracy"},
      {"joint/latency_p50_s", "latency p50"}, {"joint/latency_p95_s", "p95"},
      {"joint/latency_p99_s", "p99"},         {"joint/bytes_up", "bytes up"}};
  constexpr std::size_t kMost = 1000;
  const Curve thresholds = make_curve(group, "joint/threshold", kMost);
  std::vector<std::vector<std::string>> rows{{"threshold"}};
  for (const double threshold : thresholds.mean) {
    rows.push_back({readable_value(threshold, "1")});
  }
  for (const auto& [metric, name] : kColumns) {
    const Curve curve = make_curve(group, metric, kMost);
    if (rows.size() == 1 || curve.step != thresholds.step) continue;
    rows[0].emplace_back(name);
    for (std::size_t i = 0; i < curve.mean.size(); ++i) {
      const bool several = !curve.half_width.empty();
      const Estimate held{several ? group.runs.size() : 1, curve.mean[i], 0,
                          several ? curve.half_width[i] : 0};
      rows[i + 1].push_back(readable_estimate(held, describe_metric(metric).unit));
    }
  }
  return rows.size() == 1 ? "" : aligned(rows, "  ");
}

std::string traffic_lines(const TrafficSummary& traffic) {
  const std::string rows[2][4] = {
      {"up", traffic.tensor_up, traffic.encoded_up, traffic.wire_up},
      {"down", traffic.tensor_down, traffic.encoded_down, traffic.wire_down}};
  std::size_t width = 10;
  for (const auto& row : rows) {
    for (int i = 1; i < 4; ++i) width = std::max(width, display_width(row[i]) + 2);
  }
  std::string out = "  " + padded("bytes", 20, false);
  for (const char* head : {"tensor", "encoded", "wire"}) out += padded(head, width, true);
  for (const auto& row : rows) {
    out += "\n    " + padded(row[0], 18, false);
    for (int i = 1; i < 4; ++i) out += padded(row[i].empty() ? "–" : row[i], width, true);
  }
  return out + "\n";
}

std::string fingerprint_lines(const RunGroup& group) {
  const auto has = [](const StoredRun& run) { return run.manifest.has_fingerprints(); };
  if (std::none_of(group.runs.begin(), group.runs.end(), has)) return "";  // live
  if (group.runs.size() == 1) {
    const Manifest& manifest = group.runs.front().manifest;
    return "  " + padded("fingerprints", 20, false) + "schedule " +
           hex16(manifest.schedule_fingerprint) + "  numerics " +
           hex16(manifest.numerics_fingerprint) + " (" + manifest.numerics + ")\n";
  }
  std::string out = "  " + padded("fingerprints", 20, false) + "schedule          numerics\n";
  for (const StoredRun& run : group.runs) {
    out += "    " + padded("seed " + std::to_string(run.manifest.seed), 18, false) +
           fingerprint_text(run.manifest.schedule_fingerprint) + "  " +
           fingerprint_text(run.manifest.numerics_fingerprint) + "\n";
  }
  return out;
}

std::string group_text(const RunGroup& group) {
  std::string out =
      group.label + ", " + seeds_text(group) + ", stopped: " + stops_text(group) + "\n";
  for (const SummaryFact& fact : summary_facts(group)) {
    out += "  " + padded(fact.name, 20, false) + fact.value + "\n";
  }
  const TrafficSummary traffic = traffic_summary(group);
  if (traffic.any()) out += traffic_lines(traffic);
  out += threshold_lines(group);
  out += fingerprint_lines(group);
  if (group.runs.size() > 1) {
    out += "  ± half the 95 % interval of the mean (Student's t, n = " +
           std::to_string(group.runs.size()) + ")\n";
  }
  return out;
}

std::string comparison_text(std::span<const RunGroup> groups) {
  std::vector<std::string> names;
  std::vector<std::vector<SummaryFact>> facts;
  for (const RunGroup& group : groups) {
    facts.push_back(summary_facts(group));
    const TrafficSummary traffic = traffic_summary(group);
    if (traffic.any()) {
      facts.back().push_back({"wire up", traffic.wire_up, ""});
      facts.back().push_back({"wire down", traffic.wire_down, ""});
    }
    for (const SummaryFact& fact : facts.back()) {
      if (std::find(names.begin(), names.end(), fact.name) == names.end()) {
        names.push_back(fact.name);
      }
    }
  }
  std::vector<std::vector<std::string>> rows{{"run", "seeds"}};
  rows[0].insert(rows[0].end(), names.begin(), names.end());
  for (std::size_t i = 0; i < groups.size(); ++i) {
    auto& row = rows.emplace_back();
    row = {groups[i].label, std::to_string(groups[i].runs.size())};
    for (const std::string& name : names) {
      const auto fact = std::find_if(facts[i].begin(), facts[i].end(),
                                     [&](const SummaryFact& each) { return each.name == name; });
      row.push_back(fact == facts[i].end() ? "–" : fact->value);
    }
  }
  return aligned(rows, "");
}

}  // namespace

std::vector<SummaryFact> summary_facts(const RunGroup& group) {
  std::vector<SummaryFact> facts;
  const Estimate rounds = over_runs(group, [](const auto& run) { return rounds_of(run.record); });
  if (rounds.n > 0)
    facts.push_back({"rounds", readable_estimate(rounds, "1"), "rounds until the run stopped"});
  const auto metric = [&](const char* name, const char* shown) {
    const MetricInfo info = describe_metric(name);
    const Estimate held = estimate_final(group, name);
    if (held.n > 0) facts.push_back({shown, readable_estimate(held, info.unit), info.meaning});
  };
  metric("test/accuracy", "test accuracy");
  metric("test/loss", "test loss");
  facts.push_back({"virtual time",
                   duration_text(over_runs(group,
                                           [](const StoredRun& run) -> std::optional<double> {
                                             return run.manifest.ended.in_seconds();
                                           })),
                   "time in the simulated world, or on the steady clock of a live run"});
  facts.push_back({"wall time",
                   duration_text(over_runs(group,
                                           [](const StoredRun& run) -> std::optional<double> {
                                             return run.manifest.wall_seconds;
                                           })),
                   "time that this computer took"});
  metric("energy/total_joules", "energy (modelled)");
  metric("joint/edge_accuracy", "edge accuracy");
  metric("joint/cloud_accuracy", "cloud accuracy");
  const std::string nothing = nothing_learnt_text(group);
  if (!nothing.empty()) {
    facts.push_back({"nothing was learnt", nothing, "the result is no better than the start"});
  }
  const std::string failed = failed_jobs_text(group);
  if (!failed.empty()) {
    facts.push_back({"jobs that failed", failed, "by kind of job, and what the last one said"});
  }
  const std::string undelivered = undelivered_text(group);
  if (!undelivered.empty()) {
    facts.push_back({"undelivered", undelivered, "why messages did not reach their node"});
  }
  return facts;
}

TrafficSummary traffic_summary(const RunGroup& group) {
  const auto text = [&](const char* name) {
    const Estimate held = estimate_final(group, name);
    return held.n > 0 ? readable_estimate(held, "bytes") : std::string();
  };
  return {.tensor_up = text("bytes/tensor_up"),
          .encoded_up = text("bytes/encoded_up"),
          .wire_up = text("bytes/wire_up"),
          .tensor_down = text("bytes/tensor_down"),
          .encoded_down = text("bytes/encoded_down"),
          .wire_down = text("bytes/wire_down")};
}

std::string summary_text(std::span<const RunGroup> groups) {
  return groups.size() == 1 ? group_text(groups[0]) : comparison_text(groups);
}

}  // namespace skerry::experiments
