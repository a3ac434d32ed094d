#pragma once

#include "scenarios/parts/evaluation.hpp"
#include "scenarios/parts/stop_rule.hpp"
#include "scenarios/role/paradigm.hpp"

namespace skerry::parts {

/// Reports conditions of a stop rule that can never hold: metrics that no run has or that this one
/// does not measure, and limits that a metric cannot reach. Pointers are those of the scenario.
void check_stop(const StopConfig& stop, const EvaluateConfig& evaluate,
                const role::Outline& outline, Problems& problems);

}  // namespace skerry::parts
