#pragma once

#include <cstdint>
#include <span>

#include "algorithms/sdk/elementary.hpp"
#include "algorithms/sdk/optimizer.hpp"

namespace skerry::optimization {

/// 1 / (1 - beta^t) for the step behind `steps` others: undoes that a running mean began at zero.
inline float correction(float beta, std::uint64_t steps) {
  return static_cast<float>(1 / (1 - powi_f64(beta, steps + 1)));
}

/// One of the vectors of P values that an optimiser remembers.
inline std::span<float> moment(const OptimizerState& state, std::size_t which, std::size_t size) {
  return state.moments.subspan(which * size, size);
}

}  // namespace skerry::optimization
