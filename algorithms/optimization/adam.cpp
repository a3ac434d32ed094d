// Adam: steps scaled by a running estimate of each gradient's second moment.
//
//   g <- g + lambda w                          (weight decay as L2, PyTorch's)
//   m <- beta1 m + (1 - beta1) g;   v <- beta2 v + (1 - beta2) g^2
//   w <- w - eta m / (1 - beta1^t) / (sqrt(v / (1 - beta2^t)) + epsilon)
//                                              [Kingma, Ba 2015, "Adam: a method for stochastic
//                                               optimization", Alg. 1]
//   `amsgrad`: the largest v so far in the place of v
//                                              [Reddi, Kale, Kumar 2018, "On the convergence of
//                                               Adam and beyond", Alg. 2]
//
// With `tau` and without `bias_correction` it is FedAdam, and v starts at tau^2:
//   w <- w - eta m / (sqrt(v) + tau)           [Reddi et al. 2021, "Adaptive federated
//                                               optimization", Alg. 2, FedAdam]
//
// Symbols: w = parameters, g = gradient (on the cloud -Delta, the negated mean delta),
// eta = `learning_rate`, epsilon = `eps`, lambda = `weight_decay`, the others = the fields of these
// names, m and v = the two moments, t = number of the step, from 1.
//
// Differences from the papers: FedAdam only asks that v start at tau^2 or above; we start there.
// AMSGrad has no bias correction, and PyTorch divides the largest v by that of its step; so do we.
// Defaults are PyTorch's.

#include "algorithms/optimization/adam_step.hpp"
#include "algorithms/optimization/adaptive.hpp"
#include "algorithms/sdk/plugin.hpp"

namespace skerry {
namespace {

class Adam final : public Optimizer {
 public:
  struct Config {
    float learning_rate = 1e-3f;
    float beta1 = 0.9f;
    float beta2 = 0.999f;
    std::optional<float> eps;
    float weight_decay = 0;
    bool amsgrad = false;
    bool bias_correction = true;
    std::optional<float> tau;
    template <class V>
    void fields(V& v) {
      v("learning_rate", learning_rate,
        {.meaning = "eta, length of a step", .min = 0, .above_min = true});
      v("beta1", beta1,
        {.meaning = "share of the first moment that is kept",
         .min = 0,
         .max = 1,
         .below_max = true});
      v("beta2", beta2,
        {.meaning = "share of the second moment that is kept",
         .min = 0,
         .max = 1,
         .below_max = true});
      v("eps", eps,
        {.meaning = "epsilon, keeps the divisor above zero, by default 1e-8",
         .min = 0,
         .above_min = true});
      v("weight_decay", weight_decay, {.meaning = "lambda, pull towards zero (L2)", .min = 0});
      v("amsgrad", amsgrad, {.meaning = "divides by the largest second moment so far"});
      v("bias_correction", bias_correction,
        {.meaning = "undoes that moments start at zero; without it, FedAdam of Reddi et al."});
      v("tau", tau,
        {.meaning = "degree of adaptivity of FedAdam, in the place of eps; without bias "
                    "correction, v starts at its square",
         .min = 0,
         .above_min = true});
    }
    template <class R>
    void check(R& reader) const {
      if (tau && eps) reader.error("eps", "means nothing beside \"tau\", which takes its place");
    }
  };
  explicit Adam(const Config& config) : config_(config) {}

  std::size_t moments() const override { return config_.amsgrad ? 3 : 2; }

  void step(std::span<float> parameters, std::span<const float> gradient,
            OptimizerState& state) const override {
    const std::size_t size = parameters.size();
    const auto second = optimization::moment(state, 1, size);
    const auto largest = config_.amsgrad ? optimization::moment(state, 2, size) : second.first(0);
    optimization::AdamStep step{.rate = config_.learning_rate * state.rate_scale,
                                .beta1 = config_.beta1,
                                .beta2 = config_.beta2,
                                .small = config_.tau.value_or(config_.eps.value_or(1e-8f)),
                                .decay = config_.weight_decay};
    if (config_.bias_correction) {
      step.first_scale = optimization::correction(step.beta1, state.steps);
      step.second_scale = optimization::correction(step.beta2, state.steps);
    } else if (config_.tau && state.steps == 0) {
      for (float& v : second) v = *config_.tau * *config_.tau;
    }
    optimization::take(step, gradient, parameters, optimization::moment(state, 0, size), second,
                       largest);
  }

 private:
  Config config_;
};

}  // namespace

SKERRY_PLUGIN(Optimizer, Adam, "adam", "adaptive moments: Adam and AMSGrad; on the cloud, FedAdam")

}  // namespace skerry
