#include "tests/algorithms/kernels/convolution_case.hpp"

namespace skerry::kernels {
namespace {

using Indices = std::vector<std::uint32_t>;

/// Lists made one entry at a time.
struct Lists {
  Indices begin, at;
  Floats value;

  void open() { begin.push_back(static_cast<std::uint32_t>(at.size())); }
  void append(std::size_t partner, float cotangent) {
    if (cotangent == 0) return;
    at.push_back(static_cast<std::uint32_t>(partner));
    value.push_back(cotangent);
  }
  CotangentLists view() { return {begin.data(), at.data(), value.data()}; }
};

/// Lists with room for `entries`, to be filled by a kernel.
Lists room(std::size_t lists, std::size_t entries) {
  entries += CotangentLists::kSlack;
  return {Indices(lists + 1), Indices(entries), Floats(entries)};
}

void check_same(Lists got, const Lists& wanted) {
  CHECK(got.begin == wanted.begin);
  got.at.resize(wanted.at.size());
  got.value.resize(wanted.value.size());
  CHECK(got.at == wanted.at);
  CHECK(difference(got.value, wanted.value) == "");
}

TEST_CASE("the gradient of a kernel is one chain over the cotangents that are not zero") {
  each_convolution([](const Convolution& c, const Kernels& k) {
    Floats wanted, wanted_bias;
    for (std::size_t n = 0; n < c.outputs; ++n) {
      for (std::size_t t = 0; t <= c.taps(); ++t) {
        const std::size_t kx = t % c.kernel_width, ky = t / c.kernel_width % c.kernel_height;
        const std::size_t channel = t / c.kernel_width / c.kernel_height;
        float sum = 0;
        for (std::size_t s = 0; s < c.samples; ++s)
          for (std::size_t row = 0; row < c.out_height(); ++row)
            for (std::size_t column = 0; column < c.out_width(); ++column) {
              const float dy = c.cotangent(s, n, row, column);
              if (dy == 0) continue;
              const float x = t == c.taps() ? 1 : c.input(s, channel, row + ky, column + kx);
              sum = std::fma(x, dy, sum);
            }
        (t == c.taps() ? wanted_bias : wanted).push_back(sum);
      }
    }

    Lists lists;
    for (std::size_t i = 0; i < c.samples * c.outputs; ++i) {
      lists.open();
      for (std::size_t row = 0; row < c.out_height(); ++row)
        for (std::size_t column = 0; column < c.out_width(); ++column)
          lists.append(row * c.line() + column * c.channels,
                       c.cotangent(i / c.outputs, i % c.outputs, row, column));
    }
    lists.open();
    const Floats x = c.canvas();
    Floats gradient(c.shape().packed_size(), NAN), bias(padded(c.outputs), NAN);
    Floats scratch(ConvolveBackwardWeights::scratch_size(c.kernel()), NAN);
    k.convolve_backward_weights({.kernel = c.kernel(),
                                 .samples = c.samples,
                                 .lists = lists.view(),
                                 .lists_sample = c.outputs,
                                 .x = x.data(),
                                 .x_sample = c.image(),
                                 .x_line = c.line(),
                                 .weight_gradient = gradient.data(),
                                 .bias_gradient = bias.data(),
                                 .scratch = scratch.data()});
    CHECK(difference(unpacked(k, c.shape(), gradient), wanted) == "");
    CHECK(difference(bias, at_pitch(wanted_bias, c.outputs, padded(c.outputs))) == "");
  });
}

TEST_CASE("the gradient of the input is one chain over positions and outputs that are not zero") {
  each_convolution([](const Convolution& c, const Kernels& k) {
    const std::size_t rows = c.out_height() + c.kernel_height - 1;
    const std::size_t columns = c.out_width() + c.kernel_width - 1, pixel = padded(c.channels);
    Floats wanted(c.samples * rows * columns * c.channels, 0);
    Lists lists;
    for (std::size_t s = 0; s < c.samples; ++s)
      for (std::size_t row = 0; row < c.out_height(); ++row)
        for (std::size_t column = 0; column < c.out_width(); ++column) {
          lists.open();
          for (std::size_t n = 0; n < c.outputs; ++n) {
            const float dy = c.cotangent(s, n, row, column);
            lists.append(n * TurnKernel::step(c.kernel()), dy);
            if (dy == 0) continue;
            for (std::size_t t = 0; t < c.taps(); ++t) {
              const std::size_t kx = t % c.kernel_width, ky = t / c.kernel_width % c.kernel_height;
              const std::size_t channel = t / c.kernel_width / c.kernel_height;
              float& sum =
                  wanted[((s * rows + row + ky) * columns + column + kx) * c.channels + channel];
              sum = std::fma(dy, c.weight(n, channel, ky, kx), sum);
            }
          }
        }
    lists.open();

    const Floats panels = packed(k, c.shape(), c.weights);
    Floats turned(TurnKernel::turned_size(c.kernel()), NAN);
    k.turn_kernel({.kernel = c.kernel(), .from = panels.data(), .to = turned.data()});
    Floats dx(c.samples * rows * columns * pixel, NAN);
    k.convolve_backward_input({.kernel = c.kernel(),
                               .positions = c.positions(),
                               .lists = lists.view(),
                               .weights = turned.data(),
                               .dx = dx.data()});
    CHECK(difference(without_pitch(dx, c.channels, pixel), wanted) == "");
  });
}

/// Windows of a pool with their winners and cotangents, channels last.
struct Pooled {
  Positions positions;
  std::size_t outputs;
  Floats which, dy;

