#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

namespace skerry {

/// out[i] = combine(the i-th values of all updates), for rules that treat every coordinate by
/// itself. The columns of a tile of coordinates are gathered together, so that each update is read
/// in order.
/// @param values   rows [updates][P], at least one.
/// @param out      [P].
/// @param combine  takes std::span<float> [updates], which it may reorder, and returns a float.
template <class Combine>
void each_column(std::span<const std::span<const float>> values, std::span<float> out,
                 const Combine& combine) {
  constexpr std::size_t kTile = 64;
  const std::size_t n = values.size();
  std::vector<float> columns(kTile * n);
  for (std::size_t begin = 0; begin < out.size(); begin += kTile) {
    const std::size_t width = std::min(kTile, out.size() - begin);
    for (std::size_t k = 0; k < n; ++k) {
      for (std::size_t i = 0; i < width; ++i) columns[i * n + k] = values[k][begin + i];
    }
    for (std::size_t i = 0; i < width; ++i) {
      out[begin + i] = combine(std::span(columns).subspan(i * n, n));
    }
  }
}

}  // namespace skerry
