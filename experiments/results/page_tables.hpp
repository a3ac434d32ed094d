#pragma once

#include <string>
#include <vector>

#include "experiments/results/run_group.hpp"

namespace skerry::experiments {

// The parts of a page that are text and tables, as HTML. They need no script.

/// Tiles for one group, or one row per group for several; then the declared tables.
std::string summary_section(const std::vector<RunGroup>& groups);
/// Differences of final values from those of the first group; empty if no seeds are shared.
std::string paired_tables(const std::vector<RunGroup>& groups);
/// Command, build, data, fingerprints and scenario of every group.
std::string provenance_section(const std::vector<RunGroup>& groups);

}  // namespace skerry::experiments
