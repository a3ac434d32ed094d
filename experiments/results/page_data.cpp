#include "experiments/results/page_data.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>

#include "experiments/results/curve.hpp"
#include "experiments/results/declared.hpp"
#include "experiments/results/run_pictures.hpp"
#include "experiments/results/timeline.hpp"

namespace skerry::experiments {

namespace {

/// More parts of a bar than that would be too thin to see.
constexpr std::size_t kMostParts = 60;

ConfigNode number(double value) {
  if (!std::isfinite(value)) return {};
  constexpr double kExactBelow = 9007199254740992;  // 2^53
  if (value == std::trunc(value) && std::fabs(value) < kExactBelow) {
    return static_cast<std::int64_t>(value);
  }
  char text[32];
  std::snprintf(text, sizeof text, "%.6g", value);
  return std::strtod(text, nullptr);
}

template <class T>
ConfigNode numbers(const std::vector<T>& values) {
  ConfigNode::Array array;
  for (const T value : values) array.push_back(number(static_cast<double>(value)));
  return array;
}

ConfigNode curve_node(const Curve& curve, bool main) {
  ConfigNode node = ConfigNode::Object{{"step", numbers(curve.step)},
                                       {"time", numbers(curve.time_s)},
                                       {"bytes", numbers(curve.bytes)},
                                       {"mean", numbers(curve.mean)}};
  if (!curve.half_width.empty()) node.set("half", numbers(curve.half_width));
  if (!curve.low.empty()) {
    node.set("low", numbers(curve.low));
    node.set("high", numbers(curve.high));
  }
  if (!curve.seeds.empty() && main) {
    ConfigNode::Array seeds;
    for (const auto& values : curve.seeds) seeds.push_back(numbers(values));
    node.set("seeds", std::move(seeds));
  }
  return node;
}

ConfigNode timeline_node(const Timeline& timeline, std::optional<double> limit_s) {
  ConfigNode::Array rows;
  for (const Timeline::Row& row : timeline.rows) {
    ConfigNode::Array bars;
    for (const Timeline::Bar& bar : row.bars) {
      bars.push_back(ConfigNode::Array{bar.what, number(bar.begin_s), number(bar.end_s)});
    }
    rows.push_back(ConfigNode::Object{{"node", to_string(row.node)}, {"bars", std::move(bars)}});
  }
  const ConfigNode step =
      timeline.step ? ConfigNode(static_cast<std::int64_t>(*timeline.step)) : ConfigNode();
  return ConfigNode::Object{{"step", step},
                            {"began", number(timeline.began_s)},
                            {"limit", limit_s && timeline.step ? number(*limit_s) : ConfigNode()},
                            {"edges", static_cast<std::int64_t>(timeline.edges)},
                            {"rows", std::move(rows)}};
}

/// Calls visit(figure) for the declared figures that are drawn that way.
template <class Visit>
void for_each_figure(const role::Results& declared, role::Drawn drawn, const Visit& visit) {
  for (const role::Section& section : declared.sections) {
    for (const role::Figure& figure : section.figures) {
      if (figure.drawn == drawn) visit(figure);
    }
  }
}

std::vector<std::string> metrics_of(const role::Figure& figure) {
  std::vector<std::string> metrics;
  for (const role::Line& line : figure.lines) metrics.push_back(line.metric);
  return metrics;
}

/// The metrics whose totals a figure shows.
std::vector<std::string> totals_of(const role::Figure& figure, const role::Results& declared) {
  std::vector<std::string> metrics = metrics_of(figure);
  if (!metrics.empty()) return metrics;
  for (const role::MetricInfo& info : declared.metrics) {
    if (info.cost) metrics.push_back(info.name);
  }
  return metrics;
}

ConfigNode phases_node(const std::vector<PhasesOfStep>& steps) {
  ConfigNode::Array nodes;
  for (const PhasesOfStep& each : steps) {
    ConfigNode::Array bars;
    const double began_s = each.bars.front().begin_s;
    for (const PhasesOfStep::Bar& bar : each.bars) {
      bars.push_back(ConfigNode::Array{bar.metric, number(bar.begin_s - began_s),
                                       number(bar.end_s - began_s)});
    }
    nodes.push_back(ConfigNode::Object{{"step", static_cast<std::int64_t>(each.step)},
                                       {"began", number(began_s)},
                                       {"bars", std::move(bars)}});
  }
  return nodes;
}

ConfigNode layers_node(const Layers& held) {
  ConfigNode::Array moments;
  for (const auto& list : held.layers) {
    ConfigNode::Array moment;
    for (const Layers::Layer& layer : list) {
      moment.push_back(
          ConfigNode::Array{static_cast<std::int64_t>(layer.number), number(layer.height)});
    }
    moments.push_back(std::move(moment));
  }
  return ConfigNode::Object{{"time", numbers(held.time_s)}, {"layers", std::move(moments)}};
}

/// Whether some picture needs more than curves.
bool shows_single_runs(const role::Results& declared) {
  bool shows = false;
  for (const auto drawn : {role::Drawn::kLayers, role::Drawn::kPhases, role::Drawn::kTotals}) {
    for_each_figure(declared, drawn, [&](const role::Figure&) { shows = true; });
  }
  for_each_figure(declared, role::Drawn::kLines,
                  [&](const role::Figure& figure) { shows |= !figure.events.empty(); });
  return shows;
}

bool stands_with_events(const std::string& metric, const role::Results& declared) {
  bool stands = false;
  for_each_figure(declared, role::Drawn::kLines, [&](const role::Figure& figure) {
    const auto is_it = [&](const role::Line& line) { return line.metric == metric; };
    stands |= !figure.events.empty() && std::ranges::any_of(figure.lines, is_it);
  });
  return stands;
}

/// What pictures of one run at a time need of it.
ConfigNode run_node(const StoredRun& run, const role::Results& declared, bool alone,
                    const PageDetail& detail) {
  const RunPictures pictures(run.record);
  ConfigNode rows = ConfigNode::object(), layers_of = ConfigNode::object(),
             phases_of = ConfigNode::object(), parts = ConfigNode::object();
  const auto add_rows = [&](const std::string& metric) {
    const Recorded held = pictures.recorded(metric, detail.values);
    if (held.all == 0) return;
    rows.set(metric, ConfigNode::Object{{"step", numbers(held.step)},
                                        {"time", numbers(held.time_s)},
                                        {"bytes", numbers(held.bytes)},
                                        {"value", numbers(held.value)},
                                        {"all", static_cast<std::int64_t>(held.all)}});
  };
  for_each_figure(declared, role::Drawn::kLines, [&](const role::Figure& figure) {
    if (figure.events.empty()) return;
    for (const role::EventMetric& event : figure.events) add_rows(event.metric);
    if (alone) return;
    for (const std::string& metric : metrics_of(figure)) add_rows(metric);
  });
  for_each_figure(declared, role::Drawn::kLayers, [&](const role::Figure& figure) {
    for (const std::string& metric : metrics_of(figure)) {
      layers_of.set(metric, layers_node(pictures.layers(metric, detail.values)));
    }
  });
  for_each_figure(declared, role::Drawn::kPhases, [&](const role::Figure& figure) {
    const auto metrics = metrics_of(figure);
    phases_of.set(metrics.front(), phases_node(pictures.phases(metrics, detail.values)));
  });
  for_each_figure(declared, role::Drawn::kTotals, [&](const role::Figure& figure) {
    if (figure.events.empty() || !alone) return;
    for (const std::string& metric : totals_of(figure, declared)) {
      const role::MetricInfo* info = declared.find(metric);
      if (info == nullptr || !info->cost) continue;
      const auto held = pictures.parts_between(metric, figure.events.front().metric);
      if (held.size() <= kMostParts) parts.set(metric, numbers(held));
    }
  });
  return ConfigNode::Object{{"seed", static_cast<std::int64_t>(run.manifest.seed)},
                            {"ended", number(run.manifest.ended.in_seconds())},
                            {"rows", std::move(rows)},
                            {"layers", std::move(layers_of)},
                            {"phases", std::move(phases_of)},
                            {"parts", std::move(parts)}};
}

ConfigNode totals_node(const RunGroup& group, const role::Results& declared) {
  ConfigNode totals = ConfigNode::object();
  for_each_figure(declared, role::Drawn::kTotals, [&](const role::Figure& figure) {
    for (const std::string& metric : totals_of(figure, declared)) {
      const Estimate held = estimate_final(group, metric);
      if (held.n == 0) continue;
      totals.set(metric, ConfigNode::Object{{"mean", number(held.mean)},
                                            {"half", number(held.half_width)}});
    }
  });
  return totals;
}

ConfigNode group_node(const RunGroup& group, const std::vector<std::string>& metrics,
                      const std::vector<std::string>& main_ones, const role::Results& declared,
                      const PageDetail& detail) {
  ConfigNode curves = ConfigNode::object();
  const auto traffic = traffic_of(group);
  for (const std::string& metric : metrics) {
    const bool main = std::ranges::find(main_ones, metric) != main_ones.end();
    const std::size_t points =
        main || stands_with_events(metric, declared) ? detail.main_points : detail.other_points;
    const Curve curve = make_curve(group, metric, points, traffic);
    if (!curve.step.empty()) curves.set(metric, curve_node(curve, main));
  }
  ConfigNode::Array timelines;
  ConfigNode::Array seeds;
  std::uint64_t traced_seed = 0;
  ConfigNode::Array runs;
  const bool single_runs = shows_single_runs(declared);
  for (const StoredRun& run : group.runs) {
    if (single_runs) runs.push_back(run_node(run, declared, group.runs.size() == 1, detail));
    seeds.emplace_back(static_cast<std::int64_t>(run.manifest.seed));
    if (!timelines.empty()) continue;
    traced_seed = run.manifest.seed;
    for (const Timeline& each : make_timelines(run.record, detail.timelines, detail.edges)) {
      timelines.push_back(timeline_node(each, run.record.declared.step_limit_s));
    }
  }
  return ConfigNode::Object{{"label", group.label},
                            {"seeds", std::move(seeds)},
                            {"curves", std::move(curves)},
                            {"runs", std::move(runs)},
                            {"totals", totals_node(group, declared)},
                            {"traced_seed", static_cast<std::int64_t>(traced_seed)},
                            {"timelines", std::move(timelines)}};
}

ConfigNode paired_nodes(const std::vector<RunGroup>& groups,
                        const std::vector<std::string>& metrics) {
  ConfigNode::Array nodes;
  for (std::size_t i = 1; i < groups.size(); ++i) {
    for (const std::string& metric : metrics) {
      const PairedDifference held = paired_difference(groups[0], groups[i], metric);
      if (held.pairs.empty()) continue;
      ConfigNode::Array seeds, differences;
      for (const auto& pair : held.pairs) {
        seeds.emplace_back(static_cast<std::int64_t>(pair.seed));
        differences.push_back(number(pair.value - pair.reference));
      }
      nodes.push_back(ConfigNode::Object{{"metric", metric},
                                         {"group", static_cast<std::int64_t>(i)},
                                         {"seeds", std::move(seeds)},
                                         {"differences", std::move(differences)},
                                         {"mean", number(held.difference.mean)},
                                         {"half", number(held.difference.half_width)}});
    }
  }
  return nodes;
}

std::vector<std::string> in_declared_order(std::vector<std::string> names,
                                           const role::Results& declared) {
  const auto place = [&](const std::string& name) {
    const role::MetricInfo* info = declared.find(name);
    return info == nullptr ? declared.metrics.size()
                           : static_cast<std::size_t>(info - declared.metrics.data());
  };
  std::ranges::stable_sort(names, {}, place);
  return names;
}

}  // namespace

ConfigNode page_data(const std::vector<RunGroup>& groups, const PageDetail& detail) {
  const role::Results declared = declared_by(groups);
  const std::vector<std::string> names = metric_names(groups);
  const std::vector<std::string> main_ones = main_metrics(declared);
  ConfigNode metrics = ConfigNode::object();
  for (const std::string& name : in_declared_order(names, declared)) {
    metrics.set(name, FieldWriter::write(info_of(declared, name)));
  }
  ConfigNode::Array nodes;
  for (const RunGroup& group : groups) {
    nodes.push_back(group_node(group, names, main_ones, declared, detail));
  }
  const ConfigNode shown = FieldWriter::write(declared);
  return ConfigNode::Object{{"step", declared.step.empty() ? "step" : declared.step},
                            {"metrics", std::move(metrics)},
                            {"sections", *shown.find("sections")},
                            {"groups", std::move(nodes)},
                            {"paired", paired_nodes(groups, main_ones)}};
}

}  // namespace skerry::experiments
