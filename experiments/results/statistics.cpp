#include "experiments/results/statistics.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "algorithms/sdk/check.hpp"

namespace skerry::experiments {

Estimate estimate(std::span<const double> values) {
  Estimate result;
  result.n = values.size();
  if (values.empty()) return result;
  const auto n = static_cast<double>(values.size());
  double sum = 0;
  for (const double value : values) sum += value;
  result.mean = sum / n;
  if (values.size() < 2) return result;
  double squares = 0;
  for (const double value : values) squares += (value - result.mean) * (value - result.mean);
  result.sd = std::sqrt(squares / (n - 1));
  result.half_width = t_critical(values.size() - 1) * result.sd / std::sqrt(n);
  return result;
}

double t_probability(double t, std::size_t degrees) {
  SKERRY_CHECK(t >= 0 && degrees > 0, "t is not negative and has a degree of freedom");
  const double angle = std::atan(t / std::sqrt(static_cast<double>(degrees)));
  const double sine = std::sin(angle);
  const double cosine = std::cos(angle);
  const bool odd = degrees % 2 == 1;
  double term = odd ? cosine : 1;
  double sum = 0;
  for (std::size_t k = odd ? 3 : 2; k <= degrees; k += 2) {
    sum += term;
    const auto power = static_cast<double>(k);
    term *= cosine * cosine * (power - 1) / power;
  }
  return odd ? 2 / std::numbers::pi * (angle + sine * sum) : sine * sum;
}

double t_critical(std::size_t degrees) {
  double low = 0;
  double high = 16;  // above 12.706, the result for one degree
  for (int i = 0; i < 60; ++i) {
    const double middle = (low + high) / 2;
    (t_probability(middle, degrees) < 0.95 ? low : high) = middle;
  }
  return high;
}

double sign_test(std::size_t positive, std::size_t negative) {
  const std::size_t n = positive + negative;
  const std::size_t fewer = std::min(positive, negative);
  double tail = 0;
  for (std::size_t k = 0; k <= fewer; ++k) {
    const auto total = static_cast<double>(n);
    const auto part = static_cast<double>(k);
    const double ways =
        std::lgamma(total + 1) - std::lgamma(part + 1) - std::lgamma(total - part + 1);
    tail += std::exp(ways - total * std::numbers::ln2);
  }
  return std::min(1.0, 2 * tail);
}

}  // namespace skerry::experiments
