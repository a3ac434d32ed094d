#include "experiments/results/page_data.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>

#include "experiments/results/curve.hpp"
#include "experiments/results/declared.hpp"
#include "experiments/results/timeline.hpp"

namespace skerry::experiments {

namespace {

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

ConfigNode group_node(const RunGroup& group, const std::vector<std::string>& metrics,
                      const std::vector<std::string>& main_ones, const PageDetail& detail) {
  ConfigNode curves = ConfigNode::object();
  for (const std::string& metric : metrics) {
    const bool main = std::ranges::find(main_ones, metric) != main_ones.end();
    const Curve curve = make_curve(group, metric, main ? detail.main_points : detail.other_points);
    if (!curve.step.empty()) curves.set(metric, curve_node(curve, main));
  }
  ConfigNode::Array timelines;
  ConfigNode::Array seeds;
  std::uint64_t traced_seed = 0;
  for (const StoredRun& run : group.runs) {
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
    nodes.push_back(group_node(group, names, main_ones, detail));
  }
  const ConfigNode shown = FieldWriter::write(declared);
  return ConfigNode::Object{{"step", declared.step.empty() ? "step" : declared.step},
                            {"metrics", std::move(metrics)},
                            {"sections", *shown.find("sections")},
                            {"groups", std::move(nodes)},
                            {"paired", paired_nodes(groups, main_ones)}};
}

}  // namespace skerry::experiments
