#pragma once

#include <string>
#include <vector>

#include "experiments/results/run_group.hpp"

namespace skerry::experiments {

/// A page that shows runs, alone or against each other: one HTML file that loads nothing, and works
/// from a disk, on paper and without colour. Paired differences are taken against the first group.
/// Curves get fewer points until the page is no larger than kLargestPage, but at least about ten.
/// @param groups  at least one.
std::string report_page(const std::vector<RunGroup>& groups);

inline constexpr std::size_t kLargestPage = 1'900'000;  // bytes

}  // namespace skerry::experiments
