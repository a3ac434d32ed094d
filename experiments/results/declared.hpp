#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "experiments/results/run_group.hpp"
#include "scenarios/role/results.hpp"

namespace skerry::experiments {

/// What a metric is. One that nobody declared has its name's words as label.
role::MetricInfo info_of(const role::Results& declared, std::string_view metric);

/// The part of `declared` that concerns metrics of these rows.
role::Results recorded_part(const role::Results& declared,
                            const std::vector<host::MetricRow>& rows);

/// Of all runs of some groups together. What the first says of a name, or under a title, holds.
role::Results declared_by(std::span<const RunGroup> groups);
/// Of one group.
role::Results declared_by(const RunGroup& group);

/// Metrics that have a picture of their own over the steps: what a page draws in full and compares
/// seed by seed.
std::vector<std::string> main_metrics(const role::Results& declared);

}  // namespace skerry::experiments
