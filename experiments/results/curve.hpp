#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "experiments/results/run_group.hpp"

namespace skerry::experiments {

/// One metric of a group over its steps, and where each step lies in time and traffic. It has the
/// steps at which every run that measured the metric did so, and at each the mean over these runs.
/// A quantile (role::MetricInfo::quantile) over several seeds has the median of their values
/// instead (the lower of two middle ones), with the lowest and the highest.
struct Curve {
  std::string metric;
  std::vector<std::uint64_t> step;
  std::vector<double> time_s;  // mean over seeds
  std::vector<double> bytes;   // on the wire since the start, up and down; mean over seeds
  std::vector<double> mean;
  std::vector<double> half_width;          // of the 95 % interval; empty for one seed or a quantile
  std::vector<double> low, high;           // for a quantile over several seeds; else empty
  std::vector<std::vector<double>> seeds;  // each seed's own values; empty for one seed
};

/// The bytes on the wire up to each step of a run.
class TrafficCurve {
 public:
  explicit TrafficCurve(const host::RunRecord& record);
  double at(std::uint64_t step) const;

 private:
  std::vector<std::map<std::uint64_t, double>> parts_;  // one a metric: bytes by step
};

/// A metric's curve with at most `points` steps (at least 2), evenly spread, including the first
/// and the last. Values are the cloud's or, if the cloud has none, means over the nodes. Empty if
/// no run measured the metric.
/// @param traffic  of each run of the group; whoever makes many curves makes these once.
Curve make_curve(const RunGroup& group, const std::string& metric, std::size_t points,
                 std::span<const TrafficCurve> traffic);
/// The same for a single curve.
Curve make_curve(const RunGroup& group, const std::string& metric, std::size_t points);
std::vector<TrafficCurve> traffic_of(const RunGroup& group);

/// Names of all metrics of the groups, sorted.
std::vector<std::string> metric_names(const std::vector<RunGroup>& groups);

}  // namespace skerry::experiments
