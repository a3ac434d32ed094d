#include "algorithms/learners/dense_layer.hpp"

namespace skerry::learners {

namespace {

/// Up to here the fused update is fastest; a larger batch would be walked once a tile, so its
/// gradient is made in blocks of rows first. The bits are the same.
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

// Scratch: output rows, cotangent rows, and what the gradient of the input needs.
std::size_t DenseLayer::scratch_size(std::size_t capacity) const {
  return 2 * capacity * pitch() + kernels::DenseBackwardInput::scratch_size(matrix(), capacity);
}
Rows DenseLayer::output(const LayerScratch& scratch) const { return {scratch.data, pitch()}; }
Rows DenseLayer::cotangent(const LayerScratch& scratch) const {
  return {scratch.data + scratch.capacity * pitch(), pitch()};
}

void DenseLayer::forward(const Pass& pass) const {
  const Rows y = output(pass.scratch);
  kernels().dense_forward({.shape = matrix(),
                           .rows = pass.rows,
                           .x = pass.x.data,
                           .x_pitch = pass.x.pitch,
                           .weights = pass.packed,
                           .bias = pass.packed + packed_bias(),
                           .y = y.data,
                           .y_pitch = y.pitch});
  if (activation_ == Activation::kRelu) {
    kernels().relu({.size = pass.rows * y.pitch, .x = y.data});
  }
}

bool DenseLayer::needs_gradient(std::size_t rows) const { return rows > kFusedRows; }

void DenseLayer::backward(const Pass& pass, const Rows& dx, const Learn& learn) const {
  const Rows y = output(pass.scratch), dy = cotangent(pass.scratch);
  if (activation_ == Activation::kRelu) {
    kernels().relu_backward({.size = pass.rows * y.pitch, .y = y.data, .dy = dy.data});
  }
  float* scratch = dy.data + pass.scratch.capacity * pitch();
  if (learn.weights && !needs_gradient(pass.rows)) {
    kernels().dense_update({.shape = matrix(),
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
                            .dx = dx.data,
                            .dx_pitch = dx.pitch,
                            .scratch = scratch});
    return;
  }
  if (dx.data) {
    kernels().dense_backward_input({.shape = matrix(),
                                    .rows = pass.rows,
                                    .dy = dy.data,
                                    .dy_pitch = dy.pitch,
                                    .weights = pass.packed,
                                    .dx = dx.data,
                                    .dx_pitch = dx.pitch,
                                    .scratch = scratch});
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
