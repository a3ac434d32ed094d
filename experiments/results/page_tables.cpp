#include "experiments/results/page_tables.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "algorithms/sdk/printable.hpp"
#include "experiments/results/declared.hpp"
#include "experiments/results/page_text.hpp"
#include "experiments/results/readable.hpp"
#include "experiments/results/summary.hpp"
#include "scenarios/schema/json.hpp"

namespace skerry::experiments {

namespace {

std::string cell(const std::string& text, std::string_view tag = "td") {
  const std::string name(tag);
  return "<" + name + ">" + html_text(text.empty() ? "–" : text) + "</" + name + ">";
}

std::string head(const std::vector<std::string>& columns) {
  std::string out = "<thead><tr>";
  for (const std::string& column : columns)
    out += "<th scope=\"col\">" + html_text(column) + "</th>";
  return out + "</tr></thead>";
}

std::string row_head(const std::string& text) {
  return "<th scope=\"row\">" + html_text(text) + "</th>";
}

/// A group's name beside the colour and dashes of its lines in the charts.
std::string marked(const std::vector<RunGroup>& groups, std::size_t i) {
  if (groups.size() == 1) return html_text(groups[i].label);
  return "<span class=\"swatch s" + std::to_string(i % 8) + " d" + std::to_string((i + i / 8) % 4) +
         "\"></span>" + html_text(groups[i].label);
}

std::string tiles(const RunGroup& group) {
  std::string out = "<div class=\"tiles\">";
  for (const SummaryFact& fact : summary_facts(group)) {
    if (fact.in_table) continue;
    constexpr std::string_view kPlus = " ± ";
    const auto plus = fact.value.find(kPlus);
    std::string value = fact.value.substr(0, plus);
    if (plus != std::string::npos) {  // the unit stands behind the half width only
      const auto unit = fact.value.find(' ', plus + kPlus.size());
      if (unit != std::string::npos) value += fact.value.substr(unit);
    }
    constexpr std::size_t kShort = 28;  // what fits into one tile
    const std::string tile = value.size() > kShort ? "tile list" : "tile";
    out += "<div class=\"" + tile + "\" title=\"" + html_text(fact.meaning) +
           "\"><span class=\"name\">" + html_text(fact.name) + "</span><span class=\"value\">" +
           html_text(value) + "</span>";
    if (plus != std::string::npos) {
      out += "<span class=\"interval\">" + html_text(fact.value.substr(plus + 1)) + "</span>";
    }
    out += "</div>";
  }
  return out + "</div>";
}

std::string fact_table(const std::vector<RunGroup>& groups) {
  std::vector<std::string> names;
  std::vector<std::vector<SummaryFact>> facts;
  for (const RunGroup& group : groups) {
    facts.push_back(summary_facts(group));
    std::erase_if(facts.back(), [](const SummaryFact& fact) { return fact.in_table; });
    for (const SummaryFact& fact : facts.back()) {
      if (std::find(names.begin(), names.end(), fact.name) == names.end()) {
        names.push_back(fact.name);
      }
    }
  }
  std::vector<std::string> columns{"run", "seeds"};
  columns.insert(columns.end(), names.begin(), names.end());
  std::string out = "<div class=\"scroll\"><table>" + head(columns) + "<tbody>";
  for (std::size_t i = 0; i < groups.size(); ++i) {
    out += "<tr><th scope=\"row\">" + marked(groups, i) + "</th>" +
           cell(std::to_string(groups[i].runs.size()));
    for (const std::string& name : names) {
      const auto fact = std::find_if(facts[i].begin(), facts[i].end(),
                                     [&](const SummaryFact& each) { return each.name == name; });
      out += cell(fact == facts[i].end() ? "" : fact->value);
    }
    out += "</tr>";
  }
  return out + "</tbody></table></div>";
}

/// One declared table for several groups: a row per group; the table's rows become column groups.
std::string final_table(const std::vector<RunGroup>& groups, const role::Table& shown) {
  std::string rows;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    for (const FinalTable& table : final_tables(groups[i])) {
      if (table.shown.title != shown.title) continue;
      rows += "<tr><th scope=\"row\">" + marked(groups, i) + "</th>";
      for (const std::string& value : table.cells) rows += cell(value);
      rows += "</tr>";
    }
  }
  if (rows.empty()) return {};
  std::string above, below;
  for (const std::string& row : shown.rows) {
    above += "<th colspan=\"" + std::to_string(shown.columns.size()) + "\" scope=\"colgroup\">" +
             html_text(row) + "</th>";
    for (const std::string& column : shown.columns) {
      below += "<th scope=\"col\">" + html_text(column) + "</th>";
    }
  }
  return "<div class=\"scroll\"><table><caption>" + html_text(shown.meaning) +
         "</caption><thead><tr><th rowspan=\"2\" scope=\"col\">run</th>" + above + "</tr><tr>" +
         below + "</tr></thead><tbody>" + rows + "</tbody></table></div>";
}

std::string signed_value(double value, const std::string& unit) {
  if (!std::isfinite(value)) return "–";
  return (value < 0 ? "−" : "+") + readable_value(std::fabs(value), unit);
}

std::string signed_estimate(const Estimate& held, const std::string& unit) {
  if (held.n < 2) return signed_value(held.mean, unit);
  return signed_value(held.mean, unit) + " ± " + readable_value(held.half_width, unit);
}

std::string probability_text(double probability) {
  char text[32];
  std::snprintf(text, sizeof text, probability < 0.001 ? "%.1e" : "%.3f", probability);
  return text;
}

std::string pair_details(const PairedDifference& held, const std::string& reference,
                         const std::string& label, const std::string& unit) {
  std::string out = "<details><summary>each seed</summary><table>" +
                    head({"seed", reference, label, "difference"}) + "<tbody>";
  for (const auto& pair : held.pairs) {
    out += "<tr>" + row_head(std::to_string(pair.seed)) +
           cell(readable_value(pair.reference, unit)) + cell(readable_value(pair.value, unit)) +
           cell(signed_value(pair.value - pair.reference, unit)) + "</tr>";
  }
  return out + "</tbody></table></details>";
}

std::string definition(const std::string& name, const std::string& value) {
  return value.empty() ? "" : "<dt>" + html_text(name) + "</dt><dd>" + html_text(value) + "</dd>";
}

std::string copyable(const std::string& command) {
  return "<div class=\"command\"><code>" + html_text(command) +
         "</code><button type=\"button\" class=\"copy\">Copy</button></div>";
}

std::string run_table(const RunGroup& group) {
  std::string out = "<div class=\"scroll\"><table>" +
                    head({"seed", "stopped", "schedule fingerprint", "numerics fingerprint",
                          "model SHA-256", "started (UTC)"}) +
                    "<tbody>";
  for (const StoredRun& run : group.runs) {
    const Manifest& manifest = run.manifest;
    out +=
        "<tr>" + row_head(std::to_string(manifest.seed)) + cell(manifest.stop_reason) +
        "<td><code>" + fingerprint_text(manifest.schedule_fingerprint) + "</code></td><td><code>" +
        fingerprint_text(manifest.numerics_fingerprint) + "</code></td><td><code title=\"" +
        html_text(manifest.model_sha256) + "\">" +
        html_text(manifest.model_sha256.empty() ? "–" : manifest.model_sha256.substr(0, 16) + "…") +
        "</code></td>" + cell(manifest.started_utc) + "</tr>";
  }
  return out + "</tbody></table></div>";
}

std::string libraries_text(const Manifest& manifest) {
  std::string out;
  for (const auto& [name, version] : manifest.libraries) {
    out += (out.empty() ? "" : ", ") + name + " " + version;
  }
  return out;
}

std::string definitions(const Manifest& manifest) {
  std::string plugins;
  for (const auto& plugin : manifest.plugins) {
    plugins += (plugins.empty() ? "" : ", ") + plugin.path + " (SHA-256 " + plugin.sha256 + ")";
  }
  std::string data = manifest.data_origin;
  if (manifest.data_hash != 0) data += " (hash " + hex16(manifest.data_hash) + ")";
  std::string kernels = manifest.kernels;
  if (manifest.threads > 0) {
    kernels += (kernels.empty() ? "" : ", ") + std::to_string(manifest.threads) +
               (manifest.threads == 1 ? " thread" : " threads");
  }
  return "<dl>" + definition("paradigm", manifest.paradigm) + definition("data", data) +
         definition("numerics", manifest.numerics) + definition("kernels", kernels) +
         definition("plugins", plugins) +
         definition("program", "skerry " + manifest.version + ", source " + manifest.commit) +
         definition("compiler", manifest.compiler + ", " + manifest.compiler_flags) +
         definition("libraries", libraries_text(manifest)) +
         definition("computer", manifest.processor + ", " + std::to_string(manifest.cores) +
                                    " logical cores, " + manifest.system) +
         "</dl>";
}

}  // namespace

