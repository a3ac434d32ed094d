#pragma once

#include <cstdint>

namespace skerry {

/// Mean and sum of squared deviations of the values so far. [Welford 1962]
///   m_n = m_(n-1) + (x_n - m_(n-1)) / n,   S_n = S_(n-1) + (x_n - m_(n-1)) (x_n - m_n)
/// Equal values keep the mean exactly.
struct RunningMean {
  std::uint64_t n = 0;
  double mean = 0;
  double squares = 0;

  void add(double x) {
    const double before = mean;
    ++n;
    mean += 1.0 / static_cast<double>(n) * (x - before);
    squares += (x - before) * (x - mean);
  }
  double count() const { return static_cast<double>(n); }
  /// Unbiased; 0 for fewer than two values.
  double variance() const { return n > 1 ? squares / (count() - 1) : 0; }

  template <class A>
  void archive(A& a) {
    a(n, mean, squares);
  }
};

}  // namespace skerry
