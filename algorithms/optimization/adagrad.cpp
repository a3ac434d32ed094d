// AdaGrad: steps scaled by the sum of all squared gradients so far.
//
//   g <- g + lambda w                          (weight decay as L2, PyTorch's)
//   v <- v + g^2;   w <- w - eta / (1 + (t - 1) kappa) g / (sqrt(v) + epsilon)
//                                              [Duchi, Hazan, Singer 2011, "Adaptive subgradient
//                                               methods for online learning and stochastic
//                                               optimization", Fig. 1, diagonal, in PyTorch's form]
//
// With `tau` it is FedAdagrad, and v starts at tau^2:
//   m <- beta1 m + (1 - beta1) g;   v <- v + g^2;   w <- w - eta m / (sqrt(v) + tau)
//                                              [Reddi et al. 2021, "Adaptive federated
//                                               optimization", Alg. 2, FedAdagrad]
//
// Symbols: w = parameters, g = gradient (on the cloud -Delta, the negated mean delta),
// eta = `learning_rate`, kappa = `lr_decay`, epsilon = `eps`, lambda = `weight_decay`, the others =
// the fields of these names, v and m = the moments, t = number of the step, from 1. v starts at
// `initial_accumulator_value`.
//
// Differences from the papers: `lr_decay` is PyTorch's. Reddi et al. use no momentum with
// FedAdagrad in their experiments (beta1 = 0), so that is the default; then m is g and is not kept.
// Defaults are PyTorch's.

#include <cmath>

#include "algorithms/optimization/adaptive.hpp"
#include "algorithms/sdk/dispatch.hpp"
#include "algorithms/sdk/plugin.hpp"

namespace skerry {
namespace {

struct AdagradStep {
  float rate, beta1, small, decay;
};

SKERRY_FMA_LOOP void take_adagrad(const AdagradStep& step, std::span<const float> gradient,
                                  std::span<float> parameters, std::span<float> squares,
                                  std::span<float> first) {
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    const float w = parameters[i];
    const float g = std::fma(step.decay, w, gradient[i]);
    squares[i] = std::fma(g, g, squares[i]);
    float along = g;
    if (!first.empty()) along = first[i] = std::fma(step.beta1, first[i], (1 - step.beta1) * g);
    parameters[i] = std::fma(-step.rate, along / (std::sqrt(squares[i]) + step.small), w);
  }
}

class Adagrad final : public Optimizer {
 public:
  struct Config {
    float learning_rate = 1e-2f;
    float lr_decay = 0;
    float weight_decay = 0;
    std::optional<float> initial_accumulator_value;
    std::optional<float> eps;
    float beta1 = 0;
    std::optional<float> tau;
    template <class V>
    void fields(V& v) {
      v("learning_rate", learning_rate,
        {.meaning = "eta, length of a step", .min = 0, .above_min = true});
      v("lr_decay", lr_decay,
        {.meaning = "kappa: step t has the rate eta / (1 + (t - 1) kappa)", .min = 0});
      v("weight_decay", weight_decay, {.meaning = "lambda, pull towards zero (L2)", .min = 0});
      v("initial_accumulator_value", initial_accumulator_value,
        {.meaning = "where the sum of squares starts, by default 0", .min = 0});
      v("eps", eps,
        {.meaning = "epsilon, keeps the divisor above zero, by default 1e-10",
         .min = 0,
         .above_min = true});
      v("beta1", beta1,
        {.meaning = "share of the first moment that is kept; 0 = no momentum",
         .min = 0,
         .max = 1,
         .below_max = true});
      v("tau", tau,
        {.meaning = "degree of adaptivity of FedAdagrad, in the place of eps; the sum starts at "
                    "its square",
         .min = 0,
         .above_min = true});
    }
    template <class R>
    void check(R& reader) const {
      if (!tau) return;
      if (eps) reader.error("eps", "means nothing beside \"tau\", which takes its place");
      if (initial_accumulator_value) {
        reader.error("initial_accumulator_value",
                     "means nothing beside \"tau\": the sum starts at its square");
      }
    }
  };
  explicit Adagrad(const Config& config) : config_(config) {}

  std::size_t moments() const override { return config_.beta1 > 0 ? 2 : 1; }

  void step(std::span<float> parameters, std::span<const float> gradient,
            OptimizerState& state) const override {
    const std::size_t size = parameters.size();
    const auto squares = optimization::moment(state, 0, size);
    const auto first = config_.beta1 > 0 ? optimization::moment(state, 1, size) : squares.first(0);
    if (state.steps == 0) {
      const float square = config_.tau.value_or(0) * config_.tau.value_or(0);
      for (float& v : squares) v = config_.initial_accumulator_value.value_or(square);
    }
    const double before = static_cast<double>(state.steps);
    const double rate = double{config_.learning_rate} / (1 + before * config_.lr_decay);
    take_adagrad({.rate = static_cast<float>(rate) * state.rate_scale,
                  .beta1 = config_.beta1,
                  .small = config_.tau.value_or(config_.eps.value_or(1e-10f)),
                  .decay = config_.weight_decay},
                 gradient, parameters, squares, first);
  }

 private:
  Config config_;
};

}  // namespace

SKERRY_PLUGIN(Optimizer, Adagrad, "adagrad",
              "steps scaled by all squared gradients so far; on the cloud, FedAdagrad")

}  // namespace skerry
