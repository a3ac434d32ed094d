// See ConvolveBackwardFew in pooled_cotangents.hpp. A tile is up to kTileRows neighbouring taps of
// one kernel row; lanes run over outputs, and those that a position did not win keep their sums.
#pragma once

#include "algorithms/kernels/pooled_cotangents.hpp"
#include "algorithms/kernels/tile.inl"

namespace skerry::kernels {
namespace {

/// Neighbouring taps of one kernel row: (kx, c), as they lie in x.
struct TapRun {
  std::size_t ky;
  std::size_t begin;
};

/// The winners and cotangents of one window; where the cotangent is zero the winner is kNobody.
template <int T>
struct Window {
  V winner[T];
  V dy[T];

  SKERRY_INLINE Window(const ConvolveBackwardFew& p, std::size_t at) {
#pragma GCC unroll 4
    for (int t = 0; t < T; ++t) {
      dy[t] = load(p.dy + at + t * kLanes);
      winner[t] =
          where_equal(dy[t], zero(), broadcast(PoolRelu::kNobody), load(p.which + at + t * kLanes));
    }
  }
};

/// Calls body(window, pixel, offset in x) for the positions of sample `s`, in their order.
template <int T, class Body>
SKERRY_INLINE void each_winner(const ConvolveBackwardFew& p, std::size_t s, std::size_t lane,
                               Body body) {
  const std::size_t pitch = padded(p.kernel.outputs), width = p.windows.width;
  for (std::size_t row = 0; row < 2 * p.windows.height; ++row) {
    const V left = broadcast(row % 2 ? 2.0f : 0.0f), right = broadcast(row % 2 ? 3.0f : 1.0f);
    std::size_t at = (s * p.windows.height + row / 2) * width * pitch + lane;
    std::size_t x = s * p.x_sample + row * p.x_line;
    for (std::size_t column = 0; column < width; ++column) {
      const Window<T> window(p, at);
      body(window, left, x);
      body(window, right, x + p.kernel.channels);
      x += 2 * p.kernel.channels;
      at += pitch;
    }
  }
}

template <int M, int T>
[[gnu::noinline]] void won_taps(const ConvolveBackwardFew& p, std::size_t s, const TapRun& run,
                                std::size_t lane) {
  const KernelShape& k = p.kernel;
  float* gradient[M];
  for (int m = 0; m < M; ++m) {
    const std::size_t c = (run.begin + m) % k.channels, kx = (run.begin + m) / k.channels;
    gradient[m] = p.weight_gradient + packed_lane(lane, k.taps()) +
                  ((c * k.height + run.ky) * k.width + kx) * kPanel;
  }
  Tile<M, T> tile;
#pragma GCC unroll 16
  for (int m = 0; m < M; ++m)
#pragma GCC unroll 4
    for (int t = 0; t < T; ++t) tile.sum[m][t] = s == 0 ? zero() : load(gradient[m] + t * kLanes);
  const float* taps = p.x + run.ky * p.x_line + run.begin;
  each_winner<T>(p, s, lane, [&](const Window<T>& window, const V& pixel, std::size_t at) {
#pragma GCC unroll 16
    for (int m = 0; m < M; ++m) {
      const V x = broadcast(taps[at + m]);
#pragma GCC unroll 4
      for (int t = 0; t < T; ++t) {
        tile.sum[m][t] = where_equal(window.winner[t], pixel, fma(x, window.dy[t], tile.sum[m][t]),
                                     tile.sum[m][t]);
      }
    }
  });
#pragma GCC unroll 16
  for (int m = 0; m < M; ++m)
#pragma GCC unroll 4
    for (int t = 0; t < T; ++t) store(gradient[m] + t * kLanes, tile.sum[m][t]);
}

template <int T>
[[gnu::noinline]] void won_bias(const ConvolveBackwardFew& p, std::size_t s, std::size_t lane) {
  V sum[T];
  for (int t = 0; t < T; ++t) sum[t] = s == 0 ? zero() : load(p.bias_gradient + lane + t * kLanes);
  each_winner<T>(p, s, lane, [&](const Window<T>& window, const V& pixel, std::size_t) {
    for (int t = 0; t < T; ++t)
      sum[t] = where_equal(window.winner[t], pixel, add(sum[t], window.dy[t]), sum[t]);
  });
  for (int t = 0; t < T; ++t) store(p.bias_gradient + lane + t * kLanes, sum[t]);
}

void convolve_backward_few(const ConvolveBackwardFew& p) {
  const Cuts cuts(p.kernel.width * p.kernel.channels);
  for (std::size_t s = 0; s < p.windows.samples; ++s) {
    each_strip(p.kernel.outputs, [&](std::size_t lane, auto vectors) {
      for (std::size_t i = 0; i < p.kernel.height * cuts.parts; ++i) {
        const std::size_t part = i % cuts.parts;
        with_rows(cuts.size(part), [&](auto m) {
          won_taps<m.value, vectors.value>(p, s, {i / cuts.parts, cuts.begin(part)}, lane);
        });
      }
      won_bias<vectors.value>(p, s, lane);
    });
  }
}

}  // namespace
}  // namespace skerry::kernels
