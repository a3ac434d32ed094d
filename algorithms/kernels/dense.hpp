#pragma once

#include <cstddef>

#include "algorithms/kernels/panel.hpp"

namespace skerry::kernels {

// The three products of a dense layer. Every output is one float32 FMA chain from +0 with the inner
// index ascending, so its bits depend on its own row and column only: not on the batch, the
// blocking, the address, the thread or the instruction set. (The payload of a NaN is not promised.)
//
// Inputs that are zero in every row of the batch, such as an image's border, are left out. In a
// chain of finite terms such an input can change only the sign of a zero, and forward drops that
// sign at the end. Results differ only if a weight is infinite or NaN.
//
// Matrices are rows at a pitch (in floats). No kernel allocates, checks or needs alignment; buffers
// do not overlap. Cost of each product: 2 * rows * inputs * outputs flops, where inputs are those
// that take part; weights read once.

/// y[b, n] = fma-chain over k of x[b, k] * W[n, k], where -0 becomes 0; then + bias[n], one rounded
/// addition.
struct DenseForward {
  MatrixShape shape;
  std::size_t rows = 0;
  const float* x = nullptr;
  std::size_t x_pitch = 0;
  const float* weights = nullptr;  // packed
  const float* bias = nullptr;     // [padded(outputs)], or null
  float* y = nullptr;
  std::size_t y_pitch = 0;        // >= padded(outputs); padding lanes are written or left alone
  std::size_t layer_outputs = 0;  // of the layer that this is a part of; 0: this is the whole
};

/// dx[b, k] = fma-chain over n of W[n, k] * dy[b, n]. Lanes run over b: the weights of one output
/// are not contiguous in the packed layout, so lanes over k would have to gather them.
struct DenseBackwardInput {
  MatrixShape shape;
  std::size_t rows = 0;
  const float* dy = nullptr;
  std::size_t dy_pitch = 0;
  const float* weights = nullptr;  // packed
  float* dx = nullptr;
  std::size_t dx_pitch = 0;  // >= inputs; nothing beyond column `inputs` is written
  float* scratch = nullptr;  // [scratch_size()]

  /// Rows rounded up to whole vectors of any instruction set.
  [[gnu::always_inline]] static constexpr std::size_t scratch_pitch(std::size_t rows) {
    return (rows + 15) / 16 * 16;
  }
  [[gnu::always_inline]] static constexpr std::size_t scratch_size(const MatrixShape& shape,
                                                                   std::size_t rows) {
    return (shape.outputs + kPanel) * scratch_pitch(rows);
  }
};

/// dw[n, k] = fma-chain over b of x[b, k] * dy[b, n], packed; db[n] = sum over b of dy[b, n],
/// ascending.
struct DenseBackwardWeights {
  MatrixShape shape;
  std::size_t rows = 0;
  const float* x = nullptr;
  std::size_t x_pitch = 0;
  const float* dy = nullptr;
  std::size_t dy_pitch = 0;          // >= padded(outputs), padding zero
  float* weight_gradient = nullptr;  // packed
  float* bias_gradient = nullptr;    // [padded(outputs)], or null
};

/// The step of SGD with an affine term, one element at a time:
///   g' = g                              without scale and offset
///   g' = fma(scale, w, g) [+ offset]    otherwise
///   w  = fma(-rate, g', w)
/// An update may bring one scale per element instead of the rule's one for all.
struct SgdRule {
  float rate = 0;
  float scale = 0;  // 0 where an update brings scales
};

/// DenseBackwardWeights whose finished gradient tiles go straight into the weights: the same bits
/// as writing the gradient and then applying SgdRule element by element. With dx, also does what
/// DenseBackwardInput does with the weights before their step, in the same pass over them: moving
/// its weights through memory is what limits a large layer.
struct DenseUpdate {
  MatrixShape shape;
  std::size_t rows = 0;
  const float* x = nullptr;
  std::size_t x_pitch = 0;
  const float* dy = nullptr;
  std::size_t dy_pitch = 0;  // >= padded(outputs), padding zero
  SgdRule rule;
  float* weights = nullptr;              // packed, changed in place
  float* bias = nullptr;                 // [padded(outputs)], changed in place
  const float* weight_offset = nullptr;  // packed, or null
  const float* bias_offset = nullptr;    // [padded(outputs)]; null exactly where weight_offset is
  const float* weight_scales = nullptr;  // packed, or null = the rule's scale
  const float* bias_scales = nullptr;    // [padded(outputs)]; null exactly where weight_scales is
  float* dx = nullptr;                   // or null = not wanted
  std::size_t dx_pitch = 0;              // >= inputs; nothing beyond column `inputs` is written
  float* scratch = nullptr;              // [DenseBackwardInput::scratch_size()]; with dx only
  /// With dx, only the inputs [begin, end): whole panels, or up to the last input. So parts can run
  /// at once; the bias goes with the first. end 0: all.
  std::size_t begin = 0;
  std::size_t end = 0;
  std::size_t layer_outputs = 0;  // as in DenseForward
};

/// w[i] by SgdRule from the finished gradient g[i]: any layout, as long as all have the same.
struct SgdUpdate {
  std::size_t size = 0;
  SgdRule rule;
  const float* gradient = nullptr;
  const float* scales = nullptr;  // or null = the rule's scale
  const float* offset = nullptr;  // or null
  float* weights = nullptr;
};

/// Packs PyTorch's [outputs, inputs], padding set to zero; unpacking drops the padding.
struct PackMatrix {
  MatrixShape shape;
  const float* from = nullptr;
  float* to = nullptr;
};
using UnpackMatrix = PackMatrix;

/// to[c, r] = from[r, c].
struct Transpose {
  std::size_t rows = 0;  // of `from`
  std::size_t columns = 0;
  const float* from = nullptr;
  std::size_t from_pitch = 0;
  float* to = nullptr;
  std::size_t to_pitch = 0;
};

}  // namespace skerry::kernels
