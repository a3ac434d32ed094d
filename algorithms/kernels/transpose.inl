// Transposes and packing: blocks of kLanes x kLanes through registers. Cost: each element moved
// once.
// Loads of 4 floats bring rows r, r + 4, r + 8 … of 4 columns together; what is left of the
// transpose stays within groups of 4 lanes.
#pragma once

#include "algorithms/kernels/dense.hpp"
#include "algorithms/kernels/tile.inl"

namespace skerry::kernels {
namespace {

struct Block {
  const float* from;
  std::size_t from_pitch;
  float* to;
  std::size_t to_pitch;
};

/// Calls put(column, values) for 4 columns, from `column` on.
template <class Store>
SKERRY_INLINE void transpose_columns(const Block& b, std::size_t column, Store put) {
  V row[4];
#pragma GCC unroll 4
  for (std::size_t r = 0; r < 4; ++r)
    row[r] = load_groups(b.from + r * b.from_pitch + column, 4 * b.from_pitch);
  const V low[2] = {interleave_low(row[0], row[1]), interleave_low(row[2], row[3])};
  const V high[2] = {interleave_high(row[0], row[1]), interleave_high(row[2], row[3])};
  put(column, join_low(low[0], low[1]));
  put(column + 1, join_high(low[0], low[1]));
  put(column + 2, join_low(high[0], high[1]));
  put(column + 3, join_high(high[0], high[1]));
}

void transpose_full(const Block& b) {
#pragma GCC unroll 4
  for (std::size_t c = 0; c < kLanes; c += 4) {
    transpose_columns(b, c, [&](std::size_t to, V v) { store(b.to + to * b.to_pitch, v); });
  }
}

/// A block at the edge: rows beyond `rows` read as zero; `columns` rows of `write` floats are
/// written.
void transpose_edge(const Block& b, std::size_t rows, std::size_t columns, std::size_t write) {
  float whole[kLanes * kLanes];
  for (std::size_t r = 0; r < kLanes; ++r) {
    store(whole + r * kLanes, r < rows ? load_some(b.from + r * b.from_pitch, columns) : zero());
  }
  const Block edge{whole, kLanes, b.to, b.to_pitch};
  for (std::size_t c = 0; c < columns; c += 4) {
    transpose_columns(edge, c, [&](std::size_t to, V v) {
      if (to < columns) store_some(b.to + to * b.to_pitch, v, write);
    });
  }
}

/// Rows of `to` are written up to `width` >= rows; beyond `rows` with zeros.
void transpose_to_width(const Transpose& t, std::size_t width) {
  for (std::size_t r = 0; r < width; r += kLanes) {
    const std::size_t rows = r >= t.rows ? 0 : t.rows - r < kLanes ? t.rows - r : kLanes;
    const std::size_t write = width - r < kLanes ? width - r : kLanes;
    for (std::size_t c = 0; c < t.columns; c += kLanes) {
      const std::size_t columns = t.columns - c < kLanes ? t.columns - c : kLanes;
      const Block block{t.from + r * t.from_pitch + c, t.from_pitch, t.to + c * t.to_pitch + r,
                        t.to_pitch};
      if (rows == kLanes && columns == kLanes) {
        transpose_full(block);
      } else {
        transpose_edge(block, rows, columns, write);
      }
    }
  }
}

void transpose(const Transpose& t) { transpose_to_width(t, t.rows); }

void pack(const PackMatrix& p) {
  for (std::size_t n = 0; n < p.shape.outputs; n += kPanel) {
    const std::size_t left = p.shape.outputs - n;
    transpose_to_width({.rows = left < kPanel ? left : kPanel,
                        .columns = p.shape.inputs,
                        .from = p.from + n * p.shape.inputs,
                        .from_pitch = p.shape.inputs,
                        .to = p.to + n * p.shape.inputs,
                        .to_pitch = kPanel},
                       kPanel);
  }
}

void unpack(const UnpackMatrix& p) {
  for (std::size_t n = 0; n < p.shape.outputs; n += kPanel) {
    const std::size_t left = p.shape.outputs - n;
    transpose({.rows = p.shape.inputs,
               .columns = left < kPanel ? left : kPanel,
               .from = p.from + n * p.shape.inputs,
               .from_pitch = kPanel,
               .to = p.to + n * p.shape.inputs,
               .to_pitch = p.shape.inputs});
  }
}

}  // namespace
}  // namespace skerry::kernels
