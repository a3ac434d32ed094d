#include "algorithms/learners/layer.hpp"

#include <algorithm>

namespace skerry::learners {

Layer::Layer(const kernels::Kernels& kernels, std::string name, Shape shape)
    : kernels_(kernels),
      name_(std::move(name)),
      shape_(std::move(shape)),
      matrix_{.outputs = shape_[0], .inputs = element_count(shape_) / shape_[0]} {}

std::vector<TensorSpec> Layer::tensors() const {
  return {{name_ + ".weight", shape_}, {name_ + ".bias", {shape_[0]}}};
}

std::size_t Layer::packed_size() const {
  return matrix_.packed_size() + kernels::padded(matrix_.outputs);
}

void Layer::pack(const float* parameters, float* packed) const {
  kernels_.pack({.shape = matrix_, .from = parameters, .to = packed});
  const float* bias = parameters + matrix_.outputs * matrix_.inputs;
  float* end = std::copy_n(bias, matrix_.outputs, packed + packed_bias());
  std::fill(end, packed + packed_size(), 0.0f);
}

void Layer::unpack(const float* packed, float* parameters, const float* origin) const {
  kernels_.unpack({.shape = matrix_, .from = packed, .to = parameters});
  std::copy_n(packed + packed_bias(), matrix_.outputs,
              parameters + matrix_.outputs * matrix_.inputs);
  if (!origin) return;
  const std::size_t size = this->parameters();
  for (std::size_t i = 0; i < size; ++i) parameters[i] -= origin[i];
}

void Layer::step(const Learn& learn) const {
  kernels_.sgd_update({.size = packed_size(),
                       .rule = learn.rule,
                       .gradient = learn.gradient,
                       .scales = learn.scales,
                       .offset = learn.offset,
                       .weights = learn.weights});
}

}  // namespace skerry::learners
