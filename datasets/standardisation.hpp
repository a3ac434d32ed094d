#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace skerry::datasets {

/// x = (value - mean) / deviation of each column, as the rows say that it is made from; deviation 1
/// where they are constant.
class Standardisation {
 public:
  /// @param rows  [rows x columns], at least one row.
  Standardisation(std::span<const float> rows, std::size_t columns);
  /// As somebody else's rows said, both [columns], at least one; deviations are more than 0.
  Standardisation(std::span<const double> means, std::span<const double> deviations);
  std::vector<double> means() const;
  std::vector<double> deviations() const;
  std::size_t columns() const { return columns_.size(); }
  /// Scales [any rows x columns] in place.
  void apply(std::span<float> table) const;
  /// Scales back, up to rounding.
  void undo(std::span<float> table) const;

 private:
  struct Column {
    double mean = 0, deviation = 1;
  };
  std::vector<Column> columns_;
};

}  // namespace skerry::datasets
