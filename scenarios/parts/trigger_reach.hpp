#pragma once

#include <string>

#include "algorithms/sdk/problems.hpp"
#include "algorithms/sdk/time.hpp"
#include "scenarios/parts/trigger_config.hpp"

namespace skerry::parts {

/// When a trigger is looked at: at every whole multiple of `every` after the beginning, before
/// `lasts`.
struct TriggerChecks {
  Duration begins_at;  // since midnight
  Duration every;
  Duration lasts;
};

/// Reports conditions that hold at none of these checks, and `every`s that are shorter than the
/// time between two. Metrics, drift and commands count as free to hold or not, each for itself.
/// @param pointer  where the tree stands.
/// Cost: O(days x conditions on the time of day), or O(checks) if they are fewer than the days.
void check_reach(const TriggerConfig& trigger, const TriggerChecks& checks,
                 const std::string& pointer, Problems& problems);

}  // namespace skerry::parts
