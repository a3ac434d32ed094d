// Every kernel, compiled for the lanes defined by the including source. All of it has internal
// linkage: an inline function with external linkage, compiled here, could be the copy the linker
// keeps for everyone.

#include <cstddef>
#include <cstdint>

#include "algorithms/kernels/convolution.inl"
#include "algorithms/kernels/dense.inl"
#include "algorithms/kernels/elementwise.inl"
#include "algorithms/kernels/few_channels.inl"
#include "algorithms/kernels/kernels.hpp"
#include "algorithms/kernels/pooled_cotangents.inl"
#include "algorithms/kernels/tile.inl"
#include "algorithms/kernels/transpose.inl"

namespace skerry::kernels {
namespace {

constexpr Kernels make_table(InstructionSet set) {
  return {.set = set,
          .dense_forward = dense_forward,
          .dense_backward_input = dense_backward_input,
          .dense_backward_weights = dense_backward_weights,
          .dense_update = dense_update,
          .sgd_update = sgd_update,
          .pack = pack,
          .unpack = unpack,
          .transpose = transpose,
          .convolve = convolve,
          .pool_relu = pool_relu,
          .convolve_pool = convolve_pool,
          .list_by_output = list_by_output,
          .list_by_position = list_by_position,
          .convolve_backward_weights = convolve_backward_weights,
          .convolve_backward_few = convolve_backward_few,
          .turn_kernel = turn_kernel,
          .convolve_backward_input = convolve_backward_input,
          .relu = relu,
          .relu_backward = relu_backward};
}

}  // namespace
}  // namespace skerry::kernels
