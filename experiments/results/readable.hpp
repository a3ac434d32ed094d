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
/// A value in a metric's unit, with as many digits as a reader compares: shares as 0.9712, counts
/// as whole numbers.
std::string readable_value(double value, const std::string& unit);
/// `0.9712 ± 0.0013`, both numbers in the same unit. One value has no interval; no value is `–`.
std::string readable_estimate(const Estimate& estimate, const std::string& unit);

/// The columns that a terminal needs for UTF-8 text, if every character is one column wide.
std::size_t display_width(const std::string& text);

}  // namespace skerry::experiments
