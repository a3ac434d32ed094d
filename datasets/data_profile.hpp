#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "datasets/data_source.hpp"

namespace skerry::datasets {

/// One column of a table, or one input of any other data, over the training rows.
struct ColumnProfile {
  enum class Kind : std::uint8_t { kConstant, kYesOrNo, kWhole, kNumbers, kWords };
  std::string name;
  Kind kind = Kind::kNumbers;
  std::size_t missing = 0, missing_in_test = 0;
  // As the source's files hold the values, up to rounding; of words, 0.
  double least = 0, mean = 0, most = 0;
  std::vector<std::pair<std::string, std::uint64_t>> words;  // and how many rows hold each, sorted
};
std::string name_of(ColumnProfile::Kind kind);

/// What a data set holds, and what looks wrong in it.
struct DataProfile {
  std::vector<ColumnProfile> columns;
  std::vector<std::uint64_t> train_classes, test_classes;  // rows of each class: [classes]
  std::size_t rows = 0;        // training rows that were looked at: the first ones
  std::uint64_t repeated = 0;  // training rows whose inputs an earlier one has, too
  std::uint64_t contrary = 0;  // of them, those of another class than the first with such inputs
  std::uint64_t in_both = 0;   // test rows whose inputs a training row has, too
  std::vector<std::string> notes;  // for people, one line each: leaks, classes without samples
};

/// Looks at all columns of up to four million training and test rows, and for what gives the class
/// away for certain: a column that is the number of the row, or sorted; one of which each value, or
/// each range of values, comes with one class; rows in both sets. And for what is of no use: a
/// column with one value only.
/// Cost: O(inputs), O(rows log rows) for each column that determines the class; 16 bytes a row, and
/// at most 64 MiB besides. A function of the data: the same on every machine.
DataProfile profile_of(const DataSet& data);

}  // namespace skerry::datasets
