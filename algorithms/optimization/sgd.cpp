// Stochastic gradient descent with momentum, Nesterov's look-ahead and weight decay, as PyTorch's
// SGD has it.
//
//   d = g + lambda w;   v <- mu v + (1 - delta) d   (first step: v <- d;  mu = 0: v = d)
//   u = v   (nesterov: u = d + mu v);   w <- w - eta u
//                                              [Sutskever et al. 2013, "On the importance of
//                                               initialization and momentum in deep learning",
//                                               eqs. (1)-(4), in PyTorch's form]
//
// On the cloud, where g is the negated mean delta, eta = 1 is FedAvg, and eta = 1 with mu = beta is
// FedAvgM:  v <- beta v + dw;  w <- w - v.      [Hsu, Qi, Brown 2019, "Measuring the effects of
//                                               non-identical data distribution for federated
//                                               visual classification", section on server momentum]
//
// Symbols: w = parameters, g = gradient, eta = `learning_rate`, mu = `momentum`,
// delta = `dampening`, lambda = `weight_decay`, v = the one moment.
//
// Differences from the papers: Sutskever et al. keep eta inside v; the two agree while eta is
// constant. `dampening` is PyTorch's. Each line is one float32 FMA per element. Without momentum
// the step is plain (Optimizer::plain_rate()). Law: a zero gradient in the zero state changes
// nothing where lambda = 0.

#include <cmath>

#include "algorithms/sdk/dispatch.hpp"
#include "algorithms/sdk/optimizer.hpp"
#include "algorithms/sdk/plugin.hpp"

namespace skerry {
namespace {

SKERRY_FMA_LOOP void plain_step(float rate, std::span<const float> gradient,
                                std::span<float> parameters) {
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    parameters[i] = std::fma(-rate, gradient[i], parameters[i]);
  }
}

struct Rates {
  float rate, momentum, decay;
  float fresh;  // share of d that goes into v
  bool nesterov;
};

SKERRY_FMA_LOOP void momentum_step(const Rates& rates, std::span<const float> gradient,
                                   std::span<float> parameters, std::span<float> moments) {
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    float step = std::fma(rates.decay, parameters[i], gradient[i]);
    if (!moments.empty()) {
      float& v = moments[i];
      v = std::fma(rates.momentum, v, rates.fresh * step);
      step = rates.nesterov ? std::fma(rates.momentum, v, step) : v;
    }
    parameters[i] = std::fma(-rates.rate, step, parameters[i]);
  }
}

class Sgd final : public Optimizer {
 public:
  struct Config {
    float learning_rate = 0.1f;
    float momentum = 0;
    float dampening = 0;
    bool nesterov = false;
    float weight_decay = 0;
    template <class V>
    void fields(V& v) {
      v("learning_rate", learning_rate,
        {.meaning = "eta, length of a step", .min = 0, .above_min = true});
      v("momentum", momentum,
        {.meaning = "mu, share of the last step that is kept",
         .min = 0,
         .max = 1,
         .below_max = true});
      v("dampening", dampening,
        {.meaning = "share of a gradient that momentum leaves out", .min = 0, .max = 1});
      v("nesterov", nesterov, {.meaning = "step from where momentum will lead"});
      v("weight_decay", weight_decay, {.meaning = "lambda, pull towards zero (L2)", .min = 0});
    }
    template <class R>
    void check(R& reader) const {
      if (nesterov && momentum == 0) reader.error("nesterov", "needs a momentum above 0");
      if (dampening > 0 && momentum == 0) reader.error("dampening", "needs a momentum above 0");
      if (nesterov && dampening > 0) reader.error("nesterov", "needs a dampening of 0");
    }
  };
  explicit Sgd(const Config& config) : config_(config) {}

  std::size_t moments() const override { return config_.momentum > 0 ? 1 : 0; }

  std::optional<float> plain_rate() const override {
    if (config_.momentum > 0) return std::nullopt;
    return config_.learning_rate;
  }
  float plain_decay() const override { return config_.weight_decay; }

  void step(std::span<float> parameters, std::span<const float> gradient,
            OptimizerState& state) const override {
    const float rate = config_.learning_rate * state.rate_scale;
    if (config_.momentum == 0 && config_.weight_decay == 0) {
      return plain_step(rate, gradient, parameters);
    }
    const float fresh = state.steps == 0 ? 1 : 1 - config_.dampening;
    momentum_step({rate, config_.momentum, config_.weight_decay, fresh, config_.nesterov}, gradient,
                  parameters, state.moments);
  }

 private:
  Config config_;
};

}  // namespace

SKERRY_PLUGIN(Optimizer, Sgd, "sgd",
              "gradient descent with momentum and weight decay; FedAvg and FedAvgM on the cloud")

}  // namespace skerry
