#include "algorithms/learners/dense_layer.hpp"

#include "algorithms/learners/sharing.hpp"

namespace skerry::learners {

namespace {

/// Up to here the fused update is fastest. It would walk a larger batch once per tile, so there the
/// gradient is made first, in blocks of rows. The bits are the same.
constexpr std::size_t kFusedRows = 192;

Shape weight_shape(const DenseLayer::Size& size) {
  return {static_cast<std::uint32_t>(size.outputs), static_cast<std::uint32_t>(size.inputs)};
}

}  // namespace

DenseLayer::DenseLayer(const kernels::Kernels& kernels, std::string name, Size size,
                       Activation activation)
    : Layer(kernels, std::move(name), weight_shape(size)), activation_(activation) {}

double DenseLayer::products() const {
  return static_cast<double>(matrix().inputs) * static_cast<double>(matrix().outputs);
}

double DenseLayer::flops(const Pass& pass) const {
  return 2 * static_cast<double>(pass.rows) * products();
}

// Scratch: output rows, cotangent rows, and what the gradient of the input needs.
std::size_t DenseLayer::scratch_size(std::size_t capacity) const {
  return 2 * capacity * pitch() + kernels::DenseBackwardInput::scratch_size(matrix(), capacity);
}
float* DenseLayer::input_scratch(const Pass& pass) const {
  return pass.scratch.data + 2 * pass.scratch.capacity * pitch();
}
std::size_t DenseLayer::input_scratch_size(const Pass& pass) const {
  return kernels::DenseBackwardInput::scratch_size(matrix(), pass.rows);
}
Rows DenseLayer::output(const LayerScratch& scratch) const { return {scratch.data, pitch()}; }
Rows DenseLayer::cotangent(const LayerScratch& scratch) const {
  return {scratch.data + scratch.capacity * pitch(), pitch()};
}

void DenseLayer::forward(const Pass& pass) const {
  const Rows y = output(pass.scratch);
  const Divisible by_outputs{matrix().outputs, kernels::kPanel, flops(pass)};
  share(pass.workspace, by_outputs, [&](std::size_t begin, std::size_t end, Workspace*) {
    kernels().dense_forward({.shape = {.outputs = end - begin, .inputs = matrix().inputs},
                             .rows = pass.rows,
                             .x = pass.x.data,
                             .x_pitch = pass.x.pitch,
                             .weights = pass.packed + begin * matrix().inputs,
                             .bias = pass.packed + packed_bias() + begin,
                             .y = y.data + begin,
                             .y_pitch = y.pitch,
                             .layer_outputs = matrix().outputs});
  });
  if (activation_ == Activation::kRelu) {
    kernels().relu({.size = pass.rows * y.pitch, .x = y.data});
  }
}

bool DenseLayer::needs_gradient(std::size_t rows) const { return rows > kFusedRows; }

/// Both gradients and the step, divided by inputs; without `dx`, by outputs.
void DenseLayer::update(const Pass& pass, const Rows& dx, const Learn& learn) const {
  const Rows dy = cotangent(pass.scratch);
  const auto [outputs, inputs] = matrix();
  const kernels::DenseUpdate all{
      .shape = matrix(),
      .rows = pass.rows,
      .x = pass.x.data,
      .x_pitch = pass.x.pitch,
      .dy = dy.data,
      .dy_pitch = dy.pitch,
      .rule = learn.rule,
      .weights = learn.weights,
      .bias = learn.weights + packed_bias(),
      .weight_offset = learn.offset,
      .bias_offset = learn.offset ? learn.offset + packed_bias() : nullptr,
      .weight_scales = learn.scales,
      .bias_scales = learn.scales ? learn.scales + packed_bias() : nullptr,
      .dx = dx.data,
      .dx_pitch = dx.pitch,
      .scratch = input_scratch(pass),
      .layer_outputs = outputs};
  if (dx.data) {
    const Divisible by_inputs{inputs, kernels::kPanel, 2 * flops(pass)};
    share(pass.workspace, by_inputs, [&](std::size_t begin, std::size_t end, Workspace* mine) {
      kernels::DenseUpdate part = all;
      part.begin = begin;
      part.end = end;
      if (mine) part.scratch = mine->floats("dense_layer/input", input_scratch_size(pass)).data();
      kernels().dense_update(part);
    });
    return;
  }
  const Divisible by_outputs{outputs, kernels::kPanel, flops(pass)};
  share(pass.workspace, by_outputs, [&](std::size_t begin, std::size_t end, Workspace*) {
    kernels::DenseUpdate part = all;
    part.shape.outputs = end - begin;
    part.dy += begin;
    part.weights += begin * inputs;
    part.bias += begin;
    if (part.weight_offset) {
      part.weight_offset += begin * inputs;
      part.bias_offset += begin;
    }
    if (part.weight_scales) {
      part.weight_scales += begin * inputs;
      part.bias_scales += begin;
    }
    kernels().dense_update(part);
  });
}

void DenseLayer::backward(const Pass& pass, const Rows& dx, const Learn& learn) const {
  const Rows y = output(pass.scratch), dy = cotangent(pass.scratch);
  if (activation_ == Activation::kRelu) {
    kernels().relu_backward({.size = pass.rows * y.pitch, .y = y.data, .dy = dy.data});
  }
  if (learn.weights && !needs_gradient(pass.rows)) return update(pass, dx, learn);
  if (dx.data) {
    kernels().dense_backward_input({.shape = matrix(),
                                    .rows = pass.rows,
                                    .dy = dy.data,
                                    .dy_pitch = dy.pitch,
                                    .weights = pass.packed,
                                    .dx = dx.data,
                                    .dx_pitch = dx.pitch,
                                    .scratch = input_scratch(pass)});
  }
  kernels().dense_backward_weights({.shape = matrix(),
                                    .rows = pass.rows,
                                    .x = pass.x.data,
                                    .x_pitch = pass.x.pitch,
                                    .dy = dy.data,
                                    .dy_pitch = dy.pitch,
                                    .weight_gradient = learn.gradient,
                                    .bias_gradient = learn.gradient + packed_bias()});
  if (learn.weights) step(learn);
}

}  // namespace skerry::learners
