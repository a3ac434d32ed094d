#pragma once

#include <cstddef>

#include "algorithms/sdk/check.hpp"
#include "algorithms/sdk/loss.hpp"

namespace skerry {

/// A loss of one score and its target, and its slope in the score.
struct Deviation {
  double loss = 0;
  double slope = 0;
};

/// The mean over examples and outputs of a loss that looks at one score at a time:
///   sum_b w_b (1/O) sum_o f(s_bo, t_bo) / sum_b w_b
/// In double, ascending; cotangents are rounded once.
/// @param target  target(b, o) is what score o of example b is compared with.
template <class Target, class Function>
double example_mean(const LossProblem& problem, const Target& target, const Function& function) {
  const Batch& batch = problem.batch;
  SKERRY_CHECK(batch.weights.empty() || batch.weights.size() == batch.size,
               "every example has a weight, or none has");
  const auto weight = [&](std::size_t b) {
    return batch.weights.empty() ? 1.0 : double{batch.weights[b]};
  };
  double total = 0, sum = 0;
  for (std::size_t b = 0; b < batch.size; ++b) total += weight(b);
  const auto outputs = static_cast<double>(problem.outputs);
  for (std::size_t b = 0; b < batch.size; ++b) {
    const double share = total == 0 ? 0 : weight(b) / (total * outputs);
    for (std::size_t o = 0; o < problem.outputs; ++o) {
      const double score = double{problem.scores[b * problem.scores_pitch + o]};
      const Deviation found = function(score, target(b, o));
      sum += share * found.loss;
      if (problem.cotangent == nullptr) continue;
      problem.cotangent[b * problem.cotangent_pitch + o] = static_cast<float>(share * found.slope);
    }
  }
  return sum;
}

/// Of real-valued targets.
template <class Function>
double mean_of_values(const LossProblem& problem, const Function& function) {
  const Batch& batch = problem.batch;
  SKERRY_CHECK(batch.targets.size() == batch.size * problem.outputs, "every score has its target");
  return example_mean(
      problem,
      [&](std::size_t b, std::size_t o) { return double{batch.targets[b * problem.outputs + o]}; },
      function);
}

/// Why a loss of real numbers does not suit.
inline Status suits_values(const DataSchema& schema) {
  if (schema.values > 0) return {};
  return Failure{schema.classes > 0 ? "has class labels, and no real-valued targets"
                                    : "has no targets"};
}

}  // namespace skerry
