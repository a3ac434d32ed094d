// AdamW: Adam whose weight decay does not pass through the moments.
//
//   w <- w - eta lambda w
//   m <- beta1 m + (1 - beta1) g;   v <- beta2 v + (1 - beta2) g^2
//   w <- w - eta m / (1 - beta1^t) / (sqrt(v / (1 - beta2^t)) + epsilon)
//                                              [Loshchilov, Hutter 2019, "Decoupled weight decay
//                                               regularization", Alg. 2, line 12]
//   `amsgrad`: the largest v so far in the place of v
//                                              [Reddi, Kale, Kumar 2018, "On the convergence of
//                                               Adam and beyond", Alg. 2]
//
// Symbols: w = parameters, g = gradient, eta = `learning_rate` (times the schedule), epsilon =
// `eps`, lambda = `weight_decay`, the others = the fields of these names, m and v = the two
// moments, t = number of the step, from 1.
//
// Differences from the papers: the decay is multiplied by the learning rate, as in PyTorch; the
// paper multiplies it by the schedule alone. AMSGrad divides as in the plugin "adam". Defaults are
// PyTorch's.

#include "algorithms/optimization/adam_step.hpp"
#include "algorithms/optimization/adaptive.hpp"
#include "algorithms/sdk/plugin.hpp"

namespace skerry {
namespace {

class AdamW final : public Optimizer {
 public:
  struct Config {
    float learning_rate = 1e-3f;
    float beta1 = 0.9f;
    float beta2 = 0.999f;
    float eps = 1e-8f;
    float weight_decay = 1e-2f;
    bool amsgrad = false;
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
        {.meaning = "epsilon, keeps the divisor above zero", .min = 0, .above_min = true});
      v("weight_decay", weight_decay,
        {.meaning = "lambda, pull towards zero, past the moments", .min = 0});
      v("amsgrad", amsgrad, {.meaning = "divides by the largest second moment so far"});
    }
  };
  explicit AdamW(const Config& config) : config_(config) {}

  std::size_t moments() const override { return config_.amsgrad ? 3 : 2; }

  void step(std::span<float> parameters, std::span<const float> gradient,
            OptimizerState& state) const override {
    const std::size_t size = parameters.size();
    const auto second = optimization::moment(state, 1, size);
    const auto largest = config_.amsgrad ? optimization::moment(state, 2, size) : second.first(0);
    const float rate = config_.learning_rate * state.rate_scale;
    optimization::take({.rate = rate,
                        .beta1 = config_.beta1,
                        .beta2 = config_.beta2,
                        .small = config_.eps,
                        .pull = rate * config_.weight_decay,
                        .first_scale = optimization::correction(config_.beta1, state.steps),
                        .second_scale = optimization::correction(config_.beta2, state.steps)},
                       gradient, parameters, optimization::moment(state, 0, size), second, largest);
  }

 private:
  Config config_;
};

}  // namespace

SKERRY_PLUGIN(Optimizer, AdamW, "adamw", "Adam with decoupled weight decay")

}  // namespace skerry
