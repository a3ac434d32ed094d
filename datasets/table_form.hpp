#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "algorithms/sdk/result.hpp"
#include "datasets/csv.hpp"
#include "datasets/table_agreement.hpp"

namespace skerry::datasets {

/// How the cells of a table become inputs: which columns hold words, which words there are, and
/// what stands for a gap. It is found in a training table, or agreed on, and then holds for every
/// other row: of the test file, of other nodes, and of rows that come during a run. Immutable.
class TableForm {
 public:
  struct Rules {
    WordEncoding words = WordEncoding::kRefused;
    GapRule gaps = GapRule::kRefused;
    double constant = 0;                   // what stands for a gap under GapRule::kConstant
    std::vector<std::string> missing;      // words that stand for a gap: see stands_for_gap()
    std::vector<std::string> categorical;  // columns of words, even where every word is a number
  };
  struct Column {
    std::string name;
    std::vector<std::string> words;  // sorted; empty: a column of numbers
    std::optional<double> mean;      // GapRule::kMean: over the training rows that have a value
    std::size_t first = 0;           // of its inputs among all
    std::size_t width = 1;           // number of its inputs

    bool categorical() const { return !words.empty(); }
  };

  /// @param train   read with CsvOptions::loose.
  /// @param agreed  what other nodes have; null: the table itself decides.
  /// Errors, `line 12: column "colour": ...` with what can be done: words or gaps that the rules
  /// refuse (the first words are named), a column that holds both numbers and words, one without
  /// any value, one with as many words as an id has, two inputs of the same name.
  /// Cost: O(cells).
  static Result<TableForm> found_in(const CsvTable& train, Rules rules,
                                    const TableAgreement* agreed = nullptr);

  /// Of the table, in its order.
  const std::vector<Column>& columns() const { return columns_; }
  /// Of the inputs: `age`, and `colour=red` for one of the words of a one-hot column.
  std::vector<std::string> names() const;
  std::size_t inputs() const { return inputs_; }
  bool is_one_hot() const { return rules_.words == WordEncoding::kOneHot; }
  /// Names of the columns that hold words, for CsvOptions::categorical.
  std::vector<std::string> categorical() const;

  /// Appends the inputs of one cell. A gap among words sets none of a one-hot column's inputs; as a
  /// code it is the number of words. Errors, after which nothing was appended: `"red" is not a
  /// number`, a word that is none of the column's, a gap that the rules do not fill.
  Status add(std::size_t column, std::string_view cell, std::vector<float>& to) const;
  /// The inputs of all rows, [rows x inputs()]; takes them out of the table, whose columns must be
  /// those of this form. Errors: those of add(), with line and column.
  Result<std::vector<float>> take_inputs(CsvTable& table) const;

  /// What became of rows and gaps of the table, for people: `3 of 12 rows were left out: ...`.
  std::vector<std::string> remarks(const CsvTable& table) const;
  /// Adds what others must know to what is agreed on.
  void add_to(TableAgreement& agreement) const;

 private:
  explicit TableForm(Rules rules) : rules_(std::move(rules)) {}
  Result<Column> own_column(const CsvTable& train, std::size_t column) const;
  Result<float> code_of(const Column& column, std::string_view word) const;
  Result<float> filled(const Column& column) const;
  std::string filled_text(const Column& column) const;
  void put(const Column& column, float code, float* inputs) const;
  Status add_column(const Column& column, std::size_t place, const CsvTable& table,
                    std::vector<float>& inputs) const;

  Rules rules_;
  std::vector<Column> columns_;
  std::size_t inputs_ = 0;
};

}  // namespace skerry::datasets
