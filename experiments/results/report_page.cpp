#include "experiments/results/report_page.hpp"

#include <algorithm>

#include "experiments/results/page_assets.hpp"
#include "experiments/results/page_data.hpp"
#include "experiments/results/page_tables.hpp"
#include "experiments/results/page_text.hpp"

namespace skerry::experiments {

namespace {

std::string title_of(const std::vector<RunGroup>& groups) {
  if (groups.size() == 1) return groups[0].label;
  std::string title = groups[0].label;
  for (std::size_t i = 1; i < groups.size() && i < 4; ++i) title += ", " + groups[i].label;
  if (groups.size() > 4) title += " and " + std::to_string(groups.size() - 4) + " more";
  return title;
}

std::string subtitle_of(const std::vector<RunGroup>& groups) {
  std::size_t runs = 0;
  for (const RunGroup& group : groups) runs += group.runs.size();
  const Manifest& first = groups[0].runs.front().manifest;
  std::string text = first.paradigm.empty() ? "" : first.paradigm + " · ";
  if (groups.size() > 1) text += std::to_string(groups.size()) + " methods · ";
  text += runs == 1 ? "seed " + std::to_string(first.seed) : std::to_string(runs) + " runs";
  if (!first.data_origin.empty()) text += " · " + first.data_origin;
  return text;
}

}  // namespace

std::string report_page(const std::vector<RunGroup>& groups) {
  const std::string style = kPageStyle;
  const std::string script = kPageScript;
  const std::string paired = paired_tables(groups);
  const std::vector<std::pair<std::string_view, std::string>> fixed{
      {"title", html_text(title_of(groups))},
      {"subtitle", html_text(subtitle_of(groups))},
      {"policy", policy_hash(script)},
      {"style", style},
      {"script", script},
      {"summary", summary_section(groups)},
      {"paired_hidden", paired.empty() ? "hidden" : ""},
      {"paired", paired},
      {"reference", html_text(groups[0].label)},
      {"provenance", provenance_section(groups)}};
  PageDetail detail;
  for (;;) {
    auto values = fixed;
    values.emplace_back("data", script_json(page_data(groups, detail)));
    std::string page = fill_template(kPageTemplate, values);
    if (page.size() <= kLargestPage || detail.main_points <= 12) return page;
    detail.main_points = detail.main_points * 2 / 3;
    detail.other_points = std::max<std::size_t>(8, detail.other_points * 2 / 3);
    detail.values = std::max<std::size_t>(12, detail.values * 2 / 3);
    detail.timelines = 1;
  }
}

}  // namespace skerry::experiments
