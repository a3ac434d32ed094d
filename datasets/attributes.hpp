#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "algorithms/sdk/archive.hpp"
#include "algorithms/sdk/result.hpp"

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
  /// [rows] when each was made, in seconds from any origin that train and test share; or empty.
  std::vector<double> time_s;
  bool times_are_dates = false;  // counted from 1970-01-01T00:00:00 UTC

  const AttributeColumn* find(const std::string& name) const {
    for (const AttributeColumn& column : columns) {
      if (column.name == name) return &column;
    }
    return nullptr;
  }
};

/// Adds names, values and times to a content hash; nothing where there are none, so that data
/// without attributes keeps its hash.
void add_to_hash(const Attributes& attributes, RunningHash& hash);

/// The same column of a training and a test file, from the words of its cells (trimmed, none
/// empty).
struct ColumnWords {
  std::string name;
  std::vector<std::string> train;
  std::vector<std::string> test;  // empty where there is no test file
};
struct ColumnPair {
  AttributeColumn train, test;  // with the same levels
};
/// Where in the words of a column something is wrong.
struct WordPlace {
  bool in_test = false;
  std::size_t row = 0;
};
/// Makes a column numeric if every word is a number, else categorical: levels are the distinct
/// words of both files, sorted. Errors, with the place in `*at`: in a column of numbers, one that
/// is not finite, and NA or NaN (the value is missing). In a column of words, NA is a word like any
/// other.
Result<ColumnPair> column_of(const ColumnWords& words, WordPlace* at);
/// The same as a categorical column, even where every word is a number.
ColumnPair levels_of(const ColumnWords& words);

/// When something was recorded.
struct RecordedTime {
  double seconds = 0;  // finite
  bool is_date =
      false;  // counted from 1970-01-01T00:00:00 UTC; else from the recorder's own origin
};
/// Reads a number of seconds, an ISO 8601 date (`2017-05-01`) or date and time
/// (`2017-05-01T12:30:15.5+02:00`; a space for the T; seconds and zone may be left out: UTC).
/// Errors: anything else; a date that no calendar has.
Result<RecordedTime> parse_recorded_time(std::string_view text);

/// `2017-05-01`, and with a time of day if there is one: `2017-05-01T12:30:15`, in whole seconds.
/// @param seconds  from 1970-01-01T00:00:00 UTC, of a year from 0 to 9999.
std::string date_text(double seconds);

/// Whether a word stands for what is not there, as pandas and R write it: "NA", or a number that is
/// none.
bool means_missing(const std::string& word);

}  // namespace skerry::datasets
