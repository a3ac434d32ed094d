#pragma once

#include <algorithm>
#include <cstddef>
#include <span>

namespace skerry {

/// Two-sample Kolmogorov-Smirnov statistic of samples of equal size n, times n: the largest
/// |#{a <= v} - #{b <= v}| over all values v. Both sorted, not empty.
inline std::size_t ks_steps(std::span<const double> a, std::span<const double> b) {
  std::size_t i = 0, j = 0, most = 0;
  while (i < a.size() && j < b.size()) {
    const double v = std::min(a[i], b[j]);
    while (i < a.size() && a[i] <= v) ++i;
    while (j < b.size() && b[j] <= v) ++j;
    most = std::max(most, i > j ? i - j : j - i);
  }
  return most;
}

/// P(n D >= h) for two samples of size n from one continuous distribution, exact:
///   2 (C(2n, n-h) - C(2n, n-2h) + C(2n, n-3h) - ...) / C(2n, n)             [Hodges 1958, sec. 2]
/// evaluated from the smallest term outwards, each as a product of ratios. With ties it is an upper
/// bound. h <= n; h = 0 gives 1. Cost: O(n).
inline double ks_p_value(std::size_t n, std::size_t h) {
  if (h == 0) return 1;
  double sum = 0;
  for (std::size_t k = n / h + 1; k-- > 0;) {
    double ratio = 1;  // C(2n, n-(k+1)h) / C(2n, n-kh)
    for (std::size_t j = 0; j < h; ++j) {
      const std::size_t below = k * h + j;
      const double numerator = below > n ? 0 : static_cast<double>(n - below);
      ratio = numerator * ratio / static_cast<double>(n + below + 1);
    }
    sum = ratio * (1 - sum);
  }
  return std::clamp(2 * sum, 0.0, 1.0);
}

}  // namespace skerry
