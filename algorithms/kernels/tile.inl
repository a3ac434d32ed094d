// The register tile all products are made of. Included once by each instruction set's source, after
// its lanes; see dense.hpp for the rule its sums follow.
#pragma once

#include <cstddef>

#include "algorithms/kernels/panel.hpp"

namespace skerry::kernels {
namespace {

/// M rows times T vectors of sums, kept in registers while the inner index runs.
template <int M, int T>
struct Tile {
  static constexpr int kRows = M;
  static constexpr int kWidth = T * kLanes;
  V sum[M][T];

  SKERRY_INLINE void clear() {
#pragma GCC unroll 16
    for (int m = 0; m < M; ++m)
#pragma GCC unroll 4
      for (int t = 0; t < T; ++t) sum[m][t] = zero();
  }

  /// Takes sums up again where store() left them.
  SKERRY_INLINE void load(const float* c, std::size_t row) {
#pragma GCC unroll 16
    for (int m = 0; m < M; ++m)
#pragma GCC unroll 4
      for (int t = 0; t < T; ++t) sum[m][t] = kernels::load(c + m * row + t * kLanes);
  }

  SKERRY_INLINE void store(float* c, std::size_t row) const {
#pragma GCC unroll 16
    for (int m = 0; m < M; ++m)
#pragma GCC unroll 4
      for (int t = 0; t < T; ++t) kernels::store(c + m * row + t * kLanes, sum[m][t]);
  }

  SKERRY_INLINE void clear_signs_of_zeros() {
#pragma GCC unroll 16
    for (int m = 0; m < M; ++m)
#pragma GCC unroll 4
      for (int t = 0; t < T; ++t) {
        sum[m][t] = where_equal(sum[m][t], zero(), zero(), sum[m][t]);  // -0 equals 0
      }
  }

  SKERRY_INLINE void add(const float* bias) {
#pragma GCC unroll 4
    for (int t = 0; t < T; ++t) {
      const V b = kernels::load(bias + t * kLanes);
#pragma GCC unroll 16
      for (int m = 0; m < M; ++m) sum[m][t] = kernels::add(sum[m][t], b);
    }
  }

  /// `count` inner indices, ascending; a and b move by their step at each:
  ///   sum[m][t] = fma(a[m * a_row], b[t], sum[m][t])
  struct Walk {
    std::size_t count;
    std::size_t a_row;
    std::size_t a_step;
    std::size_t b_step;
  };
  SKERRY_INLINE void run(const float* a, const float* b, const Walk& walk) {
    // A few offsets from several pointers: with one pointer and an offset per row, the offsets
    // would not fit into registers.
    constexpr int kGroup = 5;
    const float* group[(M + kGroup - 1) / kGroup];
    for (int g = 0; g * kGroup < M; ++g) {
      group[g] = a + g * kGroup * walk.a_row;
      __asm__("" : "+r"(group[g]));  // unrelated, for all the compiler knows
    }
#pragma GCC unroll 5  // short walks, as over a small batch, are mostly turns of the loop
    for (std::size_t i = 0; i < walk.count; ++i) {
      V right[T];
#pragma GCC unroll 4
      for (int t = 0; t < T; ++t) right[t] = kernels::load(b + t * kLanes);
#pragma GCC unroll 16
      for (int m = 0; m < M; ++m) {
        const V left = broadcast(group[m / kGroup][m % kGroup * walk.a_row]);
#pragma GCC unroll 4
        for (int t = 0; t < T; ++t) sum[m][t] = fma(left, right[t], sum[m][t]);
      }
      for (const float*& rows : group) rows += walk.a_step;
      b += walk.b_step;
    }
  }
};

/// Calls body(Rows<N>) for a run-time number of rows N, 1 … Most.
template <int N>
struct Rows {
  static constexpr int value = N;
};
template <int Most = kTileRows, class Body>
SKERRY_INLINE void with_rows(std::size_t rows, Body body) {
  if constexpr (Most >= 1) {
    if (rows == Most) {
      body(Rows<Most>{});
    } else {
      with_rows<Most - 1>(rows, body);
    }
  }
}

/// Cuts [0, total) into the fewest parts of at most kTileRows, nearly equal: no thin last tile.
struct Cuts {
  std::size_t total;
  std::size_t parts;
  SKERRY_INLINE explicit Cuts(std::size_t n) : total(n), parts((n + kTileRows - 1) / kTileRows) {}
  SKERRY_INLINE std::size_t begin(std::size_t part) const { return total * part / parts; }
  SKERRY_INLINE std::size_t size(std::size_t part) const { return begin(part + 1) - begin(part); }
};

/// Calls body(lane, vectors) for the vectors that cover `outputs`, kTileVectors at a time.
template <class Body>
SKERRY_INLINE void each_strip(std::size_t outputs, Body body) {
  for (std::size_t lane = 0; lane < outputs;) {
    if (kTileVectors > 1 && outputs - lane > kLanes) {
      body(lane, Rows<kTileVectors>{});
      lane += kTileVectors * kLanes;
    } else {
      body(lane, Rows<1>{});
      lane += kLanes;
    }
  }
}

/// Where lane `lane` of a packed matrix begins.
SKERRY_INLINE std::size_t packed_lane(std::size_t lane, std::size_t inputs) {
  return lane / kPanel * kPanel * inputs + lane % kPanel;
}

}  // namespace
}  // namespace skerry::kernels
