#include "datasets/standardisation.hpp"

#include <cmath>

#include "algorithms/sdk/check.hpp"

namespace skerry::datasets {

Standardisation::Standardisation(std::span<const float> rows, std::size_t columns)
    : columns_(columns) {
  const auto count = static_cast<double>(rows.size() / columns);
  for (std::size_t j = 0; j < columns; ++j) {
    double sum = 0, squares = 0;
    for (std::size_t at = j; at < rows.size(); at += columns) sum += rows[at];
    const double mean = sum / count;
    for (std::size_t at = j; at < rows.size(); at += columns) {
      const double apart = rows[at] - mean;
      squares = std::fma(apart, apart, squares);
    }
    const double variance = squares / count;
    columns_[j] = {.mean = mean, .deviation = variance > 0 ? std::sqrt(variance) : 1};
  }
}

Standardisation::Standardisation(std::span<const double> means, std::span<const double> deviations)
    : columns_(means.size()) {
  SKERRY_CHECK(means.size() == deviations.size(), "a column has a mean and a deviation");
  for (std::size_t j = 0; j < means.size(); ++j) columns_[j] = {means[j], deviations[j]};
}

std::vector<double> Standardisation::means() const {
  std::vector<double> means;
  for (const Column& column : columns_) means.push_back(column.mean);
  return means;
}

std::vector<double> Standardisation::deviations() const {
  std::vector<double> deviations;
  for (const Column& column : columns_) deviations.push_back(column.deviation);
  return deviations;
}

void Standardisation::apply(std::span<float> table) const {
  for (std::size_t at = 0; at < table.size(); ++at) {
    const Column& column = columns_[at % columns_.size()];
    table[at] = static_cast<float>((table[at] - column.mean) / column.deviation);
  }
}

void Standardisation::undo(std::span<float> table) const {
  for (std::size_t at = 0; at < table.size(); ++at) {
    const Column& column = columns_[at % columns_.size()];
    table[at] = static_cast<float>(table[at] * column.deviation + column.mean);
  }
}

}  // namespace skerry::datasets