  std::size_t height() const { return positions.height / 2; }
  std::size_t width() const { return positions.width / 2; }
  Positions windows() const { return {positions.samples, height(), width()}; }

  explicit Pooled(Draw& draw)
      : positions{draw.between(1, 3), draw.between(1, 40), draw.between(1, 40)},
        outputs(draw.between(1, 70)) {
    dy = draw.values(windows().count() * outputs);
    for (float& value : dy) {
      which.push_back(static_cast<float>(draw.between(0, 4)));
      if (draw.between(0, 9) == 0) value = draw.between(0, 1) ? 0.0f : -0.0f;
    }
  }
  /// What the convolution's output gets back.
  float cotangent(std::size_t s, std::size_t n, std::size_t row, std::size_t column) const {
    if (row / 2 >= height() || column / 2 >= width()) return 0;
    const std::size_t at = ((s * height() + row / 2) * width() + column / 2) * outputs + n;
    return which[at] == static_cast<float>(row % 2 * 2 + column % 2) ? dy[at] : 0;
  }
  /// [samples][outputs][windows], samples at a pitch.
  Floats planes(const Floats& values, std::size_t pitch) const {
    const std::size_t plane = height() * width();
    Floats out(positions.samples * pitch, NAN);
    for (std::size_t i = 0; i < values.size(); ++i) {
      const std::size_t window = i / outputs;
      out[window / plane * pitch + i % outputs * plane + window % plane] = values[i];
    }
    return out;
  }
};

template <class Check>
void each_pooled(Check check) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    Draw draw(seed);
    const Pooled pooled(draw);
    CAPTURE(seed, pooled.positions.height, pooled.positions.width, pooled.outputs);
    for (const Kernels* k : tables()) {
      CAPTURE(to_string(k->set));
      check(pooled, *k);
    }
  }
}

