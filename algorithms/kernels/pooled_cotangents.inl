// See pooled_cotangents.hpp. A tile of sums stays in registers while a list is walked; each
// cotangent is broadcast and multiplied with lanes that are contiguous in memory.
#pragma once

#include "algorithms/kernels/pooled_cotangents.hpp"
#include "algorithms/kernels/tile.inl"
#include "algorithms/kernels/transpose.inl"

namespace skerry::kernels {
namespace {

/// Appends to lists.
struct ListEnd {
  const CotangentLists& lists;
  std::uint32_t size = 0;
  SKERRY_INLINE void append(V at, V value, Mask which) {
    compress(lists.at + size, at, which);
    compress(lists.value + size, value, which);
    size += static_cast<std::uint32_t>(__builtin_popcount(which));
  }
};

void list_by_output(const ListByOutput& p) {
  const std::size_t width = p.windows.width, plane = p.windows.height * width;
  const V steps = lane_steps(static_cast<std::uint32_t>(2 * p.x_pixel));
  ListEnd end{p.lists};
  for (std::size_t list = 0; list < p.windows.samples * p.outputs; ++list) {
    const std::size_t s = list / p.outputs, from = list % p.outputs * plane;
    p.lists.begin[list] = end.size;
    // A window's two rows are far apart in the order of positions: first all winners of the upper.
    for (std::size_t row = 0; row < 2 * p.windows.height; ++row) {
      const std::size_t at = from + row / 2 * width;
      const V left = broadcast(row % 2 ? 2.0f : 0.0f), right = broadcast(row % 2 ? 3.0f : 1.0f);
      for (std::size_t column = 0; column < width; column += kLanes) {
        const std::size_t count = width - column < kLanes ? width - column : kLanes;
        const V which = load_some(p.which + s * p.which_sample + at + column, count);
        const V dy = load_some(p.dy + s * p.dy_sample + at + column, count);
        const auto tap = static_cast<std::uint32_t>(row * p.x_line + 2 * column * p.x_pixel);
        const V taps =
            where_greater(which, left, add_bits(steps, tap + static_cast<std::uint32_t>(p.x_pixel)),
                          add_bits(steps, tap));
        end.append(taps, dy, nonzero(dy) & (equal(which, left) | equal(which, right)));
      }
    }
  }
  p.lists.begin[p.windows.samples * p.outputs] = end.size;
}

void list_by_position(const ListByPosition& p) {
  const std::size_t height = p.positions.height / 2, width = p.positions.width / 2;
  const V steps = lane_steps(static_cast<std::uint32_t>(p.step));
  const std::size_t rows = p.positions.samples * p.positions.height;
  ListEnd end{p.lists};
  std::uint32_t* begin = p.lists.begin;
  for (std::size_t i = 0; i < rows; ++i) {
    const std::size_t s = i / p.positions.height, row = i % p.positions.height;
    for (std::size_t column = 0; column < p.positions.width; ++column) {
      *begin++ = end.size;
      if (row / 2 == height || column / 2 == width) continue;
      const V here = broadcast(static_cast<float>(row % 2 * 2 + column % 2));
      const std::size_t from = ((s * height + row / 2) * width + column / 2) * padded(p.outputs);
      for (std::size_t n = 0; n < p.outputs; n += kLanes) {
        const V dy = load(p.dy + from + n);
        end.append(add_bits(steps, static_cast<std::uint32_t>(n * p.step)), dy,
                   nonzero(dy) & equal(load(p.which + from + n), here));
      }
    }
  }
  *begin = end.size;
}

struct List {
  const std::uint32_t* at;
  const std::uint32_t* end;
  const float* value;
};

/// Where the sums of a tile are: M kernel rows of one output, T vectors of each.
struct TapSums {
  float* sums;
  std::size_t row;
  bool first;  // sums start at 0
};

/// The bias is one more sum, of cotangents alone, in lane 0; null where another tile has it.
template <int M, int T, bool kBias>
[[gnu::noinline]] void listed_taps(List list, const float* x, std::size_t x_line, const TapSums& to,
                                   float* bias) {
  Tile<M, T> tile;
  to.first ? tile.clear() : tile.load(to.sums, to.row);
  V total = kBias && !to.first ? load_some(bias, 1) : zero();
  for (; list.at != list.end; ++list.at, ++list.value) {
    const float* tap = x + *list.at;
    const V dy = broadcast(*list.value);
#pragma GCC unroll 8
    for (int m = 0; m < M; ++m)
#pragma GCC unroll 16
      for (int t = 0; t < T; ++t)
        tile.sum[m][t] = fma(dy, load(tap + m * x_line + t * kLanes), tile.sum[m][t]);
    if constexpr (kBias) total = add(total, dy);
  }
  tile.store(to.sums, to.row);
  if constexpr (kBias) store_some(bias, total, 1);
}

/// Most vectors and kernel rows of a tile: many rows only where they are short.
constexpr int kMostTapVectors = kTileRows < 10 ? kTileRows : 10;
constexpr int most_tap_rows(int vectors) {
  constexpr int kSums = kTileRows * kTileVectors < 20 ? kTileRows * kTileVectors : 20;
  const int fit = kSums / vectors, most = vectors > 4 ? 2 : 5;
  return fit < most ? fit : most;
}

/// All taps of one sample and output.
void backward_taps(const ConvolveBackwardWeights& p, std::size_t s, std::size_t n) {
  const std::size_t list = s * p.lists_sample + n;
  const std::uint32_t* begin = p.lists.begin + list;
  const List entries{p.lists.at + begin[0], p.lists.at + begin[1], p.lists.value + begin[0]};
  const std::size_t segment = p.kernel.width * p.kernel.channels, row = padded(segment);
  const std::size_t vectors = (segment + kLanes - 1) / kLanes;
  const std::size_t parts = (vectors + kMostTapVectors - 1) / kMostTapVectors;
  const float* x = p.x + s * p.x_sample;
  float* sums = p.scratch + n * p.kernel.height * row;
  for (std::size_t part = 0; part < parts; ++part) {
    const std::size_t first = vectors * part / parts, last = vectors * (part + 1) / parts;
    with_rows<kMostTapVectors>(last - first, [&](auto t) {
      constexpr int kRows = most_tap_rows(t.value);
      for (std::size_t ky = 0; ky < p.kernel.height;) {
        const std::size_t left = p.kernel.height - ky, rows = left < kRows ? left : kRows;
        const TapSums to{sums + ky * row + first * kLanes, row, s == 0};
        const float* taps = x + ky * p.x_line + first * kLanes;
        with_rows<kRows>(rows, [&](auto m) {
          if (part == 0 && ky == 0) {
            listed_taps<m.value, t.value, true>(entries, taps, p.x_line, to, p.bias_gradient + n);
          } else {
            listed_taps<m.value, t.value, false>(entries, taps, p.x_line, to, nullptr);
          }
        });
        ky += rows;
      }
    });
  }
}

/// Calls body(block, kernel position): blocks [channels][kPanel outputs] of the packed weights.
template <class Body>
SKERRY_INLINE void each_kernel_block(const KernelShape& kernel, Body body) {
  for (std::size_t n = 0; n < kernel.outputs; n += kPanel)
    for (std::size_t at = 0; at < kernel.height * kernel.width; ++at)
      body(n, packed_lane(n, kernel.taps()) + at * kPanel, at);
}

void convolve_backward_weights(const ConvolveBackwardWeights& p) {
  const KernelShape& k = p.kernel;
  for (std::size_t s = 0; s < p.samples; ++s) {
    for (std::size_t n = 0; n < k.outputs; ++n) backward_taps(p, s, n);
  }
  for (std::size_t n = k.outputs; n < padded(k.outputs); ++n) p.bias_gradient[n] = 0;
  const std::size_t row = padded(k.width * k.channels);
  each_kernel_block(k, [&](std::size_t n, std::size_t block, std::size_t at) {
    transpose_to_width(
        {.rows = k.outputs - n < kPanel ? k.outputs - n : kPanel,
         .columns = k.channels,
         .from = p.scratch + (n * k.height + at / k.width) * row + at % k.width * k.channels,
         .from_pitch = k.height * row,
         .to = p.weight_gradient + block,
         .to_pitch = k.height * k.width * kPanel},
        kPanel);
  });
}

void turn_kernel(const TurnKernel& p) {
  const KernelShape& k = p.kernel;
  const std::size_t panel = k.height * k.outputs * k.width * kPanel;
  each_kernel_block(k, [&](std::size_t n, std::size_t block, std::size_t at) {
    const std::size_t ky = at / k.width, kx = at % k.width;
    for (std::size_t c = 0; c < k.channels; c += kPanel) {
      transpose_to_width(
          {.rows = k.channels - c < kPanel ? k.channels - c : kPanel,
           .columns = k.outputs - n < kPanel ? k.outputs - n : kPanel,
           .from = p.from + block + c * k.height * k.width * kPanel,
           .from_pitch = k.height * k.width * kPanel,
           .to = p.to + c / kPanel * panel + ((ky * k.outputs + n) * k.width + kx) * kPanel,
           .to_pitch = k.width * kPanel},
          kPanel);
    }
  });
}

/// One image row of cotangents into one row of dx, through kernel columns [kx, kx + K).
struct RowPair {
  const CotangentLists& lists;
  const std::uint32_t* begin;  // of the row's positions
  std::size_t width;           // positions
  const float* weights;        // turned, of the kernel row, at column kx
  float* dx;                   // below kernel column kx of the first position
  std::size_t pixel;
};

/// The K columns of dx below a position are in registers, and move on with it.
template <int K, int T>
[[gnu::noinline]] void listed_row(const RowPair& p) {
  Tile<K, T> tile;
  tile.load(p.dx, p.pixel);
  float* dx = p.dx;
  for (std::size_t column = 0;; ++column) {
    const std::uint32_t* at = p.lists.at + p.begin[column];
    const std::uint32_t* const end = p.lists.at + p.begin[column + 1];
    const float* value = p.lists.value + p.begin[column];
    for (; at != end; ++at, ++value) {
      const float* weights = p.weights + *at;
      const V dy = broadcast(*value);
#pragma GCC unroll 8
      for (int k = 0; k < K; ++k)
#pragma GCC unroll 4
        for (int t = 0; t < T; ++t)
          tile.sum[k][t] = fma(dy, load(weights + k * kPanel + t * kLanes), tile.sum[k][t]);
    }
    if (column + 1 == p.width) break;
#pragma GCC unroll 4
    for (int t = 0; t < T; ++t) {
      store(dx + t * kLanes, tile.sum[0][t]);
#pragma GCC unroll 8
      for (int k = 0; k + 1 < K; ++k) tile.sum[k][t] = tile.sum[k + 1][t];
      tile.sum[K - 1][t] = load(dx + K * p.pixel + t * kLanes);
    }
    dx += p.pixel;
  }
  tile.store(dx, p.pixel);
}

constexpr int kMostColumns = kTileRows < 7 ? kTileRows : 7;
/// Samples whose dx and one kernel row of weights stay cached together.
constexpr std::size_t kSampleBlock = 4;

/// Rows of dx meet those of dy from the top, so kernel rows and columns come in falling order.
void backward_input_strip(const ConvolveBackwardInput& p, std::size_t first, std::size_t samples,
                          std::size_t lane, auto vectors) {
  const KernelShape& k = p.kernel;
  const std::size_t pixel = padded(k.channels);
  const std::size_t line = (p.positions.width + k.width - 1) * pixel;
  const std::size_t image = (p.positions.height + k.height - 1) * line;
  const std::size_t kernel_row = k.outputs * k.width * kPanel;
  const float* weights = p.weights + lane / kPanel * k.height * kernel_row + lane % kPanel;
  const std::size_t parts = (k.width + kMostColumns - 1) / kMostColumns;
  for (std::size_t ky = k.height; ky-- > 0;) {
    for (std::size_t i = 0; i < samples * p.positions.height; ++i) {
      const std::size_t s = first + i / p.positions.height, row = i % p.positions.height;
      const std::uint32_t* begin =
          p.lists.begin + (s * p.positions.height + row) * p.positions.width;
      for (std::size_t part = parts; part-- > 0;) {
        const std::size_t kx = k.width * part / parts, end = k.width * (part + 1) / parts;
        const RowPair rows{p.lists,
                           begin,
                           p.positions.width,
                           weights + ky * kernel_row + kx * kPanel,
                           p.dx + s * image + (row + ky) * line + kx * pixel + lane,
                           pixel};
        with_rows<kMostColumns>(end - kx,
                                [&](auto n) { listed_row<n.value, vectors.value>(rows); });
      }
    }
  }
}

void convolve_backward_input(const ConvolveBackwardInput& p) {
  const std::size_t image = (p.positions.height + p.kernel.height - 1) *
                            (p.positions.width + p.kernel.width - 1) * padded(p.kernel.channels);
  for (std::size_t s = 0; s < p.positions.samples; s += kSampleBlock) {
    const std::size_t left = p.positions.samples - s;
    const std::size_t samples = left < kSampleBlock ? left : kSampleBlock;
    for (std::size_t i = 0; i < samples * image; i += kLanes) store(p.dx + s * image + i, zero());
    each_strip(p.kernel.channels, [&](std::size_t lane, auto vectors) {
      backward_input_strip(p, s, samples, lane, vectors);
    });
  }
}

}  // namespace
}  // namespace skerry::kernels
