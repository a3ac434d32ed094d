#pragma once

#include <string>
#include <vector>

#include "experiments/results/run_group.hpp"

namespace skerry::experiments {

/// All measurements of many runs as one tidy CSV table: run,seed,name,node,step,time_s,value.
std::string combined_csv(const std::vector<RunGroup>& groups);

/// The cloud's measurements as CSV, one row a step and one column a metric:
/// run,seed,step,time_s,test/accuracy,… A cell is empty if the metric was not measured at that
/// step. time_s is the time of the step's last metric. Where metrics count other steps than the
/// run's (MetricInfo::step), a column "of" after the seed says what the row's step counts.
std::string wide_csv(const std::vector<RunGroup>& groups);
/// How many of the cloud's measurements wide_csv() leaves out: those of a step in which the same
/// metric was measured again later.
std::uint64_t left_out_of_wide(const std::vector<RunGroup>& groups);

}  // namespace skerry::experiments
