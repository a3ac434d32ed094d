#include "tests/algorithms/kernels/convolution_case.hpp"

namespace skerry::kernels {
namespace {

/// The layer's forward product, in PyTorch's order of terms, channels last.
Floats wanted_product(const Convolution& c) {
  Floats wanted;
  for (std::size_t s = 0; s < c.samples; ++s)
    for (std::size_t row = 0; row < c.out_height(); ++row)
      for (std::size_t column = 0; column < c.out_width(); ++column)
        for (std::size_t n = 0; n < c.outputs; ++n) {
          float sum = 0;
          for (std::size_t channel = 0; channel < c.channels; ++channel)
            for (std::size_t ky = 0; ky < c.kernel_height; ++ky)
              for (std::size_t kx = 0; kx < c.kernel_width; ++kx) {
                if (c.border_row(row + ky)) continue;
                sum = std::fma(c.input(s, channel, row + ky, column + kx),
                               c.weight(n, channel, ky, kx), sum);
              }
          wanted.push_back(sum + c.bias[n]);
        }
  return wanted;
}

struct Operands {
  Floats x, weights, bias;
  Operands(const Convolution& c, const Kernels& k)
      : x(c.canvas()),
        weights(packed(k, c.shape(), c.weights)),
        bias(at_pitch(c.bias, c.outputs, padded(c.outputs))) {}
  Convolve problem(const Convolution& c) const {
    return {.kernel = c.kernel(),
            .positions = c.positions(),
            .border = c.border,
            .x = x.data(),
            .x_strides = {c.image(), c.line(), c.channels},
            .weights = weights.data(),
            .bias = bias.data()};
  }
};

Strides dense_strides(const Convolution& c) {
  const std::size_t out = padded(c.outputs);
  return {c.out_height() * c.out_width() * out, c.out_width() * out, out};
}

TEST_CASE("a convolution is one chain over channel, row and column of the kernel") {
  each_convolution([](const Convolution& c, const Kernels& k) {
    const Operands operands(c, k);
    Floats y(c.positions().count() * padded(c.outputs));
    Convolve problem = operands.problem(c);
    problem.y = y.data();
    problem.y_strides = dense_strides(c);
    k.convolve(problem);
    CHECK(difference(without_pitch(y, c.outputs, padded(c.outputs)), wanted_product(c)) == "");
  });
}

TEST_CASE("convolution and pool together are one after the other") {
  each_convolution([](const Convolution& c, const Kernels& k) {
    const Operands operands(c, k);
    const std::size_t out = padded(c.outputs);
    const Strides strides = dense_strides(c);
    Floats product(c.positions().count() * out);
    Convolve alone = operands.problem(c);
    alone.y = product.data();
    alone.y_strides = strides;
    k.convolve(alone);
    const Positions windows{c.samples, c.out_height() / 2, c.out_width() / 2};
    Floats y(windows.count() * out), which(y.size()), rows(2 * c.out_width() * out);
    k.pool_relu({.windows = windows,
                 .channels = c.outputs,
                 .x = product.data(),
                 .x_strides = {strides.sample, 2 * strides.row, 2 * out},
                 .x_line = strides.row,
                 .x_pixel = out,
                 .y = y.data(),
                 .which = which.data()});

    Floats together(y.size()), winners(y.size());
    k.convolve_pool({.convolve = operands.problem(c),
                     .rows = rows.data(),
                     .y = together.data(),
                     .which = winners.data()});
    const auto values = [&](const Floats& of) { return without_pitch(of, c.outputs, out); };
    CHECK(difference(values(together), values(y)) == "");
    CHECK(difference(values(winners), values(which)) == "");
  });
}

TEST_CASE("pooling keeps the first maximum of each window, and says which it was") {
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    Draw draw(seed);
    const Positions windows{draw.between(1, 3), draw.between(1, 7), draw.between(1, 7)};
    const std::size_t channels = draw.between(1, 70), pixel = padded(channels);
    const std::size_t line = 2 * windows.width * pixel, image = 2 * windows.height * line;
    CAPTURE(seed, windows.height, windows.width, channels);
    Floats x = draw.values(windows.samples * image);
    for (float& value : x) value = std::round(value);  // so that ties happen
    for (const Kernels* k : tables()) {
      Floats y(windows.count() * pixel), which(y.size());
      k->pool_relu({.windows = windows,
                    .channels = channels,
                    .x = x.data(),
                    .x_strides = {image, 2 * line, 2 * pixel},
                    .x_line = line,
                    .x_pixel = pixel,
                    .y = y.data(),
                    .which = which.data()});
      for (std::size_t i = 0; i < windows.count(); ++i) {
        const std::size_t corner = i / windows.width / windows.height * image +
                                   i / windows.width % windows.height * 2 * line +
                                   i % windows.width * 2 * pixel;
        for (std::size_t c = 0; c < channels; ++c) {
          const std::size_t at[] = {corner + c, corner + pixel + c, corner + line + c,
                                    corner + line + pixel + c};
          int best = 0;
          for (int j = 1; j < 4; ++j) best = x[at[j]] > x[at[best]] ? j : best;
          REQUIRE(y[i * pixel + c] == std::max(0.0f, x[at[best]]));
          REQUIRE(which[i * pixel + c] ==
                  (x[at[best]] > 0 ? static_cast<float>(best) : PoolRelu::kNobody));
        }
      }
    }
  }
}

}  // namespace
}  // namespace skerry::kernels
