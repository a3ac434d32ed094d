#pragma once

#include <bit>
#include <cstdint>
#include <span>
#include <vector>

namespace skerry {

/// The bits of floats. Tests compare these if values must be identical, including -0 and NaN.
inline std::vector<std::uint32_t> bits(std::span<const float> values) {
  std::vector<std::uint32_t> all;
  for (float value : values) all.push_back(std::bit_cast<std::uint32_t>(value));
  return all;
}

}  // namespace skerry
