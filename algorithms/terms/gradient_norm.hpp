#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <span>

namespace skerry::terms {

/// L2 norm: a double sum in 16 fixed lanes and a fixed tree.
inline double gradient_norm(std::span<const float> values) {
  constexpr std::size_t kLanes = 16;
  std::array<double, kLanes> lanes{};
  std::size_t i = 0;
  for (; i + kLanes <= values.size(); i += kLanes) {
    for (std::size_t l = 0; l < kLanes; ++l) lanes[l] += double{values[i + l]} * values[i + l];
  }
  for (std::size_t l = 0; i + l < values.size(); ++l) {
    lanes[l] += double{values[i + l]} * values[i + l];
  }
  for (std::size_t half = kLanes / 2; half > 0; half /= 2) {
    for (std::size_t l = 0; l < half; ++l) lanes[l] += lanes[l + half];
  }
  return std::sqrt(lanes[0]);
}

}  // namespace skerry::terms
