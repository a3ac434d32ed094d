#pragma once

#include <cstddef>
#include <memory>
#include <span>

#include "algorithms/sdk/data.hpp"
#include "algorithms/sdk/result.hpp"

namespace skerry {

struct PluginEntry;
class Registry;

/// The scores of a batch, and where their cotangents go. B = batch.size, O = outputs; rows stand at
/// a pitch, so that a loss can work in a backend's own memory.
struct LossProblem {
  const Batch& batch;
  std::size_t outputs = 0;
  const float* scores = nullptr;  // [B x O]
  std::size_t scores_pitch = 0;
  float* cotangent = nullptr;  // [B x O], or null = not wanted; all O columns are written
  std::size_t cotangent_pitch = 0;
};

/// What training makes small: how far a model's scores are from the targets. Immutable; equal
/// problems give equal bits, whatever the pitches.
class Loss {
 public:
  static constexpr const char* kSlot = "loss";
  virtual ~Loss() = default;

  /// Why it does not suit such targets; an error message goes on "the data …".
  virtual Status suits(const DataSchema& schema) const = 0;
  /// How many scores of an example it takes. Only for a schema that suits.
  virtual std::size_t outputs(const DataSchema& schema) const = 0;
  /// The mean over the batch, weighted with the examples' weights; 0 where these sum to 0. Writes
  /// d mean / d scores. At least one example; targets and weights fit the batch.
  virtual double mean(const LossProblem& problem) const = 0;
};

/// See checked.hpp.
std::unique_ptr<Loss> checked(std::unique_ptr<Loss> plugin, const PluginEntry& entry);

/// The loss of a scenario that chooses none: cross-entropy of classes, squared error of real
/// numbers; null where there are no targets.
std::shared_ptr<const Loss> usual_loss(const Registry& registry, const DataSchema& schema);

/// Learner::loss() of a model with that loss, whose scores are [B x O] without gaps.
double loss_of(const Loss& loss, std::span<const float> scores, const Batch& batch,
               std::span<float> cotangent);

}  // namespace skerry
