#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>

namespace skerry {

struct PluginEntry;

/// What an optimiser remembers between steps: `moments` holds Optimizer::moments() vectors of P
/// values.
struct OptimizerState {
  std::uint64_t steps = 0;   // steps taken before this one
  std::span<float> moments;  // [moments() x P], zero before the first step
  float rate_scale = 1;      // multiplies the learning rate of this step
};

/// Moves parameters against a gradient. One slot for both places where that happens: on an edge,
/// with the gradient of a batch; on the cloud, with the negated mean delta of a round as
/// pseudo-gradient [Reddi et al. 2021, "Adaptive federated optimization", Alg. 1]. Law: without
/// weight decay, a zero gradient in the zero state changes no bit of the parameters.
class Optimizer {
 public:
  static constexpr const char* kSlot = "optimizer";
  virtual ~Optimizer() = default;

  /// Vectors of P values to remember between steps.
  virtual std::size_t moments() const { return 0; }
  /// @param parameters w [P], changed in place.  @param gradient g [P].
  virtual void step(std::span<float> parameters, std::span<const float> gradient,
                    OptimizerState& state) const = 0;
  /// The learning rate, where a step is exactly
  ///   w = fma(-rate, g', w)   with g' = fma(plain_decay(), w, g), or g' = g where that is 0.
  /// Such an optimiser runs fused, and its decay is one more affine term behind those of the step
  /// (see StepTerm): the loop then takes the step without calling step().
  virtual std::optional<float> plain_rate() const { return std::nullopt; }
  /// The weight decay lambda of such a step. Asked only where plain_rate() has a value.
  virtual float plain_decay() const { return 0; }
};

/// See checked.hpp.
std::unique_ptr<Optimizer> checked(std::unique_ptr<Optimizer> plugin, const PluginEntry& entry);

}  // namespace skerry
