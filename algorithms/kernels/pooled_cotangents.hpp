#pragma once

#include <cstddef>
#include <cstdint>

#include "algorithms/kernels/convolution.hpp"

namespace skerry::kernels {

// Backward through a convolution whose output was pooled. The pool hands each window's cotangent to
// its winner, so at most one cotangent in four is not zero: these are listed, and the two products
// walk the lists. Terms whose cotangent is zero are left out of the chains by definition, so the
// bits depend on neither lists nor pooling.

/// Lists of cotangents, one after another; list i is [begin[i], begin[i + 1]).
struct CotangentLists {
  std::uint32_t* begin = nullptr;
  std::uint32_t* at = nullptr;  // where each one's partner is, in floats
  float* value = nullptr;       // never 0

  /// What making the lists may write beyond their end, in entries.
  static constexpr std::size_t kSlack = kPanel;
};

/// One list for each sample and output, by (row, column) of the position; `at` is the position's
/// first tap in the sample's image of x. begin [samples * outputs + 1].
struct ListByOutput {
  Positions windows;
  std::size_t outputs = 0;
  const float* which = nullptr;  // [samples][outputs][windows]
  const float* dy = nullptr;     // of the pooled output, as `which`
  std::size_t which_sample = 0;  // from sample to sample
  std::size_t dy_sample = 0;
  std::size_t x_line = 0;
  std::size_t x_pixel = 0;
  CotangentLists lists;
};

/// One list for each position, by output; `at` is the output's number times `step`. Positions that
/// no window covers have empty lists. begin [positions + 1].
struct ListByPosition {
  Positions positions;  // windows: half of height and width
  std::size_t outputs = 0;
  const float* which = nullptr;  // [windows, padded(outputs)]
  const float* dy = nullptr;     // of the pooled output, as `which`; padding zero
  std::size_t step = 0;
  CotangentLists lists;
};

/// dW[n, (c, ky, kx)] = fma-chain over (sample, row, column), ascending, of x[tap] * dy[position,
/// n], dy not 0; packed. db[n] = the sum of dy in the same order. Lanes run over (kx, c), which are
/// contiguous in x. Cost: 2 * taps flops per cotangent that is not 0.
struct ConvolveBackwardWeights {
  KernelShape kernel;
  std::size_t samples = 0;
  CotangentLists lists;          // ListByOutput's, of all outputs or only some
  std::size_t lists_sample = 0;  // lists from sample to sample
  /// The pixel is `channels` wide. kPanel floats beyond the last tap are readable.
  const float* x = nullptr;
  std::size_t x_sample = 0;
  std::size_t x_line = 0;
  float* weight_gradient = nullptr;  // packed [outputs, taps]
  float* bias_gradient = nullptr;    // [padded(outputs)]
  float* scratch = nullptr;          // [scratch_size()]

  [[gnu::always_inline]] static constexpr std::size_t output_size(const KernelShape& k) {
    return k.height * padded(k.width * k.channels);
  }
  [[gnu::always_inline]] static constexpr std::size_t scratch_size(const KernelShape& k) {
    return k.outputs * output_size(k);
  }
};

/// The same gradients for images of few channels, where a list's lanes would be mostly empty: lanes
/// run over outputs, straight from the pool's winners, with the same bits. Cost: 2 * taps flops per
/// position and output.
struct ConvolveBackwardFew {
  KernelShape kernel;
  Positions windows;
  const float* which = nullptr;  // [windows, padded(outputs)]
  const float* dy = nullptr;     // of the pooled output, as `which`; padding zero
  const float* x = nullptr;      // the first tap of the first position; a pixel is `channels` wide
  std::size_t x_sample = 0;
  std::size_t x_line = 0;
  float* weight_gradient = nullptr;  // packed [outputs, taps]
  float* bias_gradient = nullptr;    // [padded(outputs)]
};

/// Weights with the channels of the input as lanes, for the gradient of the input:
///   to[c / kPanel][ky][n][kx][c % kPanel] = W[n, (c, ky, kx)]
struct TurnKernel {
  KernelShape kernel;
  const float* from = nullptr;  // packed [outputs, taps]
  float* to = nullptr;          // [turned_size()]

  [[gnu::always_inline]] static constexpr std::size_t turned_size(const KernelShape& k) {
    return padded(k.channels) * k.height * k.width * k.outputs;
  }
  /// From output to output.
  [[gnu::always_inline]] static constexpr std::size_t step(const KernelShape& k) {
    return k.width * kPanel;
  }
};

/// dx[q, c] = fma-chain over (position, n), positions row by row, of dy[position, n] * W[n, (c, q -
/// position)], dy not 0, on the canvas of x with its border. Cost: 2 * taps flops per cotangent
/// that is not 0.
struct ConvolveBackwardInput {
  KernelShape kernel;
  Positions positions;             // of the convolution's output
  CotangentLists lists;            // ListByPosition, step = TurnKernel::step()
  const float* weights = nullptr;  // turned
  float* dx = nullptr;  // [samples][height + kernel.height - 1][width + kernel.width - 1]
                        // [padded(channels)]
};

}  // namespace skerry::kernels
