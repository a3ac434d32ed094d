#include "experiments/results/curve.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "algorithms/sdk/check.hpp"
#include "experiments/results/evenly_spread.hpp"

namespace skerry::experiments {

namespace {

struct Point {
  double time = 0;
  double value = 0;
};
using Points = std::map<std::uint64_t, Point>;

Points points_of(const host::RunRecord& record, const std::string& metric) {
  Points cloud;
  std::map<std::uint64_t, std::vector<Point>> nodes;
  for (const host::MetricRow& row : record.metrics) {
    if (row.name != metric) continue;
    const Point point{row.time.in_seconds(), row.value};
    if (row.node.is_cloud()) {
      cloud[row.step] = point;
    } else if (cloud.empty()) {
      nodes[row.step].push_back(point);
    }
  }
  if (!cloud.empty()) return cloud;
  Points means;
  for (const auto& [step, points] : nodes) {
    Point& mean = means[step];
    for (const Point& point : points) {
      mean.time = std::max(mean.time, point.time);
      mean.value += point.value / static_cast<double>(points.size());
    }
  }
  return means;
}

std::vector<std::uint64_t> steps_of_all(const std::vector<Points>& runs) {
  std::vector<std::uint64_t> steps;
  for (const auto& [step, point] : runs.front()) {
    const bool everywhere = std::all_of(runs.begin(), runs.end(),
                                        [step](const Points& run) { return run.contains(step); });
    if (everywhere) steps.push_back(step);
  }
  return steps;
}

}  // namespace

TrafficCurve::TrafficCurve(const host::RunRecord& record) {
  for (const std::string& metric : record.declared.traffic) {
    auto& part = parts_.emplace_back();
    for (const auto& [step, point] : points_of(record, metric)) part[step] = point.value;
  }
}

double TrafficCurve::at(std::uint64_t step) const {
  double bytes = 0;
  for (const auto& part : parts_) {
    const auto after = part.upper_bound(step);
    if (after != part.begin()) bytes += std::prev(after)->second;
  }
  return bytes;
}

std::vector<TrafficCurve> traffic_of(const RunGroup& group) {
  std::vector<TrafficCurve> traffic;
  for (const StoredRun& run : group.runs) traffic.emplace_back(run.record);
  return traffic;
}

Curve make_curve(const RunGroup& group, const std::string& metric, std::size_t points) {
  return make_curve(group, metric, points, traffic_of(group));
}

Curve make_curve(const RunGroup& group, const std::string& metric, std::size_t points,
                 std::span<const TrafficCurve> traffic) {
  SKERRY_CHECK(traffic.size() == group.runs.size(), "one for each run");
  Curve curve;
  curve.metric = metric;
  std::vector<Points> runs;
  std::vector<const TrafficCurve*> traffic_of_runs;
  for (std::size_t i = 0; i < group.runs.size(); ++i) {
    Points measured = points_of(group.runs[i].record, metric);
    if (measured.empty()) continue;
    runs.push_back(std::move(measured));
    traffic_of_runs.push_back(&traffic[i]);
  }
  if (runs.empty()) return curve;
  curve.step = evenly_spread(steps_of_all(runs), std::max<std::size_t>(points, 2));
  const auto count = static_cast<double>(runs.size());
  if (runs.size() > 1) curve.seeds.resize(runs.size());
  const role::MetricInfo* info = group.runs.front().record.declared.find(metric);
  const bool quantile = runs.size() > 1 && info != nullptr && info->quantile;
  for (const std::uint64_t step : curve.step) {
    std::vector<double> values;
    double time = 0;
    double bytes = 0;
    for (std::size_t i = 0; i < runs.size(); ++i) {
      const Point& point = runs[i].at(step);
      values.push_back(point.value);
      time += point.time / count;
      bytes += traffic_of_runs[i]->at(step) / count;
      if (!curve.seeds.empty()) curve.seeds[i].push_back(point.value);
    }
    curve.time_s.push_back(time);
    curve.bytes.push_back(bytes);
    if (quantile) {
      std::ranges::sort(values);
      curve.mean.push_back(values[(values.size() - 1) / 2]);
      curve.low.push_back(values.front());
      curve.high.push_back(values.back());
      continue;
    }
    const Estimate held = estimate(values);
    curve.mean.push_back(held.mean);
    if (runs.size() > 1) curve.half_width.push_back(held.half_width);
  }
  return curve;
}

std::vector<std::string> metric_names(const std::vector<RunGroup>& groups) {
  std::set<std::string> names;
  for (const RunGroup& group : groups) {
    for (const StoredRun& run : group.runs) {
      for (const host::MetricRow& row : run.record.metrics) names.insert(row.name);
    }
  }
  return {names.begin(), names.end()};
}

}  // namespace skerry::experiments
