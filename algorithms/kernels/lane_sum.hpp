#pragma once

#include <cstddef>

namespace skerry::kernels {

/// A sum in 16 fixed lanes, term i in lane i mod 16, combined in a fixed tree: the same bits
/// whatever the width of the vectors that add it up.
template <class T>
class LaneSum {
 public:
  static constexpr std::size_t kLanes = 16;

  [[gnu::always_inline]] void add(std::size_t i, T term) { lane_[i % kLanes] += term; }

  /// Adds term(i) for i in [0, size).
  template <class Term>
  [[gnu::always_inline]] void add_all(std::size_t size, const Term& term) {
    std::size_t i = 0;
    for (; i + kLanes <= size; i += kLanes) {
      for (std::size_t l = 0; l < kLanes; ++l) lane_[l] += term(i + l);
    }
    for (std::size_t l = 0; i + l < size; ++l) lane_[l] += term(i + l);
  }

  [[gnu::always_inline]] T value() const {
    T sum[kLanes / 2];
    for (std::size_t l = 0; l < 8; ++l) sum[l] = lane_[l] + lane_[l + 8];
    for (std::size_t l = 0; l < 4; ++l) sum[l] += sum[l + 4];
    for (std::size_t l = 0; l < 2; ++l) sum[l] += sum[l + 2];
    return sum[0] + sum[1];
  }

 private:
  T lane_[kLanes] = {};
};

}  // namespace skerry::kernels
