// Yogi: Adam whose second moment moves by no more than the newest squared gradient, so that a few
// small gradients do not make it forget the large ones.
//
//   g <- g + lambda w                          (weight decay as L2)
//   m <- beta1 m + (1 - beta1) g
//   v <- v - (1 - beta2) sign(v - g^2) g^2;   w <- w - eta m / (sqrt(v) + epsilon)
//                                              [Zaheer et al. 2018, "Adaptive methods for nonconvex
//                                               optimization", Alg. 2]
//
// With `tau` it is FedYogi: v starts at tau^2, and tau takes the place of epsilon
//                                              [Reddi et al. 2021, "Adaptive federated
//                                               optimization", Alg. 2, FedYogi]
//
// Symbols: w = parameters, g = gradient (on the cloud -Delta, the negated mean delta),
// eta = `learning_rate`, epsilon = `eps`, lambda = `weight_decay`, the others = the fields of these
// names, m and v = the two moments. v starts at `initial_accumulator_value`.
//
// Differences from the papers: Zaheer et al. let v start at the squared gradient of a large batch;
// we start at a constant, as TensorFlow Addons does, whose defaults ours are. As in both papers
// there is no bias correction. PyTorch has no Yogi.

#include <cmath>

#include "algorithms/optimization/adaptive.hpp"
#include "algorithms/sdk/dispatch.hpp"
#include "algorithms/sdk/plugin.hpp"

namespace skerry {
namespace {

struct YogiStep {
  float rate, beta1, fresh1, fresh2, small, decay;
};

SKERRY_FMA_LOOP void take_yogi(const YogiStep& step, std::span<const float> gradient,
                               std::span<float> parameters, std::span<float> first,
                               std::span<float> second) {
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    const float w = parameters[i];
    const float g = std::fma(step.decay, w, gradient[i]);
    first[i] = std::fma(step.beta1, first[i], step.fresh1 * g);
    const float square = g * g, v = second[i];
    const float move = step.fresh2 * square;
    second[i] = v > square ? v - move : v < square ? v + move : v;
    parameters[i] = std::fma(-step.rate, first[i] / (std::sqrt(second[i]) + step.small), w);
  }
}

class Yogi final : public Optimizer {
 public:
  struct Config {
    float learning_rate = 1e-2f;
    double beta1 = 0.9;
    double beta2 = 0.999;
    std::optional<float> eps;
    std::optional<float> initial_accumulator_value;
    float weight_decay = 0;
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
        {.meaning = "1 - beta2 is the share of a squared gradient by which the second moment moves",
         .min = 0,
         .max = 1,
         .below_max = true});
      v("eps", eps,
        {.meaning = "epsilon, keeps the divisor above zero, by default 1e-3",
         .min = 0,
         .above_min = true});
      v("initial_accumulator_value", initial_accumulator_value,
        {.meaning = "where the second moment starts, by default 1e-6", .min = 0});
      v("weight_decay", weight_decay, {.meaning = "lambda, pull towards zero (L2)", .min = 0});
      v("tau", tau,
        {.meaning =
             "degree of adaptivity of FedYogi, in the place of eps; the second moment starts "
             "at its square",
         .min = 0,
         .above_min = true});
    }
    template <class R>
    void check(R& reader) const {
      if (!tau) return;
      if (eps) reader.error("eps", "means nothing beside \"tau\", which takes its place");
      if (initial_accumulator_value) {
        reader.error("initial_accumulator_value",
                     "means nothing beside \"tau\": the second moment starts at its square");
      }
    }
  };
  explicit Yogi(const Config& config) : config_(config) {}

  std::size_t moments() const override { return 2; }

  void step(std::span<float> parameters, std::span<const float> gradient,
            OptimizerState& state) const override {
    const std::size_t size = parameters.size();
    const auto second = optimization::moment(state, 1, size);
    if (state.steps == 0) {
      const float start = config_.tau ? *config_.tau * *config_.tau
                                      : config_.initial_accumulator_value.value_or(1e-6f);
      for (float& v : second) v = start;
    }
    take_yogi({.rate = config_.learning_rate * state.rate_scale,
               .beta1 = static_cast<float>(config_.beta1),
               .fresh1 = static_cast<float>(1 - config_.beta1),
               .fresh2 = static_cast<float>(1 - config_.beta2),
               .small = config_.tau.value_or(config_.eps.value_or(1e-3f)),
               .decay = config_.weight_decay},
              gradient, parameters, optimization::moment(state, 0, size), second);
  }

 private:
  Config config_;
};

}  // namespace

SKERRY_PLUGIN(Optimizer, Yogi, "yogi",
              "Adam whose second moment moves by one squared gradient at most; on the cloud, "
              "FedYogi")

}  // namespace skerry
