#pragma once

#include <vector>

#include "algorithms/sdk/config_node.hpp"
#include "experiments/results/run_group.hpp"

namespace skerry::experiments {

/// How much of the runs a page carries.
struct PageDetail {
  std::size_t main_points = 400;   // of a curve of main_metrics(), with every seed's own
  std::size_t other_points = 120;  // of every other metric
  std::size_t timelines = 3;       // a run
  std::size_t edges = 40;          // rows a timeline
};

/// What the page's script draws: curves, paired differences, timelines. Numbers have six
/// significant digits; what is not finite is null.
ConfigNode page_data(const std::vector<RunGroup>& groups, const PageDetail& detail);

}  // namespace skerry::experiments
