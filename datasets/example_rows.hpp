#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "datasets/class_labels.hpp"
#include "datasets/data_source.hpp"

namespace skerry::datasets {

/// Examples that came one after another, with or without their true class.
struct ExampleBatch {
  std::vector<float> values;         // [examples x input_size], normalised; or
  std::vector<std::uint8_t> bytes;   // [examples x input_size], as the source holds them
  std::vector<std::int32_t> labels;  // [examples]; -1: nobody knows
};

/// Turns rows that come while a run goes on into examples: of the shape and classes that were
/// agreed on, and normalised as the node's own data is. Only inputs and the class are read.
///
/// A CSV file begins with a header. Where the node's data is a table, or has names of features, the
/// header must have each of them, in any order, and other columns do not matter. Words and gaps in
/// a table become what they became in the node's own file; a row that would be left out there is
/// refused. Elsewhere all columns but the
/// class are values of the input, in their order. The column of the class (TableRules::label) may
/// be missing, and its cell may be empty.
///
/// A value is what the source's own files would hold: a byte where its samples are bytes. Streams
/// that change what models see (rotated, permuted) do not change these rows.
class ExampleRows {
 public:
  /// @param data    what the node has.
  /// @param schema  what models see.
  ExampleRows(const DataSet& data, const DataSchema& schema);

  /// The header of the file from which the next lines come. Errors: what is wrong with it; then
  /// every line is refused with the same words until the next header.
  Status take_header(const std::string& line);
  /// Adds the example of one line. Errors: why it is none; nothing was added.
  Status add(const std::string& line, ExampleBatch& to);
  /// The examples of a NumPy file: `.npy`, or `.npz` with the array "inputs" [examples, ...] and,
  /// if the classes are known, "labels" [examples], whole numbers of which -1 means that nobody
  /// knows. Errors, each with the file's name: those of the readers, another shape, a value that is
  /// no finite float32 or no byte, a label that is no class, a file above kLargestFile bytes.
  Result<ExampleBatch> read_arrays(const std::filesystem::path& file) const;

  static constexpr std::uintmax_t kLargestFile = std::uintmax_t{64} << 20;

 private:
  struct Columns {
    std::vector<std::size_t> inputs;   // column of each value
    std::optional<std::size_t> label;  // column of the class
    std::size_t count = 0;
  };
  Result<Columns> columns_of(const std::vector<std::string>& header) const;
  static std::vector<std::string> columns_read(const DataSet& data);
  Status add_number(const std::string& cell, ExampleBatch& to) const;
  Status add_value(double value, ExampleBatch& to) const;
  Status add_values(const std::vector<std::string>& cells, ExampleBatch& to) const;
  Result<std::int32_t> label_in(const std::string& cell);

  DataSchema schema_;
  bool bytes_;
  TableRules rules_;
  std::vector<std::string> features_;
  ClassLabels classes_;
  std::vector<std::string> names_;  // of columns
  Result<Columns> columns_ = Failure{"no header has come"};
  std::map<std::string, std::int32_t> known_labels_;
};

}  // namespace skerry::datasets
