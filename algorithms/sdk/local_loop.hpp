#pragma once

#include <span>

#include "algorithms/sdk/local_method.hpp"
#include "algorithms/sdk/term.hpp"

namespace skerry {

/// Applies an affine term to a gradient [P], element by element as AffineTerm says; does nothing if
/// the term is empty. For terms that do more than that and call it from gradient().
void apply_affine(const AffineTerm& term, std::span<const float> parameters,
                  std::span<float> gradient);

/// The default loop: epochs (or steps) of shuffled mini-batches from `context.data`. It starts from
/// `parameters` [P] and leaves its result there. Batches are drawn from the stream "batches" and
/// never cross an epoch. A step is
///   draw a batch · terms change it · forward, loss · terms change the cotangent · backward
///   · terms change the gradient · optimiser · terms look at the result
/// @param terms  the method's own; they act before those of the context.
/// Runs fused where the learner, the optimiser and every term allow it; the bits are the same.
TrainReport local_loop(TrainContext& context, std::span<float> parameters,
                       std::span<StepTerm* const> terms = {});

/// out = float32(after - before), and 0 where no bit has changed, even if the value is infinite.
void subtract(std::span<const float> after, std::span<const float> before, std::span<float> out);

/// The usual train(): runs the loop from the received model and returns w_k - w as record "delta"
/// of `up`. Terms as in local_loop().
TrainReport train_delta(TrainContext& context, std::span<StepTerm* const> terms = {});

}  // namespace skerry