std::string summary_section(const std::vector<RunGroup>& groups) {
  std::string out = groups.size() == 1 ? tiles(groups[0]) : fact_table(groups);
  for (const role::Table& table : declared_by(groups).tables) out += final_table(groups, table);
  const bool seeds = std::any_of(groups.begin(), groups.end(),
                                 [](const RunGroup& group) { return group.runs.size() > 1; });
  if (seeds) {
    out +=
        "<p class=\"note\">± is half the 95 % interval of the mean over seeds (Student’s t).</p>";
  }
  return out;
}

std::string paired_tables(const std::vector<RunGroup>& groups) {
  std::string rows;
  const role::Results declared = declared_by(groups);
  for (const std::string& metric : main_metrics(declared)) {
    const role::MetricInfo info = info_of(declared, metric);
    for (std::size_t i = 1; i < groups.size(); ++i) {
      const PairedDifference held = paired_difference(groups[0], groups[i], metric);
      if (held.pairs.empty()) continue;
      rows += "<tr><th scope=\"row\">" + marked(groups, i) + "</th>" + cell(info.label) +
              cell(std::to_string(held.pairs.size())) +
              cell(signed_estimate(held.difference, info.unit)) +
              cell(std::to_string(held.higher) + " / " + std::to_string(held.lower)) +
              cell(held.pairs.size() < 2 ? "" : probability_text(held.sign_probability)) + "<td>" +
              pair_details(held, groups[0].label, groups[i].label, info.unit) + "</td></tr>";
    }
  }
  if (rows.empty()) return {};
  return "<div class=\"scroll\"><table>" +
         head({"run", "final", "seeds shared", "difference", "higher / lower", "sign test p", ""}) +
         "<tbody>" + rows + "</tbody></table></div>";
}

std::string provenance_section(const std::vector<RunGroup>& groups) {
  std::string out;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    const StoredRun& first = groups[i].runs.front();
    out += "<article class=\"provenance\"><h3>" + marked(groups, i) + "</h3>" +
           copyable(first.manifest.command) + run_table(groups[i]) + definitions(first.manifest) +
           "<details><summary>scenario" +
           (groups[i].runs.size() > 1 ? " of seed " + std::to_string(first.manifest.seed) : "") +
           ", every key with its value</summary><pre>" +
           html_text(schema::write_json(first.record.scenario)) + "</pre></details></article>";
  }
  return out;
}

}  // namespace skerry::experiments
