#pragma once

#include <initializer_list>
#include <span>

#include "algorithms/sdk/local_method.hpp"

namespace skerry {

/// One step of the loop as a term sees it.
struct StepContext {
  const Learner& learner;
  const Batch& batch;
  std::span<float> parameters;    // w [P]
  std::span<const float> scores;  // [B x O]
  std::span<float> cotangent;     // d loss / d scores [B x O]; terms may add
  std::span<float> gradient;      // [P]; terms may add, after backward
  std::uint64_t step;
  Workspace& workspace;
};

/// A change to plain SGD that combines with others: FedProx, EWC, replay, DER++, GEM, clipping.
/// Terms act in the order given. A term that is only  g' = fma(scale, w, g) + offset  says so
/// through affine() and stays on the fused path, with the same bits.
class StepTerm {
 public:
  virtual ~StepTerm() = default;
  virtual std::optional<AffineTerm> affine() const { return std::nullopt; }
  /// After forward and loss: may add to the cotangent.
  virtual void outputs(StepContext&) {}
  /// After backward: may add to the gradient, or run the learner on other examples (its own tape,
  /// 1).
  virtual void gradient(StepContext&) {}
  /// After the optimiser's step.
  virtual void stepped(StepContext&) {}
};

/// g' = fma(scale, w, g) + offset, for every parameter: the one definition of an affine term.
void apply_affine(const AffineTerm& term, std::span<const float> parameters,
                  std::span<float> gradient);

/// The default loop: epochs (or steps) of shuffled mini-batches from `context.data`, starting from
/// and leaving its result in `parameters` [P]. Batches are drawn from the stream "batches" and
/// never cross an epoch. Runs fused where the learner, the optimiser and every term allow it; the
/// bits are the same.
TrainReport local_loop(TrainContext& context, std::span<float> parameters,
                       std::span<StepTerm* const> terms = {});

/// out = float32(after - before).
void subtract(std::span<const float> after, std::span<const float> before, std::span<float> out);

/// The usual train(): runs the loop from the model that came and returns w_k - w as record "delta"
/// of `up`.
TrainReport train_delta(TrainContext& context, std::span<StepTerm* const> terms = {});

}  // namespace skerry
