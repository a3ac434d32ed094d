#pragma once

#include <vector>

#include "algorithms/sdk/config_node.hpp"
#include "experiments/results/run_group.hpp"

namespace skerry::experiments {

/// How much of the runs a page contains.
struct PageDetail {
  std::size_t main_points = 400;   // per curve of main_metrics(), and per seed; lines with events
  std::size_t other_points = 120;  // per curve of any other metric
  std::size_t values = 300;   // of an event or a line, moments of layers, steps with phases: a run
  std::size_t timelines = 3;  // per group, from its first traced run
  std::size_t edges = 40;     // rows per timeline
};

/// What the page's script draws: curves, what happened in each run, totals, paired differences,
/// timelines. Numbers have six
/// significant digits; a number that is not finite is null.
ConfigNode page_data(const std::vector<RunGroup>& groups, const PageDetail& detail);

}  // namespace skerry::experiments
