#include "experiments/results/declared.hpp"

#include <algorithm>
#include <set>

namespace skerry::experiments {

namespace {

std::string words_of(std::string_view name) {
  std::string label(name);
  std::replace(label.begin(), label.end(), '/', ' ');
  std::replace(label.begin(), label.end(), '_', ' ');
  return label;
}

/// Appends the elements of `more` whose key is not in `all` yet.
template <class T, class Key>
void join(std::vector<T>& all, const std::vector<T>& more, Key key) {
  for (const T& each : more) {
    const bool there =
        std::any_of(all.begin(), all.end(), [&](const T& one) { return one.*key == each.*key; });
    if (!there) all.push_back(each);
  }
}

}  // namespace

role::MetricInfo info_of(const role::Results& declared, std::string_view metric) {
  role::MetricInfo info{.name = std::string(metric), .label = words_of(metric)};
  info.least.reset();
  const role::MetricInfo* found = declared.find(metric);
  if (found == nullptr) return info;
  info = *found;
  info.name = metric;
  if (found->name != metric) {  // declared as a prefix: the rest of the name tells them apart
    info.label += " " + words_of(metric.substr(found->name.size() - 1));
  }
  return info;
}

role::Results recorded_part(const role::Results& declared,
                            const std::vector<host::MetricRow>& rows) {
  std::set<std::string> names;
  for (const host::MetricRow& row : rows) names.insert(row.name);
  std::set<std::string> found;
  for (const std::string& name : names) {
    const role::MetricInfo* info = declared.find(name);
    if (info != nullptr) found.insert(info->name);
  }
  const auto unknown = [&](const std::string& metric) { return !names.contains(metric); };
  role::Results part = declared;
  std::erase_if(part.metrics,
                [&](const role::MetricInfo& info) { return !found.contains(info.name); });
  const bool costs =
      std::ranges::any_of(part.metrics, [](const role::MetricInfo& info) { return info.cost; });
  // Which events a run had, and which phases, differs from run to run: all stay declared, so that
  // they look the same in each.
  const auto shows_nothing = [&](role::Figure& figure) {
    if (figure.drawn == role::Drawn::kTotals && figure.lines.empty()) return !costs;
    const auto unknown_line = [&](const role::Line& line) { return unknown(line.metric); };
    if (figure.drawn == role::Drawn::kPhases) {
      return std::ranges::all_of(figure.lines, unknown_line);
    }
    std::erase_if(figure.lines, unknown_line);
    return figure.lines.empty() || (!figure.x.empty() && unknown(figure.x));
  };
  for (role::Section& section : part.sections) {
    std::erase_if(section.figures, shows_nothing);
    std::erase_if(section.columns, unknown);
  }
  std::erase_if(part.sections, [](const role::Section& section) {
    return section.figures.empty() && section.columns.empty();
  });
  std::erase_if(part.tables, [&](const role::Table& table) {
    return std::all_of(table.metrics.begin(), table.metrics.end(), unknown);
  });
  std::erase_if(part.traffic, unknown);
  return part;
}

role::Results declared_by(const RunGroup& group) { return declared_by(std::span(&group, 1)); }

role::Results declared_by(std::span<const RunGroup> groups) {
  role::Results all;
  for (const RunGroup& group : groups) {
    for (const StoredRun& run : group.runs) {
      const role::Results& own = run.record.declared;
      if (all.step.empty()) all.step = own.step;
      join(all.metrics, own.metrics, &role::MetricInfo::name);
      join(all.sections, own.sections, &role::Section::title);
      join(all.tables, own.tables, &role::Table::title);
      for (const std::string& metric : own.traffic) {
        if (std::ranges::find(all.traffic, metric) == all.traffic.end()) {
          all.traffic.push_back(metric);
        }
      }
    }
  }
  return all;
}

std::vector<std::string> main_metrics(const role::Results& declared) {
  std::vector<std::string> metrics;
  for (const role::Section& section : declared.sections) {
    for (const role::Figure& figure : section.figures) {
      const bool over_steps = figure.x.empty() && figure.drawn == role::Drawn::kLines;
      if (over_steps && figure.lines.size() == 1) metrics.push_back(figure.lines[0].metric);
    }
  }
  return metrics;
}

}  // namespace skerry::experiments
