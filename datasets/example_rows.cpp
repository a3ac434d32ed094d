#include "datasets/example_rows.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "algorithms/sdk/printable.hpp"
#include "algorithms/sdk/problems.hpp"
#include "datasets/csv.hpp"
#include "datasets/npz.hpp"
#include "datasets/table_form.hpp"

namespace skerry::datasets {

namespace {

Failure wrong_array(const std::filesystem::path& file, const std::string& array,
                    const std::string& message) {
  return Failure{file.string() + ": " + array + ": " + message};
}

}  // namespace

/// Names of the columns whose cells make the inputs, or empty.
std::vector<std::string> ExampleRows::columns_read(const DataSet& data) {
  if (!data.table.form) return data.feature_names;
  std::vector<std::string> names;
  for (const TableForm::Column& column : data.table.form->columns()) names.push_back(column.name);
  return names;
}

ExampleRows::ExampleRows(const DataSet& data, const DataSchema& schema)
    : schema_(schema),
      bytes_(data.train->byte_rows().data != nullptr),
      rules_(data.table),
      features_(columns_read(data)),
      classes_(class_names_of(data)) {}

Result<ExampleRows::Columns> ExampleRows::columns_of(const std::vector<std::string>& header) const {
  Columns columns{.inputs = {}, .label = {}, .count = header.size()};
  std::map<std::string, std::size_t> place;
  for (std::size_t i = 0; i < header.size(); ++i) {
    if (!place.emplace(header[i], i).second) {
      return Failure{"two columns are called " + in_quotes(header[i])};
    }
  }
  if (const auto label = place.find(rules_.label); label != place.end()) {
    columns.label = label->second;
  }
  for (const std::string& feature : features_) {
    const auto found = place.find(feature);
    if (found == place.end()) {
      return Failure{"no column " + in_quotes(feature) + choices(feature, header)};
    }
    columns.inputs.push_back(found->second);
  }
  if (!features_.empty()) return columns;
  for (std::size_t i = 0; i < header.size(); ++i) {
    if (columns.label != i) columns.inputs.push_back(i);
  }
  if (columns.inputs.size() == schema_.input_size()) return columns;
  return Failure{std::to_string(columns.inputs.size()) + " columns besides " +
                 in_quotes(rules_.label) + ", an example has " +
                 std::to_string(schema_.input_size()) + " values"};
}

Status ExampleRows::take_header(const std::string& line) {
  auto cells = csv_cells(line, rules_.separator);
  if (!cells) {
    columns_ = Failure{"the header cannot be read: " + cells.message()};
    return columns_.failure();
  }
  columns_ = columns_of(*cells);
  names_ = std::move(*cells);
  if (columns_) return {};
  columns_ = Failure{"the header does not fit: " + columns_.message()};
  return columns_.failure();
}

Status ExampleRows::add_value(double value, ExampleBatch& to) const {
  if (bytes_) {
    if (!(value >= 0 && value <= 255) || value != std::trunc(value)) {
      return Failure{number_text(value) + " is no byte: whole numbers from 0 to 255 are"};
    }
    to.bytes.push_back(static_cast<std::uint8_t>(value));
    return {};
  }
  const auto stored =
      static_cast<float>((value / schema_.scale - schema_.mean) / schema_.deviation);
  if (!std::isfinite(stored)) return Failure{number_text(value) + " is not a finite float32"};
  to.values.push_back(stored);
  return {};
}

Status ExampleRows::add_number(const std::string& cell, ExampleBatch& to) const {
  const auto value = finite_number(cell);
  return value ? add_value(double{*value}, to) : Status(value.failure());
}

Status ExampleRows::add_values(const std::vector<std::string>& cells, ExampleBatch& to) const {
  const std::size_t before = to.values.size();
  for (std::size_t i = 0; i < columns_->inputs.size(); ++i) {
    const std::size_t column = columns_->inputs[i];
    const Status added =
        rules_.form ? rules_.form->add(i, cells[column], to.values) : add_number(cells[column], to);
    if (!added) return Failure{"column " + in_quotes(names_[column]) + ": " + added.message()};
  }
  if (!rules_.scale || bytes_) return {};
  const auto row = std::span(to.values).subspan(before);
  rules_.scale->apply(row);
  if (std::ranges::all_of(row, [](float value) { return std::isfinite(value); })) return {};
  return Failure{"a value is no finite float32 once it is standardised"};
}

Result<std::int32_t> ExampleRows::label_in(const std::string& cell) {
  const std::string word(trimmed(cell));
  if (word.empty()) return -1;
  const auto known = known_labels_.find(word);
  if (known != known_labels_.end()) return known->second;
  const auto label = classes_.class_of(word);
  if (!label) return label.failure();
  if (static_cast<std::uint32_t>(*label) >= schema_.classes) {
    return Failure{"label " + in_quotes(word) + " is no class of what models see"};
  }
  known_labels_[word] = *label;
  return *label;
}

Status ExampleRows::add(const std::string& line, ExampleBatch& to) {
  if (!columns_) return columns_.failure();
  const auto cells = csv_cells(line, rules_.separator, columns_->count);
  if (!cells) return cells.failure();
  std::int32_t label = -1;
  if (columns_->label) {
    const auto found = label_in((*cells)[*columns_->label]);
    if (!found) {
      return Failure{"column " + in_quotes(names_[*columns_->label]) + ": " + found.message()};
    }
    label = *found;
  }
  const std::size_t values = to.values.size(), bytes = to.bytes.size();
  Status added = add_values(*cells, to);
  if (!added) {
    to.values.resize(values);
    to.bytes.resize(bytes);
    return added;
  }
  to.labels.push_back(label);
  return {};
}

Result<ExampleBatch> ExampleRows::read_arrays(const std::filesystem::path& file) const {
  std::error_code error;
  if (std::filesystem::file_size(file, error) > kLargestFile && !error) {
    return Failure{file.string() + ": is larger than " + std::to_string(kLargestFile >> 20) +
                   " MiB; cut it into several files"};
  }
  std::map<std::string, NpyArray> arrays;
  if (file.extension() == ".npy") {
    auto array = read_npy(file);
    if (!array) return array.failure();
    arrays.emplace("inputs", std::move(*array));
  } else {
    auto all = read_npz(file);
    if (!all) return all.failure();
    arrays = std::move(*all);
  }
  const auto inputs = arrays.find("inputs");
  if (inputs == arrays.end()) return wrong_array(file, "inputs", "there is no such array");
  const Shape& shape = inputs->second.shape();
  const std::size_t count = shape.empty() ? 0 : shape[0];
  if (count == 0 || inputs->second.size() != count * schema_.input_size()) {
    return wrong_array(
        file, "inputs",
        "holds " + to_string(shape) + ", not examples of " + to_string(schema_.input));
  }
  ExampleBatch batch{.values = {}, .bytes = {}, .labels = std::vector<std::int32_t>(count, -1)};
  for (std::size_t i = 0; i < inputs->second.size(); ++i) {
    const Status added = add_value(inputs->second.number(i), batch);
    if (!added) {
      return wrong_array(file, "inputs", "element " + std::to_string(i) + ": " + added.message());
    }
  }
  if (rules_.scale && !bytes_) rules_.scale->apply(batch.values);
  const auto labels = arrays.find("labels");
  if (labels == arrays.end()) return batch;
  if (labels->second.size() != count) {
    return wrong_array(file, "labels",
                       "holds " + std::to_string(labels->second.size()) + " for " +
                           std::to_string(count) + " examples");
  }
  for (std::size_t i = 0; i < count; ++i) {
    const double label = labels->second.number(i);
    if (!(label >= -1 && label < schema_.classes) || label != std::trunc(label)) {
      return wrong_array(file, "labels",
                         "element " + std::to_string(i) + ": " + number_text(label) +
                             " is no class: 0 to " + std::to_string(schema_.classes - 1) +
                             " are, and -1 where nobody knows");
    }
    batch.labels[i] = static_cast<std::int32_t>(label);
  }
  return batch;
}

}  // namespace skerry::datasets
