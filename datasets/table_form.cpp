#include "datasets/table_form.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <set>

#include "algorithms/sdk/printable.hpp"
#include "algorithms/sdk/problems.hpp"
#include "datasets/class_labels.hpp"

namespace skerry::datasets {

namespace {

constexpr std::size_t kMostWords = 1000;  // of a column that nobody has called categorical
constexpr std::size_t kMostInputs = 100'000;
constexpr std::size_t kWordsListed = 20;
constexpr std::size_t kColumnsTold = 10;

Failure wrong_cell(const CsvTable& table, std::uint32_t row, const std::string& column,
                   const std::string& message) {
  return Failure{"line " + std::to_string(table.lines[row]) + ": column " + in_quotes(column) +
                 ": " + message};
}

/// The first three.
std::string first_words(const OddCells& odd) {
  constexpr std::size_t kShown = 3;
  const std::vector<std::string> shown(
      odd.words.begin(),
      odd.words.begin() + static_cast<std::ptrdiff_t>(std::min(odd.words.size(), kShown)));
  return odd.words.size() > kShown
             ? listed(shown) + " and " + std::to_string(odd.words.size() - kShown) + " other words"
             : listed(shown);
}

double mean_of(const CsvTable& train, std::size_t column) {
  const std::size_t columns = train.features.size();
  double sum = 0;
  std::size_t count = 0;
  for (std::size_t at = column; at < train.inputs.size(); at += columns) {
    if (std::isnan(train.inputs[at])) continue;
    sum += train.inputs[at];
    ++count;
  }
  return sum / static_cast<double>(count);
}

std::string of_rows(std::size_t part, std::size_t all) {
  return std::to_string(part) + " of " + std::to_string(all);
}

}  // namespace

const TableAgreement::Column* TableAgreement::find(std::string_view name) const {
  const auto found = std::ranges::find(columns, name, &Column::name);
  return found == columns.end() ? nullptr : &*found;
}

void TableAgreement::check(FieldReader& reader) const {
  for (const Column& column : columns) {
    if (std::ranges::adjacent_find(column.words, std::ranges::greater_equal{}) ==
        column.words.end()) {
      continue;
    }
    reader.error("columns", "the words of " + in_quotes(column.name) + " are not sorted");
  }
  if (means.size() != deviations.size()) {
    reader.error("deviations", "must be as many as means: " + std::to_string(means.size()));
  }
  if (std::ranges::any_of(deviations, [](double one) { return !(one > 0); })) {
    reader.error("deviations", "must be more than 0");
  }
}

/// What a training table says of one of its columns.
Result<TableForm::Column> TableForm::own_column(const CsvTable& train, std::size_t place) const {
  Column column{.name = train.features[place], .words = {}, .mean = {}};
  const OddCells& odd = train.odd[place];
  const std::size_t rows = train.lines.size(), words = odd.cells.size();
  const bool listed_one =
      std::ranges::find(rules_.categorical, column.name) != rules_.categorical.end();
  if (!odd.gaps.empty() && rules_.gaps == GapRule::kRefused) {
    return wrong_cell(train, odd.gaps[0], column.name, filled(column).message());
  }
  if (odd.gaps.size() == rows) {
    return wrong_cell(
        train, 0, column.name,
        "is missing, here and in every other row; leave the column out with \"drop\"");
  }
  if (words == 0) {
    if (rules_.gaps == GapRule::kMean) column.mean = mean_of(train, place);
    return column;
  }
  const std::size_t numbers = rows - words - odd.gaps.size();
  if (numbers > 0) {
    return wrong_cell(train, odd.cells[0].row, column.name,
                      in_quotes(odd.words[0]) + " is not a number, " + of_rows(numbers, rows) +
                          " rows hold one; where all are words, list the column in "
                          "\"categorical\"");
  }
  if (rules_.words == WordEncoding::kRefused) {
    return wrong_cell(train, odd.cells[0].row, column.name,
                      "holds words (" + first_words(odd) +
                          "), an input is a number; \"categories\" says how they become numbers: "
                          "\"one_hot\" or \"codes\"; or leave the column out with \"drop\"");
  }
  if (!listed_one && (odd.words.size() > kMostWords || too_many_classes(odd.words.size(), rows))) {
    return wrong_cell(train, odd.cells[0].row, column.name,
                      std::to_string(odd.words.size()) + " different words in " +
                          std::to_string(rows) +
                          " rows look like ids or free text; leave the column out with \"drop\", "
                          "or list it in \"categorical\"");
  }
  column.words = odd.words;
  std::ranges::sort(column.words);
  return column;
}

Result<TableForm> TableForm::found_in(const CsvTable& train, Rules rules,
                                      const TableAgreement* agreed) {
  TableForm form(std::move(rules));
  if (agreed != nullptr && form.rules_.words == WordEncoding::kRefused) {
    form.rules_.words = agreed->categories;
  }
  for (std::size_t i = 0; i < train.features.size(); ++i) {
    Column column{.name = train.features[i], .words = {}, .mean = {}};
    if (agreed == nullptr) {
      auto own = form.own_column(train, i);
      if (!own) return own.failure();
      column = std::move(*own);
    } else if (const TableAgreement::Column* theirs = agreed->find(column.name)) {
      column.words = theirs->words;
      column.mean = theirs->mean;
    }
    column.first = form.inputs_;
    if (column.categorical() && form.is_one_hot()) {
      column.width = column.words.size();
    }
    form.inputs_ += column.width;
    form.columns_.push_back(std::move(column));
    if (form.inputs_ > kMostInputs) {
      return Failure{"words make more than " + std::to_string(kMostInputs) +
                     " inputs; \"codes\" makes one of each column"};
    }
  }
  std::set<std::string> names;
  for (const std::string& name : form.names()) {
    if (!names.insert(name).second) {
      return Failure{"two inputs would be called " + in_quotes(name) +
                     ", a column and a word of another one; rename the column"};
    }
  }
  return form;
}

std::vector<std::string> TableForm::names() const {
  std::vector<std::string> names;
  for (const Column& column : columns_) {
    if (column.categorical() && is_one_hot()) {
      for (const std::string& word : column.words) names.push_back(column.name + "=" + word);
    } else {
      names.push_back(column.name);
    }
  }
  return names;
}

std::vector<std::string> TableForm::categorical() const {
  std::vector<std::string> names;
  for (const Column& column : columns_) {
    if (column.categorical()) names.push_back(column.name);
  }
  return names;
}

/// The value of a gap.
Result<float> TableForm::filled(const Column& column) const {
  switch (rules_.gaps) {
    case GapRule::kRefused:
      return Failure{
          "is missing; \"missing\" says what becomes of gaps: \"drop\", \"mean\" or \"constant\""};
    case GapRule::kDropped:
      return Failure{"is missing: the row is left out"};
    case GapRule::kMean:
    case GapRule::kConstant:
      break;
  }
  if (column.categorical()) return static_cast<float>(column.words.size());
  if (rules_.gaps == GapRule::kConstant) return static_cast<float>(rules_.constant);
  if (column.mean) return static_cast<float>(*column.mean);
  return Failure{
      "is missing, and no mean was agreed on that could stand for it; the cloud's source must say "
      "\"missing\": \"mean\", too"};
}

Result<float> TableForm::code_of(const Column& column, std::string_view word) const {
  const auto found = std::ranges::lower_bound(column.words, word);
  if (found != column.words.end() && *found == word) {
    return static_cast<float>(found - column.words.begin());
  }
  return Failure{in_quotes(word) + " is none of the column's " +
                 std::to_string(column.words.size()) + " words" +
                 (column.words.size() <= kWordsListed ? ": " + listed(column.words) : "")};
}

/// @param code  of a column of words, the place of the word, or their number for a gap.
void TableForm::put(const Column& column, float code, float* inputs) const {
  if (!column.categorical() || !is_one_hot()) {
    *inputs = code;
    return;
  }
  const auto word = static_cast<std::size_t>(code);
  if (word < column.words.size()) inputs[word] = 1;
}

Status TableForm::add(std::size_t place, std::string_view cell, std::vector<float>& to) const {
  const Column& column = columns_[place];
  const std::string_view word = trimmed(cell);
  const bool gap = word.empty() || stands_for_gap(word, rules_.missing);
  const Result<float> value = gap                    ? filled(column)
                              : column.categorical() ? code_of(column, word)
                                                     : finite_number(cell);
  if (!value) return value.failure();
  to.resize(to.size() + column.width);
  put(column, *value, to.data() + to.size() - column.width);
  return {};
}

/// Replaces what is odd in one column of the table by its inputs, [rows x inputs()].
Status TableForm::add_column(const Column& column, std::size_t place, const CsvTable& table,
                             std::vector<float>& inputs) const {
  const OddCells& odd = table.odd[place];
  if (!odd.gaps.empty()) {
    const Result<float> value = filled(column);
    if (!value) return wrong_cell(table, odd.gaps[0], column.name, value.message());
    for (const std::uint32_t row : odd.gaps) {
      put(column, *value, inputs.data() + row * inputs_ + column.first);
    }
  }
  if (!column.categorical() && !odd.cells.empty()) {
    return wrong_cell(table, odd.cells[0].row, column.name,
                      in_quotes(odd.words[0]) + " is not a number");
  }
  std::vector<float> codes;
  for (std::size_t i = 0; i < odd.words.size(); ++i) {
    const Result<float> code = code_of(column, odd.words[i]);
    if (!code) {
      const auto first = std::ranges::find(odd.cells, i, &OddCells::Cell::word);
      return wrong_cell(table, first->row, column.name, code.message());
    }
    codes.push_back(*code);
  }
  for (const OddCells::Cell& cell : odd.cells) {
    put(column, codes[cell.word], inputs.data() + cell.row * inputs_ + column.first);
  }
  return {};
}

Result<std::vector<float>> TableForm::take_inputs(CsvTable& table) const {
  const std::size_t rows = table.lines.size(), columns = columns_.size();
  std::vector<float> inputs;
  if (inputs_ == columns) {
    inputs = std::move(table.inputs);
  } else {
    inputs.resize(rows * inputs_);
    for (std::size_t row = 0; row < rows; ++row) {
      for (std::size_t i = 0; i < columns; ++i) {
        if (columns_[i].categorical()) continue;
        inputs[row * inputs_ + columns_[i].first] = table.inputs[row * columns + i];
      }
    }
  }
  for (std::size_t i = 0; i < columns; ++i) {
    const Column& column = columns_[i];
    // A column of one word, one-hot: its input is still the NaN of an odd cell.
    if (inputs_ == columns && column.categorical()) {
      for (std::size_t row = 0; row < rows; ++row) inputs[row * inputs_ + i] = 0;
    }
    if (const Status added = add_column(column, i, table, inputs); !added) return added.failure();
  }
  return inputs;
}

std::string TableForm::filled_text(const Column& column) const {
  if (column.categorical()) {
    return is_one_hot() ? "none of its words" : "the code " + std::to_string(column.words.size());
  }
  const Result<float> value = filled(column);
  char text[32];
  std::snprintf(text, sizeof text, "%.6g", double{value ? *value : 0});
  return rules_.gaps == GapRule::kMean ? std::string("the mean, ") + text : text;
}

std::vector<std::string> TableForm::remarks(const CsvTable& table) const {
  std::vector<std::string> remarks;
  const std::size_t rows = table.lines.size();
  if (table.dropped > 0) {
    std::string lacks;
    for (const auto& [column, count] : table.lacks) {
      lacks += (lacks.empty() ? "" : ", ") + in_quotes(column) + " in " + std::to_string(count);
    }
    remarks.push_back(of_rows(table.dropped, rows + table.dropped) +
                      " rows were left out; missing is " + lacks);
  }
  std::size_t told = 0, more = 0;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    const std::size_t gaps = table.odd[i].gaps.size();
    if (gaps == 0) continue;
    if (++told > kColumnsTold) {
      ++more;
      continue;
    }
    remarks.push_back("column " + in_quotes(columns_[i].name) + ": " + of_rows(gaps, rows) +
                      " values were missing and are now " + filled_text(columns_[i]));
  }
  if (more > 0) remarks.push_back("so were values in " + std::to_string(more) + " other columns");
  return remarks;
}

void TableForm::add_to(TableAgreement& agreement) const {
  agreement.categories = rules_.words;
  for (const Column& column : columns_) {
    if (column.categorical() || column.mean) {
      agreement.columns.push_back({column.name, column.words, column.mean});
    }
  }
}

}  // namespace skerry::datasets
