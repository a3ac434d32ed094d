#pragma once

#include <algorithm>

#include "tests/algorithms/kernels/kernel_case.hpp"

namespace skerry::kernels {

using Floats = std::vector<float>;

/// One convolution layer, its batch in PyTorch's layouts (NCHW, OIHW), and the same on canvases.
struct Convolution {
  std::size_t samples, channels, height, width, outputs, kernel_height, kernel_width, border;
  Floats weights, bias, x, dy;

  std::size_t out_height() const { return height + 2 * border + 1 - kernel_height; }
  std::size_t out_width() const { return width + 2 * border + 1 - kernel_width; }
  std::size_t taps() const { return channels * kernel_height * kernel_width; }
  MatrixShape shape() const { return {.outputs = outputs, .inputs = taps()}; }
  KernelShape kernel() const { return {outputs, channels, kernel_height, kernel_width}; }
  Positions positions() const { return {samples, out_height(), out_width()}; }

  explicit Convolution(Draw& draw)
      : samples(draw.between(1, 4)),
        channels(draw.between(1, draw.between(0, 4) == 0 ? 70 : 5)),
        height(draw.between(5, 19)),
        width(draw.between(9, 33)),
        outputs(draw.between(1, 40)),
        kernel_height(draw.between(1, 5)),
        kernel_width(draw.between(1, 9)),
        border(draw.between(0, std::min(kernel_height, kernel_width) - 1)) {
    weights = draw.values(outputs * taps());
    bias = draw.values(outputs);
    x = draw.values(samples * channels * height * width);
    dy = draw.values(samples * outputs * out_height() * out_width());
    for (float& value : dy) {
      if (draw.between(0, 3) > 0) value = 0;
    }
  }

  /// x with its border, at any coordinate.
  float input(std::size_t s, std::size_t c, std::size_t row, std::size_t column) const {
    const bool inside =
        row >= border && row < height + border && column >= border && column < width + border;
    return inside ? x[((s * channels + c) * height + row - border) * width + column - border] : 0;
  }
  bool border_row(std::size_t row) const { return row < border || row >= height + border; }
  float cotangent(std::size_t s, std::size_t n, std::size_t row, std::size_t column) const {
    return dy[((s * outputs + n) * out_height() + row) * out_width() + column];
  }
  float weight(std::size_t n, std::size_t c, std::size_t ky, std::size_t kx) const {
    return weights[((n * channels + c) * kernel_height + ky) * kernel_width + kx];
  }

  std::size_t line() const { return (width + 2 * border) * channels; }
  std::size_t image() const { return (height + 2 * border) * line(); }
  /// Canvas of x: border and all, channels last.
  Floats canvas() const {
    Floats out(samples * image() + kPanel, 0);
    for (std::size_t i = 0; i < samples * image(); ++i) {
      const std::size_t s = i / image(), row = i % image() / line();
      out[i] = input(s, i % channels, row, i % line() / channels);
    }
    return out;
  }
};

template <class Check>
void each_convolution(Check check) {
  for (std::uint64_t seed = 0; seed < 30; ++seed) {
    Draw draw(seed);
    const Convolution layer(draw);
    CAPTURE(seed, layer.samples, layer.channels, layer.height, layer.width, layer.outputs,
            layer.kernel_height, layer.kernel_width, layer.border);
    for (const Kernels* k : tables()) {
      CAPTURE(to_string(k->set));
      check(layer, *k);
    }
  }
}

}  // namespace skerry::kernels
