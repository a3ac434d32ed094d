#include <algorithm>

#include "tests/algorithms/kernels/kernel_case.hpp"

namespace skerry::kernels {
namespace {

using Floats = std::vector<float>;

/// One dense layer and one batch. Buffers begin off any alignment.
struct Layer {
  std::size_t rows, inputs, outputs;
  Floats weights, bias, x, dy;

  Layer(Draw& draw, std::size_t rows_, std::size_t inputs_, std::size_t outputs_)
      : rows(rows_),
        inputs(inputs_),
        outputs(outputs_),
        weights(draw.values(outputs * inputs)),
        bias(draw.values(outputs)),
        x(draw.values(rows * inputs)),
        dy(draw.values(rows * outputs)) {}

  /// Sets inputs to zero: each alone, or, as an image's border is, in the whole batch.
  void clear(Draw& draw, std::size_t whole_inputs_in_four) {
    for (float& value : x) {
      if (draw.between(0, 3) == 0) value = 0;
    }
    for (std::size_t k = 0; k < inputs;) {
      const std::size_t end = std::min(inputs, k + draw.between(1, 9));
      const bool empty = draw.between(1, 4) <= whole_inputs_in_four;
      for (; k < end; ++k) {
        for (std::size_t b = 0; b < rows && empty; ++b) x[b * inputs + k] = 0;
      }
    }
  }

  MatrixShape shape() const { return {.outputs = outputs, .inputs = inputs}; }
  std::size_t pitch() const { return padded(outputs) + 1; }

  Floats forward_reference() const {
    Floats y(rows * outputs);
    for (std::size_t b = 0; b < rows; ++b)
      for (std::size_t n = 0; n < outputs; ++n) {
        float sum = 0;
        for (std::size_t k = 0; k < inputs; ++k)
          sum = std::fma(x[b * inputs + k], weights[n * inputs + k], sum);
        y[b * outputs + n] = (sum + 0.0f) + bias[n];
      }
    return y;
  }
  Floats input_reference() const {
    Floats dx(rows * inputs);
    for (std::size_t b = 0; b < rows; ++b)
      for (std::size_t k = 0; k < inputs; ++k) {
        float sum = 0;
        for (std::size_t n = 0; n < outputs; ++n)
          sum = std::fma(weights[n * inputs + k], dy[b * outputs + n], sum);
        dx[b * inputs + k] = sum;
      }
    return dx;
  }
  Floats weights_reference() const {
    Floats dw(outputs * inputs);
    for (std::size_t n = 0; n < outputs; ++n)
      for (std::size_t k = 0; k < inputs; ++k) {
        float sum = 0;
        for (std::size_t b = 0; b < rows; ++b)
          sum = std::fma(x[b * inputs + k], dy[b * outputs + n], sum);
        dw[n * inputs + k] = sum;
      }
    return dw;
  }
  Floats bias_reference() const {
    Floats db(outputs);
    for (std::size_t b = 0; b < rows; ++b)
      for (std::size_t n = 0; n < outputs; ++n) db[n] += dy[b * outputs + n];
    return db;
  }

