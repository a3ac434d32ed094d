#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "algorithms/kernels/kernels.hpp"
#include "algorithms/sdk/layout.hpp"
#include "algorithms/sdk/workspace.hpp"

namespace skerry::learners {

/// A batch of values, one example a row, features in PyTorch's order (images: channel, row,
/// column).
struct Rows {
  float* data = nullptr;
  std::size_t pitch = 0;
};
struct ConstRows {
  const float* data = nullptr;
  std::size_t pitch = 0;
};

/// Scratch of one layer, zero when made, laid out for `capacity` examples: what forward leaves for
/// backward, and the layer's output and cotangent rows. Borders and padding in it are never
/// written.
struct LayerScratch {
  float* data = nullptr;
  std::size_t capacity = 0;
};

/// One batch on its way through one layer.
struct Pass {
  std::size_t rows = 0;
  ConstRows x;                    // the layer's input
  const float* packed = nullptr;  // its packed parameters
  LayerScratch scratch;
  Workspace* workspace = nullptr;  // whose idle threads may share the work; null: none
};

/// What becomes of a layer's gradient. It is written, packed, to `gradient`; or, where `weights` is
/// given, it moves them by one step (`gradient` is then scratch).
struct Learn {
  float* gradient = nullptr;      // [packed_size()]; may be null where needs_gradient() is false
  float* weights = nullptr;       // packed parameters
  const float* scales = nullptr;  // packed, or null = the rule's scale
  const float* offset = nullptr;  // packed, or null
  kernels::SgdRule rule;
};

/// One layer with a weight and a bias. Both are packed one after the other: panels, then padded
/// bias. Immutable; everything that changes is in the caller's scratch.
class Layer {
 public:
  /// @param shape  of the weight: [out, in] or OIHW.
  Layer(const kernels::Kernels& kernels, std::string name, Shape shape);
  virtual ~Layer() = default;

  const std::string& name() const { return name_; }
  std::vector<TensorSpec> tensors() const;
  /// Inputs of one output: the bound of PyTorch's default initialisation is 1 / sqrt(fan_in).
  std::size_t fan_in() const { return matrix_.inputs; }
  std::size_t parameters() const { return matrix_.outputs * (matrix_.inputs + 1); }

  /// From and to PyTorch's layout: weight, then bias.
  std::size_t packed_size() const;
  void pack(const float* parameters, float* packed) const;
  /// `origin`, where not null, is subtracted.
  void unpack(const float* packed, float* parameters, const float* origin = nullptr) const;

  /// Shape of one example's input, and number of values of its output.
  virtual Shape input() const = 0;
  virtual std::size_t outputs() const = 0;
  /// Multiply-adds of one example's forward pass, and values it makes.
  virtual double products() const = 0;
  virtual double activations() const = 0;

  virtual std::size_t scratch_size(std::size_t capacity) const = 0;
  virtual Rows output(const LayerScratch& scratch) const = 0;
  /// Cotangents of the output: filled by the caller (padding stays zero), used up by backward.
  virtual Rows cotangent(const LayerScratch& scratch) const = 0;

  virtual void forward(const Pass& pass) const = 0;
  /// After forward. `dx.data` may be null: the first layer needs none in training.
  virtual void backward(const Pass& pass, const Rows& dx, const Learn& learn) const = 0;
  virtual bool needs_gradient(std::size_t rows) const = 0;

 protected:
  const kernels::Kernels& kernels() const { return kernels_; }
  const kernels::MatrixShape& matrix() const { return matrix_; }
  std::size_t packed_bias() const { return matrix_.packed_size(); }
  /// The step that `learn` asks for, from its finished gradient.
  void step(const Learn& learn) const;

 private:
  const kernels::Kernels& kernels_;
  std::string name_;
  Shape shape_;
  kernels::MatrixShape matrix_;
};

}  // namespace skerry::learners
