#pragma once

#include <cstddef>
#include <cstdint>

#include "algorithms/kernels/panel.hpp"

namespace skerry::kernels {

// Convolution without an im2col buffer, followed by a 2 x 2 maximum pool. Images are channels-last:
// the channels of a pixel are contiguous, and a border of zeros (the padding of a "same"
// convolution) is part of the buffer, so that every tap of every position is a plain address.

/// Positions of a batch of images (or the windows of their pooling).
struct Positions {
  std::size_t samples = 0;
  std::size_t height = 0;
  std::size_t width = 0;

  [[gnu::always_inline]] constexpr std::size_t count() const { return samples * height * width; }
};

/// Weights [outputs, channels, height, width], PyTorch's OIHW.
struct KernelShape {
  std::size_t outputs = 0;
  std::size_t channels = 0;
  std::size_t height = 0;
  std::size_t width = 0;

  [[gnu::always_inline]] constexpr std::size_t taps() const { return channels * height * width; }
};

/// Images in memory, in floats: how far apart neighbours are.
struct Strides {
  std::size_t sample = 0;
  std::size_t row = 0;
  std::size_t column = 0;
};

/// y[p, n] = fma-chain over (c, ky, kx) of x[p + (ky, kx), c] * W[n, (c, ky, kx)]; then + bias[n],
/// one rounded addition. Rows of the border are known to be zero and left out of the chains; its
/// columns take part like any other value.
/// Cost: 2 * positions * outputs * taps flops, less those of the border's rows.
struct Convolve {
  KernelShape kernel;
  Positions positions;
  std::size_t border = 0;    // rows of zeros above and below the images of x, < kernel.height
  const float* x = nullptr;  // the first tap of the first position
  Strides x_strides;
  const float* weights = nullptr;  // packed [outputs, taps]
  const float* bias = nullptr;     // [padded(outputs)]
  float* y = nullptr;
  Strides y_strides;  // column >= padded(outputs)
};

/// ReLU, then the maximum of each 2 x 2 window; the first maximum (row by row) wins.
///   y = max(0, x00, x01, x10, x11)
struct PoolRelu {
  static constexpr float kNobody = 4;

  Positions windows;
  std::size_t channels = 0;
  const float* x = nullptr;
  Strides x_strides;        // from window to window
  std::size_t x_line = 0;   // from one image row to the next
  std::size_t x_pixel = 0;  // >= padded(channels)
  float* y = nullptr;       // [windows, padded(channels)]
  float* which = nullptr;   // as y: the winner of each window, 0 … 3, or kNobody where y is 0
};

/// PoolRelu over Convolve, two image rows at a time, so that what is pooled is still in the nearest
/// cache. A last odd row or column of the convolution is dropped.
struct ConvolvePool {
  Convolve convolve;      // y and y_strides are not read
  float* rows = nullptr;  // scratch, [2][positions.width][padded(outputs)]
  float* y = nullptr;     // as in PoolRelu
  float* which = nullptr;
};

}  // namespace skerry::kernels
