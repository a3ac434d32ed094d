#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "experiments/results/run_group.hpp"
#include "scenarios/role/results.hpp"

namespace skerry::experiments {

/// What a metric is. An undeclared metric gets a label made of its name's words.
role::MetricInfo info_of(const role::Results& declared, std::string_view metric);

/// The part of `declared` that is about metrics in these rows.
role::Results recorded_part(const role::Results& declared,
                            const std::vector<host::MetricRow>& rows);

/// What all runs of these groups declare together. If two runs declare the same metric name or the
/// same title, the first one's declaration is kept.
role::Results declared_by(std::span<const RunGroup> groups);
/// The same for one group.
role::Results declared_by(const RunGroup& group);

/// The metrics that have a figure of their own over the steps. A page draws these in full and
/// compares them seed by seed.
std::vector<std::string> main_metrics(const role::Results& declared);

}  // namespace skerry::experiments
