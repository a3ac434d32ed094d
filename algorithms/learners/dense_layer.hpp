#pragma once

#include "algorithms/learners/layer.hpp"

namespace skerry::learners {

/// y = W x + b, with or without a ReLU after it.
class DenseLayer final : public Layer {
 public:
  enum class Activation { kNone, kRelu };
  struct Size {
    std::size_t inputs = 0;
    std::size_t outputs = 0;
  };
  DenseLayer(const kernels::Kernels& kernels, std::string name, Size size, Activation activation);

  Shape input() const override { return {static_cast<std::uint32_t>(matrix().inputs)}; }
  std::size_t outputs() const override { return matrix().outputs; }
  double products() const override;
  double activations() const override { return static_cast<double>(matrix().outputs); }

  std::size_t scratch_size(std::size_t capacity) const override;
  Rows output(const LayerScratch& scratch) const override;
  Rows cotangent(const LayerScratch& scratch) const override;
  void forward(const Pass& pass) const override;
  void backward(const Pass& pass, const Rows& dx, const Learn& learn) const override;
  bool needs_gradient(std::size_t rows) const override;

 private:
  double flops(const Pass& pass) const;  // of one product
  float* input_scratch(const Pass& pass) const;
  std::size_t input_scratch_size(const Pass& pass) const;
  void update(const Pass& pass, const Rows& dx, const Learn& learn) const;
  std::size_t pitch() const { return kernels::padded(matrix().outputs); }
  Activation activation_;
};

}  // namespace skerry::learners
