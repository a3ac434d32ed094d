#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "experiments/results/run_group.hpp"

namespace skerry::experiments {

/// One metric of a group over its steps: the mean over seeds at every step that all of them
/// measured, and where each step lies in time and traffic. Of a quantile
/// (role::MetricInfo::quantile) it is the middle one of the seeds' values instead, the lower of
/// two, with the lowest and highest.
struct Curve {
  std::string metric;
  std::vector<std::uint64_t> step;
  std::vector<double> time_s;  // mean over seeds
  std::vector<double> bytes;   // on the wire, both ways, since the start; mean over seeds
  std::vector<double> mean;
  std::vector<double> half_width;          // of the 95 % interval; empty for one seed or a quantile
  std::vector<double> low, high;           // of a quantile over several seeds; else empty
  std::vector<std::vector<double>> seeds;  // each seed's own values; empty for one seed
};

/// A metric's curve with at most `points` steps, evenly spread, first and last among them. Values
/// are the cloud's; of a metric that the cloud does not have, the mean over nodes.
Curve make_curve(const RunGroup& group, const std::string& metric, std::size_t points);

/// Names of all metrics of the groups, sorted.
std::vector<std::string> metric_names(const std::vector<RunGroup>& groups);

}  // namespace skerry::experiments
