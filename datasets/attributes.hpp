#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace skerry::datasets {

/// A named column beside the inputs of a data set: what a row is about (a country, a sensor, a
/// concept). No learner sees it; streams and task definitions do.
struct AttributeColumn {
  std::string name;
  std::vector<std::string> levels;   // categorical: names of the values, sorted; empty: numeric
  std::vector<std::uint32_t> codes;  // categorical: [rows], each an index into `levels`
  std::vector<double> numbers;       // numeric: [rows], finite

  bool categorical() const { return !levels.empty(); }
  std::size_t size() const { return categorical() ? codes.size() : numbers.size(); }
};

/// What is known of the rows of a training or test set besides inputs and labels. Part of the data
/// set's content hash.
struct Attributes {
  std::vector<AttributeColumn> columns;  // each with one value a row
  std::vector<double> time_s;            // [rows] or empty: when each was made, from any origin

  const AttributeColumn* find(const std::string& name) const {
    for (const AttributeColumn& column : columns) {
      if (column.name == name) return &column;
    }
    return nullptr;
  }
};

}  // namespace skerry::datasets
