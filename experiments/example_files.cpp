#include "experiments/example_files.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

#include "algorithms/sdk/printable.hpp"
#include "datasets/csv.hpp"
#include "datasets/npy.hpp"

namespace skerry::experiments {

namespace {

using real::ExampleForm;
using real::Question;

/// Where a number stands in a file, for error texts.
struct Place {
  const std::string& file;
  std::string text;

  Failure wrong(const std::string& what) const { return Failure{file + ": " + text + ": " + what}; }
};

Status add(Question& question, double number, bool as_bytes, const Place& place) {
  if (!as_bytes) {
    const auto value = static_cast<float>(number);
    if (!std::isfinite(value)) return place.wrong("is not a finite float32");
    question.values.push_back(value);
    return {};
  }
  if (!(number >= 0 && number <= 255) || number != std::floor(number)) {
    return place.wrong(
        "is no byte, a whole number from 0 to 255; say --as values where the "
        "numbers are normalised already");
  }
  question.bytes.push_back(static_cast<std::uint8_t>(number));
  return {};
}

Status check_form(const std::string& file, const ExampleForm& form, SendAs as) {
  if (as != SendAs::kBytes || form.bytes) return {};
  return Failure{file + ": the edge takes no bytes: its data source has none"};
}

/// How many examples an array of that shape holds; nothing where the shape does not fit.
std::optional<std::size_t> count_of(const Shape& shape, const ExampleForm& form) {
  if (form.fits(shape)) return 1;
  if (shape.empty() || !form.fits({shape.begin() + 1, shape.end()})) return std::nullopt;
  return shape.front();
}

}  // namespace

Result<std::vector<Question>> examples_in_npy(const std::string& file, const ExampleForm& form,
                                              SendAs as) {
  if (auto fits = check_form(file, form, as); !fits) return fits.failure();
  const auto array = datasets::read_npy(file);
  if (!array) return array.failure();
  const auto count = count_of(array->shape(), form);
  if (!count || array->size() == 0) {
    return Failure{file + ": has the shape " + to_string(array->shape()) + "; an example is " +
                   to_string(form.shape) + ", many have one more extent in front"};
  }
  const bool real_numbers = array->type() == DType::kFloat32 || array->type() == DType::kFloat64;
  const bool as_bytes =
      as == SendAs::kBytes || (as == SendAs::kNatural && form.bytes && !real_numbers);
  const std::size_t size = array->size() / *count;
  std::vector<Question> questions(*count);
  for (std::size_t i = 0; i < array->size(); ++i) {
    Question& question = questions[i / size];
    if (i % size == 0) question.shape = form.shape;
    const Place place{file, "element " + std::to_string(i)};
    if (auto added = add(question, array->number(i), as_bytes, place); !added) {
      return added.failure();
    }
  }
  return questions;
}

namespace {

/// Where the edge's features stand among the columns of a file: [features]. A file or an edge
/// without names has them in order.
Result<std::vector<std::size_t>> order_of(const std::vector<std::string>& columns,
                                          const ExampleForm& form) {
  std::vector<std::size_t> order;
  for (const std::string& feature : form.features) {
    const auto found = std::ranges::find(columns, feature);
    if (found == columns.end()) {
      return Failure{"no column \"" + feature + "\", which the edge's examples have" +
                     choices(feature, columns)};
    }
    order.push_back(static_cast<std::size_t>(found - columns.begin()));
  }
  for (std::size_t i = order.size(); i < columns.size(); ++i) order.push_back(i);
  return order;
}

}  // namespace

Result<std::vector<Question>> examples_in_csv(const std::string& file,
                                              const std::vector<std::string>& drop,
                                              const ExampleForm& form, SendAs as) {
  if (auto fits = check_form(file, form, as); !fits) return fits.failure();
  const auto table = datasets::read_csv(file, {.label = "", .natural_id = "", .drop = drop});
  if (!table) return table.failure();
  const std::size_t columns = table->features.size();
  if (columns != element_count(form.shape)) {
    return Failure{file + ": " + std::to_string(columns) + " columns; an example has " +
                   std::to_string(element_count(form.shape)) + " values" +
                   (columns > element_count(form.shape) ? "; leave some out with --drop" : "")};
  }
  const auto order = order_of(table->features, form);
  if (!order) return Failure{file + ": " + order.message()};
  const bool as_bytes = as == SendAs::kBytes || (as == SendAs::kNatural && form.bytes);
  std::vector<Question> questions(table->lines.size());
  for (std::size_t i = 0; i < table->inputs.size(); ++i) {
    Question& question = questions[i / columns];
    const std::size_t column = (*order)[i % columns];
    const Place place{file, "line " + std::to_string(table->lines[i / columns]) + ", column \"" +
                                table->features[column] + "\""};
    const float value = table->inputs[i - i % columns + column];
    if (auto added = add(question, value, as_bytes, place); !added) {
      return added.failure();
    }
  }
  return questions;
}

}  // namespace skerry::experiments
