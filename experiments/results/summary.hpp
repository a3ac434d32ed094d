#pragma once

#include <span>
#include <string>

#include "experiments/results/run_group.hpp"

namespace skerry::experiments {

/// What a run came to, for a terminal: its headline metrics, virtual and wall time, the tables that
/// its paradigm declares, fingerprints. Over several seeds: mean ± half the 95 % interval, and n.
/// Several groups: one table, a row each.
std::string summary_text(std::span<const RunGroup> groups);

/// One line of a summary: the words, and the estimate in words, for pages too.
struct SummaryFact {
  std::string name;       // "test accuracy"
  std::string value;      // "0.9712 ± 0.0013"
  std::string meaning;    // for a tooltip
  bool in_table = false;  // stands in one of final_tables(), too
};

/// The facts that the group has: absent ones (no test set) are left out.
std::vector<SummaryFact> summary_facts(const RunGroup& group);

/// A table of final values: "1.27 GB", or empty where not measured.
struct FinalTable {
  role::Table shown;
  std::vector<std::string> cells;  // row by row
};
/// The declared tables of which the group has a value.
std::vector<FinalTable> final_tables(const RunGroup& group);

}  // namespace skerry::experiments