  Floats forward(const Kernels& k) const {
    const Floats panels = packed(k, shape(), weights);
    const Floats all_bias = at_pitch(bias, outputs, padded(outputs));
    Floats y(rows * pitch() + 1, 0);
    k.dense_forward({.shape = shape(),
                     .rows = rows,
                     .x = x.data(),
                     .x_pitch = inputs,
                     .weights = panels.data(),
                     .bias = all_bias.data(),
                     .y = y.data() + 1,
                     .y_pitch = pitch()});
    y.erase(y.begin());
    return without_pitch(y, outputs, pitch());
  }
  Floats backward_input(const Kernels& k) const {
    const Floats panels = packed(k, shape(), weights);
    Floats dx(rows * inputs), scratch(DenseBackwardInput::scratch_size(shape(), rows), NAN);
    k.dense_backward_input({.shape = shape(),
                            .rows = rows,
                            .dy = dy.data(),
                            .dy_pitch = outputs,
                            .weights = panels.data(),
                            .dx = dx.data(),
                            .dx_pitch = inputs,
                            .scratch = scratch.data()});
    return dx;
  }
  struct Gradient {
    Floats weights, bias;
  };
  Gradient backward_weights(const Kernels& k) const {
    const Floats all_dy = at_pitch(dy, outputs, pitch());
    Floats dw(shape().packed_size()), db(padded(outputs));
    k.dense_backward_weights({.shape = shape(),
                              .rows = rows,
                              .x = x.data(),
                              .x_pitch = inputs,
                              .dy = all_dy.data(),
                              .dy_pitch = pitch(),
                              .weight_gradient = dw.data(),
                              .bias_gradient = db.data()});
    db.resize(outputs);
    return {unpacked(k, shape(), dw), db};
  }
};

/// Shapes at and around the edges of tiles, panels and blocks, then random ones.
template <class Check>
void each_layer(Check check) {
  Draw draw(2024);
  const std::size_t edges[][3] = {{1, 1, 1},    {1, 784, 10}, {10, 17, 33}, {10, 100, 200},
                                  {15, 64, 16}, {33, 5, 32},  {97, 15, 31}, {1000, 9, 7}};
  for (const auto& [rows, inputs, outputs] : edges) check(Layer(draw, rows, inputs, outputs));
  for (std::uint64_t seed = 0; seed < 25; ++seed) {
    INFO("seed " << seed);
    Draw random(seed);
    const std::size_t rows = random.between(1, 70), inputs = random.between(1, 90);
    check(Layer(random, rows, inputs, random.between(1, 110)));
  }
  for (std::size_t empty = 1; empty <= 4; ++empty) {  // of four inputs
    INFO("empty " << empty);
    Layer image(draw, 10, 784, 70);
    image.clear(draw, empty);
    check(image);
  }
  Layer comb(draw, 3, 1000, 65);  // more stretches than are told apart
  for (std::size_t i = 0; i < comb.x.size(); ++i) comb.x[i] = i % 1000 % 5 == 0 ? comb.x[i] : 0;
  check(comb);
}

TEST_CASE("every dense product equals its three-line reference in every instruction set") {
  each_layer([](const Layer& layer) {
    CAPTURE(layer.rows, layer.inputs, layer.outputs);
    for (const Kernels* k : tables()) {
      CAPTURE(to_string(k->set));
      CHECK(difference(layer.forward(*k), layer.forward_reference()) == "");
      CHECK(difference(layer.backward_input(*k), layer.input_reference()) == "");
      const auto gradient = layer.backward_weights(*k);
      CHECK(difference(gradient.weights, layer.weights_reference()) == "");
      CHECK(difference(gradient.bias, layer.bias_reference()) == "");
    }
  });
}

TEST_CASE("a product too small for a float32 leaves no sign behind, whoever else is in the batch") {
  Draw draw(5);
  Layer layer(draw, 2, 40, 70);
  std::fill(layer.x.begin(), layer.x.end(), 0.0f);
  layer.x[0] = layer.x[40 + 20] = 1e-30f;  // input 0 of the one, input 20 of the other
  std::fill(layer.weights.begin(), layer.weights.end(), -1e-30f);
  std::fill(layer.bias.begin(), layer.bias.end(), -0.0f);
  Layer alone = layer;
  alone.rows = 1;
  alone.x.resize(40);
  for (const Kernels* k : tables()) {
    CAPTURE(to_string(k->set));
    CHECK(difference(layer.forward(*k), Floats(2 * 70, 0.0f)) == "");
    CHECK(difference(alone.forward(*k), Floats(70, 0.0f)) == "");
  }
}

TEST_CASE("a row scored alone has the bits it has in a batch of a thousand") {
  Draw draw(7);
  const Layer batch(draw, 1000, 50, 45);
  for (const Kernels* k : tables()) {
    const Floats all = batch.forward(*k), all_dx = batch.backward_input(*k);
    for (std::size_t row : {0, 13, 500, 999}) {
      Layer alone = batch;
      alone.rows = 1;
      alone.x.assign(batch.x.begin() + row * 50, batch.x.begin() + (row + 1) * 50);
      alone.dy.assign(batch.dy.begin() + row * 45, batch.dy.begin() + (row + 1) * 45);
      CHECK(difference(alone.forward(*k),
                       Floats(all.begin() + row * 45, all.begin() + (row + 1) * 45)) == "");
      CHECK(difference(alone.backward_input(*k),
                       Floats(all_dx.begin() + row * 50, all_dx.begin() + (row + 1) * 50)) == "");
    }
  }
}

/// One value an element, on PyTorch's layout.
struct Vectors {
  Floats scales, offset;
};

/// Which of them take part.
struct Affine {
  float scale = 0;
  bool offset = false;
  bool scales = false;
};

/// fma(scale, w, g) + offset, then the step: the plain path.
Floats stepped(Floats w, const Floats& g, const Affine& affine, const Vectors& vectors) {
  for (std::size_t i = 0; i < w.size(); ++i) {
    float gradient = g[i];
    const float scale = affine.scales ? vectors.scales[i] : affine.scale;
    if (affine.scales || affine.scale != 0 || affine.offset)
      gradient = std::fma(scale, w[i], gradient);
    if (affine.offset) gradient += vectors.offset[i];
    w[i] = std::fma(-0.1f, gradient, w[i]);
  }
  return w;
}

TEST_CASE("the fused update gives the bits of gradient, affine term and step one by one") {
  each_layer([](const Layer& layer) {
    CAPTURE(layer.rows, layer.inputs, layer.outputs);
    Draw draw(layer.rows);
    const std::size_t size = layer.weights.size(), outputs = layer.outputs;
    const Vectors of_weights{draw.values(size), draw.values(size)};
    const Vectors of_bias{draw.values(outputs), draw.values(outputs)};
    const Floats all_scales = at_pitch(of_bias.scales, outputs, padded(outputs));
    const Floats all_offset = at_pitch(of_bias.offset, outputs, padded(outputs));
    const Floats all_dy = at_pitch(layer.dy, layer.outputs, layer.pitch());
    for (const Affine& affine :
         {Affine{}, Affine{.scale = 0.25f}, Affine{.offset = true}, Affine{0.25f, true},
          Affine{.scales = true}, Affine{.offset = true, .scales = true}}) {
      const Floats weights = stepped(layer.weights, layer.weights_reference(), affine, of_weights);
      const Floats bias = stepped(layer.bias, layer.bias_reference(), affine, of_bias);
      for (const Kernels* k : tables()) {
        CAPTURE(to_string(k->set), affine.scale, affine.offset, affine.scales);
        Floats panels = packed(*k, layer.shape(), layer.weights);
        const Floats panel_scales = packed(*k, layer.shape(), of_weights.scales);
        const Floats panel_offset = packed(*k, layer.shape(), of_weights.offset);
        Floats all_bias = at_pitch(layer.bias, layer.outputs, padded(layer.outputs));
        k->dense_update({.shape = layer.shape(),
                         .rows = layer.rows,
                         .x = layer.x.data(),
                         .x_pitch = layer.inputs,
                         .dy = all_dy.data(),
                         .dy_pitch = layer.pitch(),
                         .rule = {.rate = 0.1f, .scale = affine.scale},
                         .weights = panels.data(),
                         .bias = all_bias.data(),
                         .weight_offset = affine.offset ? panel_offset.data() : nullptr,
                         .bias_offset = affine.offset ? all_offset.data() : nullptr,
                         .weight_scales = affine.scales ? panel_scales.data() : nullptr,
                         .bias_scales = affine.scales ? all_scales.data() : nullptr});
        CHECK(difference(unpacked(*k, layer.shape(), panels), weights) == "");
        CHECK(difference(Floats(all_bias.begin(), all_bias.begin() + layer.outputs), bias) == "");

        Floats separate = layer.weights;
        const Floats gradient = layer.weights_reference();
        k->sgd_update({.size = separate.size(),
                       .rule = {.rate = 0.1f, .scale = affine.scale},
                       .gradient = gradient.data(),
                       .scales = affine.scales ? of_weights.scales.data() : nullptr,
                       .offset = affine.offset ? of_weights.offset.data() : nullptr,
                       .weights = separate.data()});
        CHECK(difference(separate, weights) == "");
      }
    }
  });
}

TEST_CASE("the fused update gives the gradient of the input from the weights before their step") {
  each_layer([](const Layer& layer) {
    CAPTURE(layer.rows, layer.inputs, layer.outputs);
    const Floats all_dy = at_pitch(layer.dy, layer.outputs, layer.pitch());
    const Affine plain;
    const Floats weights = stepped(layer.weights, layer.weights_reference(), plain, {});
    for (const Kernels* k : tables()) {
      CAPTURE(to_string(k->set));
      Floats panels = packed(*k, layer.shape(), layer.weights);
      Floats bias = at_pitch(layer.bias, layer.outputs, padded(layer.outputs));
      Floats dx(layer.rows * layer.inputs, NAN);
      Floats scratch(DenseBackwardInput::scratch_size(layer.shape(), layer.rows), NAN);
      k->dense_update({.shape = layer.shape(),
                       .rows = layer.rows,
                       .x = layer.x.data(),
                       .x_pitch = layer.inputs,
                       .dy = all_dy.data(),
                       .dy_pitch = layer.pitch(),
                       .rule = {.rate = 0.1f},
                       .weights = panels.data(),
                       .bias = bias.data(),
                       .dx = dx.data(),
                       .dx_pitch = layer.inputs,
                       .scratch = scratch.data()});
      CHECK(difference(dx, layer.input_reference()) == "");
      CHECK(difference(unpacked(*k, layer.shape(), panels), weights) == "");
    }
  });
}

TEST_CASE("packing has one layout, zero padding, and unpacks to what it was") {
  each_layer([](const Layer& layer) {
    CAPTURE(layer.inputs, layer.outputs);
    for (const Kernels* k : tables()) {
      const Floats panels = packed(*k, layer.shape(), layer.weights);
      Floats wanted(layer.shape().packed_size(), 0);
      for (std::size_t n = 0; n < layer.outputs; ++n)
        for (std::size_t i = 0; i < layer.inputs; ++i)
          wanted[n / 32 * 32 * layer.inputs + i * 32 + n % 32] =
              layer.weights[n * layer.inputs + i];
      CHECK(difference(panels, wanted) == "");
      CHECK(difference(unpacked(*k, layer.shape(), panels), layer.weights) == "");
    }
  });
}

TEST_CASE("padding of updated weights stays zero, so packed buffers can be compared as bytes") {
  Draw draw(3);
  const Layer layer(draw, 10, 21, 37);
  const Floats all_dy = at_pitch(layer.dy, layer.outputs, layer.pitch());
  for (const Kernels* k : tables()) {
    Floats panels = packed(*k, layer.shape(), layer.weights);
    Floats bias = at_pitch(layer.bias, layer.outputs, padded(layer.outputs));
    k->dense_update({.shape = layer.shape(),
                     .rows = layer.rows,
                     .x = layer.x.data(),
                     .x_pitch = layer.inputs,
                     .dy = all_dy.data(),
                     .dy_pitch = layer.pitch(),
                     .rule = {.rate = 0.1f},
                     .weights = panels.data(),
                     .bias = bias.data()});
    const Floats natural = unpacked(*k, layer.shape(), panels);
    CHECK(difference(packed(*k, layer.shape(), natural), panels) == "");
  }
}

}  // namespace
}  // namespace skerry::kernels
