#pragma once

#include <string>
#include <vector>

#include "experiments/results/run_group.hpp"

namespace skerry::experiments {

// The parts of a page that are text and tables: there even where no script runs. All HTML.

/// Tiles for one group, a row a group for several, and the declared tables.
std::string summary_section(const std::vector<RunGroup>& groups);
/// Differences of final values against the first group; empty where no seeds are shared.
std::string paired_tables(const std::vector<RunGroup>& groups);
/// Command, build, data, fingerprints and scenario of every group.
std::string provenance_section(const std::vector<RunGroup>& groups);

}  // namespace skerry::experiments