TEST_CASE("images of few channels have the same gradient without lists") {
  each_pooled([](const Pooled& p, const Kernels& k) {
    Draw draw(p.outputs);
    const KernelShape kernel{p.outputs, draw.between(1, 4), draw.between(1, 5), draw.between(1, 5)};
    const std::size_t line = (2 * p.width() + kernel.width - 1) * kernel.channels;
    const std::size_t image = (2 * p.height() + kernel.height - 1) * line;
    const Floats x = draw.values(p.positions.samples * image);
    Floats wanted, wanted_bias;
    for (std::size_t n = 0; n < p.outputs; ++n) {
      for (std::size_t t = 0; t <= kernel.taps(); ++t) {
        const std::size_t kx = t % kernel.width, ky = t / kernel.width % kernel.height;
        const std::size_t tap = ky * line + kx * kernel.channels + t / kernel.width / kernel.height;
        float sum = 0;
        for (std::size_t s = 0; s < p.positions.samples; ++s)
          for (std::size_t row = 0; row < p.positions.height; ++row)
            for (std::size_t column = 0; column < p.positions.width; ++column) {
              const float dy = p.cotangent(s, n, row, column);
              if (dy == 0) continue;
              const std::size_t at = s * image + row * line + column * kernel.channels;
              sum = std::fma(t == kernel.taps() ? 1 : x[at + tap], dy, sum);
            }
        (t == kernel.taps() ? wanted_bias : wanted).push_back(sum);
      }
    }

    const std::size_t out = padded(p.outputs);
    const MatrixShape shape{p.outputs, kernel.taps()};
    const Floats which = at_pitch(p.which, p.outputs, out, PoolRelu::kNobody);
    const Floats dy = at_pitch(p.dy, p.outputs, out);
    Floats gradient(shape.packed_size(), NAN), bias(out, NAN);
    k.convolve_backward_few({.kernel = kernel,
                             .windows = p.windows(),
                             .which = which.data(),
                             .dy = dy.data(),
                             .x = x.data(),
                             .x_sample = image,
                             .x_line = line,
                             .weight_gradient = gradient.data(),
                             .bias_gradient = bias.data()});
    CHECK(difference(unpacked(k, shape, gradient), wanted) == "");
    bias.resize(p.outputs);
    CHECK(difference(bias, wanted_bias) == "");
  });
}

TEST_CASE("cotangents are listed by output in the order of positions, zeros left out") {
  constexpr std::size_t kLine = 1000, kPixel = 3;
  each_pooled([](const Pooled& p, const Kernels& k) {
    Lists wanted;
    for (std::size_t i = 0; i < p.positions.samples * p.outputs; ++i) {
      wanted.open();
      for (std::size_t row = 0; row < p.positions.height; ++row)
        for (std::size_t column = 0; column < p.positions.width; ++column)
          wanted.append(row * kLine + column * kPixel,
                        p.cotangent(i / p.outputs, i % p.outputs, row, column));
    }
    wanted.open();

    const std::size_t pitch = padded(p.outputs * p.height() * p.width());
    const Floats which = p.planes(p.which, pitch), dy = p.planes(p.dy, pitch + 5);
    Lists got = room(p.positions.samples * p.outputs, p.dy.size());
    k.list_by_output({.windows = p.windows(),
                      .outputs = p.outputs,
                      .which = which.data(),
                      .dy = dy.data(),
                      .which_sample = pitch,
                      .dy_sample = pitch + 5,
                      .x_line = kLine,
                      .x_pixel = kPixel,
                      .lists = got.view()});
    check_same(std::move(got), wanted);
  });
}

TEST_CASE("cotangents are listed by position in the order of outputs, zeros left out") {
  constexpr std::size_t kStep = 160;
  each_pooled([](const Pooled& p, const Kernels& k) {
    Lists wanted;
    for (std::size_t s = 0; s < p.positions.samples; ++s)
      for (std::size_t row = 0; row < p.positions.height; ++row)
        for (std::size_t column = 0; column < p.positions.width; ++column) {
          wanted.open();
          for (std::size_t n = 0; n < p.outputs; ++n)
            wanted.append(n * kStep, p.cotangent(s, n, row, column));
        }
    wanted.open();

    const Floats which = at_pitch(p.which, p.outputs, padded(p.outputs), PoolRelu::kNobody);
    const Floats dy = at_pitch(p.dy, p.outputs, padded(p.outputs));
    Lists got = room(p.positions.count(), p.dy.size());
    k.list_by_position({.positions = p.positions,
                        .outputs = p.outputs,
                        .which = which.data(),
                        .dy = dy.data(),
                        .step = kStep,
                        .lists = got.view()});
    check_same(std::move(got), wanted);
  });
}

}  // namespace
}  // namespace skerry::kernels
