#pragma once

#include <cstdint>
#include <string_view>

#include "algorithms/kernels/convolution.hpp"
#include "algorithms/kernels/dense.hpp"
#include "algorithms/kernels/elementwise.hpp"
#include "algorithms/kernels/pooled_cotangents.hpp"

namespace skerry::kernels {

enum class InstructionSet : std::uint8_t { kPlain, kAvx2, kAvx512 };

/// All kernels for one instruction set. Every table gives the same bits.
struct Kernels {
  InstructionSet set;

  void (*dense_forward)(const DenseForward&);
  void (*dense_backward_input)(const DenseBackwardInput&);
  void (*dense_backward_weights)(const DenseBackwardWeights&);
  void (*dense_update)(const DenseUpdate&);
  void (*sgd_update)(const SgdUpdate&);
  void (*pack)(const PackMatrix&);
  void (*unpack)(const UnpackMatrix&);
  void (*transpose)(const Transpose&);

  void (*convolve)(const Convolve&);
  void (*pool_relu)(const PoolRelu&);
  void (*convolve_pool)(const ConvolvePool&);
  void (*list_by_output)(const ListByOutput&);
  void (*list_by_position)(const ListByPosition&);
  void (*convolve_backward_weights)(const ConvolveBackwardWeights&);
  void (*convolve_backward_few)(const ConvolveBackwardFew&);
  void (*turn_kernel)(const TurnKernel&);
  void (*convolve_backward_input)(const ConvolveBackwardInput&);

  void (*relu)(const Relu&);
  void (*relu_backward)(const ReluBackward&);
};

/// The table for one instruction set, or null where this processor (or build) lacks it.
const Kernels* table(InstructionSet set);
/// The fastest table of this processor; chosen once.
const Kernels& best();
/// `avx512`, `avx2`, `plain`: for manifests and messages.
std::string_view to_string(InstructionSet set);

}  // namespace skerry::kernels
