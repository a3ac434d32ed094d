#include "datasets/standardisation.hpp"

#include <cmath>

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
