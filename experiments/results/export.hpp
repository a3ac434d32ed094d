#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "experiments/results/run_group.hpp"

namespace skerry::experiments {

/// All measurements of many runs as one tidy CSV table: run,seed,name,node,step,time_s,value.
std::string combined_csv(const std::vector<RunGroup>& groups);

/// The cloud's measurements in a table with a row for each step.
struct WideTable {
  std::string csv;
  /// Measurements that the table leaves out: those of a step in which the same metric was measured
  /// again later.
  std::uint64_t left_out = 0;
};

/// The cloud's measurements as CSV, one row a step and one column a metric:
/// run,seed,step,time_s,test/accuracy,… A cell is empty if the metric was not measured at that
/// step. time_s is the time of the step's last metric. Where metrics count other steps than the
/// run's (MetricInfo::step), a column "of" after the seed says what the row's step counts.
WideTable wide_table(const std::vector<RunGroup>& groups);

}  // namespace skerry::experiments
