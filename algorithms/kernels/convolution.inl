// See convolution.hpp. A tile is kTileRows positions of one image row; lanes run over outputs.
#pragma once

#include "algorithms/kernels/convolution.hpp"
#include "algorithms/kernels/tile.inl"

namespace skerry::kernels {
namespace {

/// Kernel rows [begin, end) that are inside the image at one row of positions.
struct KernelRows {
  std::size_t begin;
  std::size_t end;
};
SKERRY_INLINE KernelRows kernel_rows(const Convolve& p, std::size_t row) {
  const std::size_t image = p.positions.height + p.kernel.height - 1 - 2 * p.border;
  const std::size_t last = p.border + image - row;  // rows of the canvas below `row`, in the image
  return {row < p.border ? p.border - row : 0, last < p.kernel.height ? last : p.kernel.height};
}

template <int M, int T>
[[gnu::noinline]] void convolve_tile(const Convolve& p, const float* x, const KernelRows& rows,
                                     float* y, std::size_t lane) {
  const std::size_t width = p.kernel.width;
  Tile<M, T> tile;
  tile.clear();
  const float* weights = p.weights + packed_lane(lane, p.kernel.taps());
  for (std::size_t c = 0; c < p.kernel.channels; ++c) {
    for (std::size_t ky = rows.begin; ky < rows.end; ++ky) {
      tile.run(x + ky * p.x_strides.row + c, weights + ky * width * kPanel,
               {.count = width,
                .a_row = p.x_strides.column,
                .a_step = p.x_strides.column,
                .b_step = kPanel});
    }
    weights += p.kernel.height * width * kPanel;
  }
  tile.add(p.bias + lane);
  tile.store(y + lane, p.y_strides.column);
}

/// Rows [row, row + count) of the positions of sample `s`; the first of them goes to `y`.
void convolve_rows(const Convolve& p, std::size_t s, std::size_t row, std::size_t count, float* y) {
  const Cuts cuts(p.positions.width);
  each_strip(p.kernel.outputs, [&](std::size_t lane, auto vectors) {
    for (std::size_t i = 0; i < count; ++i) {
      const float* x = p.x + s * p.x_strides.sample + (row + i) * p.x_strides.row;
      const KernelRows rows = kernel_rows(p, row + i);
      for (std::size_t part = 0; part < cuts.parts; ++part) {
        const std::size_t column = cuts.begin(part);
        with_rows(cuts.size(part), [&](auto m) {
          convolve_tile<m.value, vectors.value>(
              p, x + column * p.x_strides.column, rows,
              y + i * p.y_strides.row + column * p.y_strides.column, lane);
        });
      }
    }
  });
}

void convolve(const Convolve& p) {
  for (std::size_t s = 0; s < p.positions.samples; ++s) {
    convolve_rows(p, s, 0, p.positions.height, p.y + s * p.y_strides.sample);
  }
}

/// One window: `x` is its first pixel.
SKERRY_INLINE void pool_window(const float* x, const std::size_t (&pixel)[4], std::size_t channels,
                               float* y, float* which) {
  for (std::size_t lane = 0; lane < channels; lane += kLanes) {
    V best = load(x + lane);
    V winner = zero();
#pragma GCC unroll 3
    for (int i = 1; i < 4; ++i) {
      const V candidate = load(x + pixel[i] + lane);
      winner = where_greater(candidate, best, broadcast(static_cast<float>(i)), winner);
      best = where_greater(candidate, best, candidate, best);
    }
    store(y + lane, where_greater(best, zero(), best, zero()));
    store(which + lane, where_greater(best, zero(), winner, broadcast(PoolRelu::kNobody)));
  }
}

void pool_relu(const PoolRelu& p) {
  const std::size_t pixel[4] = {0, p.x_pixel, p.x_line, p.x_line + p.x_pixel};
  const std::size_t pitch = padded(p.channels);
  std::size_t to = 0;
  for (std::size_t s = 0; s < p.windows.samples; ++s) {
    for (std::size_t row = 0; row < p.windows.height; ++row) {
      const float* x = p.x + s * p.x_strides.sample + row * p.x_strides.row;
      for (std::size_t column = 0; column < p.windows.width; ++column) {
        pool_window(x, pixel, p.channels, p.y + to, p.which + to);
        x += p.x_strides.column;
        to += pitch;
      }
    }
  }
}

void convolve_pool(const ConvolvePool& p) {
  const Positions& positions = p.convolve.positions;
  const std::size_t pitch = padded(p.convolve.kernel.outputs), line = positions.width * pitch;
  Convolve convolve = p.convolve;
  convolve.y_strides = {.sample = 0, .row = line, .column = pitch};
  PoolRelu pool{.windows = {1, 1, positions.width / 2},
                .channels = p.convolve.kernel.outputs,
                .x = p.rows,
                .x_strides = {.sample = 0, .row = 0, .column = 2 * pitch},
                .x_line = line,
                .x_pixel = pitch,
                .y = p.y,
                .which = p.which};
  for (std::size_t s = 0; s < positions.samples; ++s) {
    for (std::size_t row = 0; row + 2 <= positions.height; row += 2) {
      convolve_rows(convolve, s, row, 2, p.rows);
      pool_relu(pool);
      pool.y += pool.windows.width * pitch;
      pool.which += pool.windows.width * pitch;
    }
  }
}

}  // namespace
}  // namespace skerry::kernels
