#pragma once

#include <span>
#include <string>

#include "experiments/results/run_group.hpp"

namespace skerry::experiments {

/// The outcome of a group's runs for a terminal: headline metrics, virtual and wall time, the
/// tables that the paradigm declares, fingerprints. Over several seeds: mean ± half the 95 %
/// interval, and n. Several groups become one table with a row for each.
std::string summary_text(std::span<const RunGroup> groups);

/// One line of a summary, on a terminal or on a page.
struct SummaryFact {
  std::string name;       // "test accuracy"
  std::string value;      // "0.9712 ± 0.0013"
  std::string meaning;    // for a tooltip
  bool in_table = false;  // whether one of final_tables() shows it, too
};

/// The facts that are known about the group. Others, such as an accuracy without a test set, are
/// left out.
std::vector<SummaryFact> summary_facts(const RunGroup& group);

/// A declared table, filled with final values.
struct FinalTable {
  role::Table shown;
  std::vector<std::string> cells;  // row by row: "1.27 GB", or empty if not measured
};
/// The declared tables in which the group has at least one value.
std::vector<FinalTable> final_tables(const RunGroup& group);

}  // namespace skerry::experiments
