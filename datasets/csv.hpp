#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "algorithms/sdk/result.hpp"

namespace skerry::datasets {

struct CsvOptions {
  std::string label;                    // column of the class; empty: none
  std::vector<std::string> targets;     // columns of numbers to predict
  std::string natural_id;               // column of who made the sample; empty: none
  std::vector<std::string> drop;        // columns that are not read
  std::vector<std::string> attributes;  // columns that say what a sample is about
  std::string time;                     // column of when a sample was made; empty: none
  char separator = ',';
  /// Names of the columns of a file whose first line is a sample; empty: that line has them.
  std::vector<std::string> header = {};
  std::vector<std::string> features = {};  // columns of inputs; empty: all that are left
  /// Whether cells of features may hold words, or nothing: CsvTable::odd says which do.
  bool loose = false;
  std::vector<std::string> categorical = {};  // loose: columns in which numbers are words, too
  std::vector<std::string> missing = {};      // loose: see stands_for_gap()
  bool drop_incomplete = false;               // loose: a row in which a cell is missing is left out
  bool drop_unlabelled = false;  // loose: so is one in which the label or a target is missing
  std::vector<std::string> classes = {};  // labels that are none of `missing`, if they are known
};

/// Cells of a feature column that hold no number.
struct OddCells {
  struct Cell {
    std::uint32_t row = 0, word = 0;  // an index into `words`
  };
  std::vector<std::string> words;  // distinct, in order of appearance
  std::vector<Cell> cells;
  std::vector<std::uint32_t> gaps;  // rows in which the value is missing
};

/// A table of numbers, with a label per row where a column holds it.
struct CsvTable {
  std::vector<std::string> features;                 // names of the feature columns, in order
  std::vector<float> inputs;                         // [rows x features]; NaN in odd cells
  std::vector<OddCells> odd;                         // [features] if read loosely, else empty
  std::vector<std::string> labels;                   // [rows] or empty
  std::vector<float> targets;                        // [rows x targets], finite
  std::vector<std::string> makers;                   // [rows] or empty: the natural ids
  std::vector<std::vector<std::string>> attributes;  // [attributes][rows], in the order asked for
  std::vector<double> time_s;                        // [rows] or empty
  bool times_are_dates = false;    // counted from 1970; else from the file's own origin
  std::vector<std::size_t> lines;  // [rows]: where each stands in the file, from 1
  std::size_t dropped = 0;         // rows that were left out
  std::vector<std::pair<std::string, std::size_t>> lacks;  // of them, by each column
};

/// A cell without the spaces and tabs around it.
std::string_view trimmed(std::string_view cell);

/// Whether a word (trimmed) is one of those that stand for a missing value. Capitals do not matter.
bool stands_for_gap(std::string_view word, const std::vector<std::string>& missing);

/// The number in a cell; spaces around it do not matter. Errors: why it is no finite float32.
Result<float> finite_number(std::string_view cell);

/// A cell as it is written between commas: quoted if it has a comma, a quote or a line break.
std::string csv_field(std::string_view text);

/// The cells of one line, which holds a whole record: no line break may stand in quotes.
/// @param count  how many cells the header has; nothing if the line is the header.
/// Errors: an open quote, something behind a quote, the mark of UTF-16, another number of cells.
Result<std::vector<std::string>> csv_cells(std::string_view line, char separator,
                                           std::optional<std::size_t> count = {});

/// Reads a CSV file in UTF-8 or UTF-16 (with its mark), plain or packed with gzip: RFC 4180
/// (quotes, doubled quotes, line breaks in quotes, CRLF or LF), first line is the header (unless
/// the options have it), every other column a finite number. Errors (one, `FILE: line 12: ...`): no
/// header, a column named twice or missing, a feature column without a name (a data frame's index),
/// a line with more or fewer cells, an open quote, an empty cell, a value that is not a finite
/// number, a time that parse_recorded_time() cannot read, a date among numbers or a number among
/// dates, an attribute or time that is another column too, no samples.
Result<CsvTable> read_csv(const std::filesystem::path& path, const CsvOptions& options);

/// The same from text; `path` is only named in errors.
Result<CsvTable> parse_csv(std::string_view text, const std::filesystem::path& path,
                           const CsvOptions& options);

}  // namespace skerry::datasets
