#pragma once

#include <string>

#include "experiments/results/statistics.hpp"

namespace skerry::experiments {

// Numbers for people, in tables on a terminal and in pages.

/// `1.27 GB`, decimal prefixes.
std::string readable_bytes(double bytes);
/// `12.4 kJ`.
std::string readable_joules(double joules);
/// `1.19 MFLOP`.
std::string readable_flops(double operations);
/// `41.3 s`, `1 h 23 min`.
std::string readable_seconds(double seconds);
/// In a metric's unit, with as many digits as a reader compares: share 0.9712, counts whole.
std::string readable_value(double value, const std::string& unit);
/// `0.9712 ± 0.0013`; without an interval where there is one value; `–` where there is none. Both
/// numbers stand in the same unit.
std::string readable_estimate(const Estimate& estimate, const std::string& unit);

/// Columns a terminal needs for UTF-8 text of single-width characters.
std::size_t display_width(const std::string& text);

}  // namespace skerry::experiments
