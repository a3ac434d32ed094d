#pragma once

#include <cstddef>
#include <vector>

namespace skerry::experiments {

/// Up to `most` of `all`, evenly spread and in their order: the first, the last (unless `most` is
/// 1) and some between.
template <class T>
std::vector<T> evenly_spread(std::vector<T> all, std::size_t most) {
  if (all.size() <= most) return all;
  std::vector<T> kept;
  for (std::size_t i = 0; i < most; ++i) {
    kept.push_back(all[most == 1 ? 0 : i * (all.size() - 1) / (most - 1)]);
  }
  return kept;
}

}  // namespace skerry::experiments
