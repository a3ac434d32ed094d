// See elementwise.hpp. Cost: one pass over the data each.
#pragma once

#include "algorithms/kernels/elementwise.hpp"

namespace skerry::kernels {
namespace {

void relu(const Relu& p) {
  for (std::size_t i = 0; i < p.size; i += kLanes) {
    const V x = load(p.x + i);
    store(p.x + i, where_greater(x, zero(), x, zero()));
  }
}

void relu_backward(const ReluBackward& p) {
  for (std::size_t i = 0; i < p.size; i += kLanes) {
    store(p.dy + i, where_greater(load(p.y + i), zero(), load(p.dy + i), zero()));
  }
}

}  // namespace
}  // namespace skerry::kernels
