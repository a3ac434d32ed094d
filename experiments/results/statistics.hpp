#pragma once

#include <cstddef>
#include <limits>
#include <span>

namespace skerry::experiments {

/// What several values say about the quantity that they measure.
struct Estimate {
  std::size_t n = 0;
  double mean = std::numeric_limits<double>::quiet_NaN();
  double sd = std::numeric_limits<double>::quiet_NaN();          // of the sample: n - 1
  double half_width = std::numeric_limits<double>::quiet_NaN();  // of the 95 % interval of the mean
};

/// Mean, standard deviation and Student's 95 % interval. Without values, n is 0 and all else NaN.
/// With one value, that is the mean, and `sd` and `half_width` are NaN.
Estimate estimate(std::span<const double> values);

/// P(|T| < t) for Student's t with `degrees` degrees of freedom, t >= 0.
///   Finite sums for whole degrees: Abramowitz & Stegun 1964, eq. 26.7.3 and 26.7.4.
/// Cost: O(degrees).
double t_probability(double t, std::size_t degrees);

/// The t with P(|T| < t) = 0.95: 12.706 for one degree of freedom, 2.262 for nine.
double t_critical(std::size_t degrees);

/// Two-sided sign test: the probability of a split at least this uneven if both signs are equally
/// likely. 1 without any sign.
double sign_test(std::size_t positive, std::size_t negative);

}  // namespace skerry::experiments
