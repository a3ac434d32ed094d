#pragma once

#include <cmath>
#include <span>

#include "algorithms/sdk/dispatch.hpp"

namespace skerry::optimization {

/// The numbers of one step of Adam, all ready.
struct AdamStep {
  float rate, beta1, beta2;
  float small;                              // epsilon or tau, in the denominator
  float decay = 0;                          // of weights, through the gradient (L2)
  float pull = 0;                           // of weights, past the moments (decoupled)
  float first_scale = 1, second_scale = 1;  // bias corrections
};

/// g <- g + decay w;  w <- w - pull w
/// m <- beta1 m + (1 - beta1) g;  v <- beta2 v + (1 - beta2) g^2;  largest <- max(largest, v)
/// w <- w - rate (m first_scale) / (sqrt(v second_scale) + small)
/// with `largest` in place of v in the last line where it is not empty. Each vector is [P].
SKERRY_FMA_LOOP static void take(const AdamStep& step, std::span<const float> gradient,
                                 std::span<float> parameters, std::span<float> first,
                                 std::span<float> second, std::span<float> largest) {
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    float w = parameters[i], g = gradient[i];
    if (step.decay != 0) g = std::fma(step.decay, w, g);
    if (step.pull != 0) w = std::fma(-step.pull, w, w);
    first[i] = std::fma(step.beta1, first[i], (1 - step.beta1) * g);
    second[i] = std::fma(step.beta2, second[i], (1 - step.beta2) * g * g);
    float v = second[i];
    if (!largest.empty()) v = largest[i] = largest[i] > v ? largest[i] : v;
    const float move =
        first[i] * step.first_scale / (std::sqrt(v * step.second_scale) + step.small);
    parameters[i] = std::fma(-step.rate, move, w);
  }
}

}  // namespace skerry::optimization
