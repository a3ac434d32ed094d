#include "experiments/results/summary.hpp"

#include <algorithm>
#include <map>

#include "algorithms/sdk/printable.hpp"
#include "experiments/results/curve.hpp"
#include "experiments/results/declared.hpp"
#include "experiments/results/readable.hpp"

namespace skerry::experiments {

namespace {

std::string padded(const std::string& text, std::size_t width, bool right) {
  const std::string space(width - std::min(width, display_width(text)), ' ');
  return right ? space + text : text + space;
}

/// The last step that the cloud recorded.
std::optional<double> steps_of(const host::RunRecord& record) {
  std::optional<double> steps;
  for (const host::MetricRow& row : record.metrics) {
    if (row.node.is_cloud()) steps = std::max(steps.value_or(0), static_cast<double>(row.step));
  }
  return steps;
}

/// The failed jobs of all runs of the group; empty if none failed.
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

/// Why runs of the group learnt nothing; empty if each learnt something.
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

/// The undelivered messages of all runs together, by cause; empty if all were delivered.
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

/// How many messages of all runs together were altered on the way.
std::uint64_t corrupted_messages(const RunGroup& group) {
  std::uint64_t all = 0;
  for (const StoredRun& run : group.runs) all += run.manifest.corrupted;
  return all;
}

/// The counts of all runs together under names with this beginning: `7 abandoned, 21 lost`.
std::string counts_text(const RunGroup& group, std::string_view beginning) {
  std::map<std::string, double> counts;
  for (const StoredRun& run : group.runs) {
    std::map<std::string, double> last;
    for (const host::MetricRow& row : run.record.metrics) {
      if (row.name.starts_with(beginning)) last[row.name.substr(beginning.size())] = row.value;
    }
    for (const auto& [name, count] : last) counts[name] += count;
  }
  std::string text;
  for (const auto& [name, count] : counts) {
    if (count > 0) text += (text.empty() ? "" : ", ") + readable_value(count, "1") + " " + name;
  }
  return text;
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

bool any_failed(const RunGroup& group) {
  return std::ranges::any_of(group.runs, [](const StoredRun& run) { return run.manifest.failed; });
}

/// Makes each column as wide as its widest cell. Aligns the first one left, the others right.
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

std::string range_text(double low, double high, const std::string& unit) {
  const std::string from = readable_value(low, unit), to = readable_value(high, unit);
  return from == to ? from : from + " – " + to;
}

/// A section's table, with one row per step.
std::string step_lines(const RunGroup& group, const role::Section& section,
                       const role::Results& declared) {
  constexpr std::size_t kMost = 1000;
  std::vector<std::vector<std::string>> rows;
  std::vector<std::uint64_t> steps;
  bool ranges = false;
  for (const std::string& metric : section.columns) {
    const Curve curve = make_curve(group, metric, kMost);
    if (rows.empty()) {
      steps = curve.step;
      rows.resize(steps.size() + 1);
    }
    if (steps.empty() || curve.step != steps) continue;
    const role::MetricInfo info = info_of(declared, metric);
    const bool names_rows = rows[0].empty();
    rows[0].push_back(info.label);
    for (std::size_t i = 0; i < steps.size(); ++i) {
      if (!curve.low.empty()) {
        rows[i + 1].push_back(range_text(curve.low[i], curve.high[i], info.unit));
        ranges = true;
        continue;
      }
      const bool several = !curve.half_width.empty() && !names_rows;
      const Estimate held{several ? group.runs.size() : 1, curve.mean[i], 0,
                          several ? curve.half_width[i] : 0};
      rows[i + 1].push_back(readable_estimate(held, info.unit));
    }
  }
  if (rows.empty() || rows[0].size() < 2) return "";
  return aligned(rows, "  ") +
         (ranges ? "  quantiles: from the lowest to the highest of the seeds\n" : "");
}

std::string table_lines(const FinalTable& table) {
  const std::size_t columns = table.shown.columns.size();
  std::size_t width = 10;
  for (const std::string& cell : table.cells) width = std::max(width, display_width(cell) + 2);
  std::string out = "  " + padded(table.shown.title, 20, false);
  for (const std::string& column : table.shown.columns) out += padded(column, width, true);
  for (std::size_t i = 0; i < table.cells.size(); ++i) {
    if (i % columns == 0) out += "\n    " + padded(table.shown.rows[i / columns], 18, false);
    out += padded(table.cells[i].empty() ? "–" : table.cells[i], width, true);
  }
  return out + "\n";
}

std::string fingerprint_lines(const RunGroup& group) {
  const auto has = [](const StoredRun& run) { return run.manifest.has_fingerprints(); };
  if (std::none_of(group.runs.begin(), group.runs.end(), has)) return "";  // live runs
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

bool holds(const std::vector<std::string>& names, const std::string& name) {
  return std::ranges::find(names, name) != names.end();
}

/// Whether a table shows the metric step by step. Its last step is then not the run's outcome.
bool has_row_per_step(const role::Results& declared, const std::string& metric) {
  return std::ranges::any_of(declared.sections, [&](const role::Section& section) {
    return holds(section.columns, metric);
  });
}

bool stands_in_table(const role::Results& declared, const std::string& metric) {
  return std::ranges::any_of(
      declared.tables, [&](const role::Table& table) { return holds(table.metrics, metric); });
}

std::string group_text(const RunGroup& group) {
  std::string out = group.label + ", " + seeds_text(group) +
                    (any_failed(group) ? ", could not go on: " : ", stopped: ") +
                    stops_text(group) + "\n";
  for (const SummaryFact& fact : summary_facts(group)) {
    if (fact.in_table) continue;
    out += "  " + padded(fact.name, 20, false) + fact.value + "\n";
  }
  const role::Results declared = declared_by(group);
  for (const FinalTable& table : final_tables(group)) out += table_lines(table);
  for (const role::Section& section : declared.sections) {
    out += step_lines(group, section, declared);
  }
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
  const role::Results declared = declared_by(group);
  std::vector<SummaryFact> facts;
  if (!declared.step.empty()) {
    const Estimate steps = over_runs(group, [](const auto& run) { return steps_of(run.record); });
    const std::string name = declared.step + "s";
    if (steps.n > 0) {
      facts.push_back({name, readable_estimate(steps, "1"), name + " until the run stopped"});
    }
  }
  for (const role::MetricInfo& info : declared.metrics) {
    if (!info.headline || has_row_per_step(declared, info.name)) continue;
    const Estimate held = estimate_final(group, info.name);
    if (held.n == 0) continue;
    facts.push_back({info.label, readable_estimate(held, info.unit), info.meaning,
                     stands_in_table(declared, info.name)});
  }
  for (const role::MetricInfo& info : declared.metrics) {
    if (!info.name.ends_with("/*")) continue;
    const std::string text = counts_text(group, info.name.substr(0, info.name.size() - 1));
    if (!text.empty()) facts.push_back({info.label, text, info.meaning});
  }
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
  if (const std::uint64_t corrupted = corrupted_messages(group); corrupted > 0) {
    facts.push_back({"corrupted", std::to_string(corrupted) + " messages",
                     "messages whose values were altered on the way, whether they were noticed or "
                     "not"});
  }
  return facts;
}

std::vector<FinalTable> final_tables(const RunGroup& group) {
  const role::Results declared = declared_by(group);
  std::vector<FinalTable> tables;
  for (const role::Table& shown : declared.tables) {
    FinalTable table{shown, {}};
    bool any = false;
    for (const std::string& metric : shown.metrics) {
      const Estimate held = estimate_final(group, metric);
      any |= held.n > 0;
      table.cells.push_back(held.n > 0 ? readable_estimate(held, info_of(declared, metric).unit)
                                       : "");
    }
    if (any) tables.push_back(std::move(table));
  }
  return tables;
}

std::string summary_text(std::span<const RunGroup> groups) {
  return groups.size() == 1 ? group_text(groups[0]) : comparison_text(groups);
}

}  // namespace skerry::experiments
