// SCAFFOLD: control variates take the drift of each edge out of its steps.
//
//   y_i <- y_i - eta_l (g_i(y_i) - c_i + c)                     K times, from y_i = x
//   c_i+ = c_i - c + (x - y_i) / (K eta_l)                      option II
//   x <- x + eta_g mean_i (y_i - x);   c <- c + (1/N) sum_i (c_i+ - c_i)
//                                              [Karimireddy et al. 2020, "SCAFFOLD: stochastic
//                                               controlled averaging for federated learning",
//                                               Alg. 1, eqs. (3)-(5)]
//
// Symbols: x = record "model" and c = record "c" of the downlink; c_i = record "c_i" of the node's
// state and c_i+ = record "c_i_next", which waits for the fate of its update; y_i - x = record
// "delta" and c_i+ - c_i = record "delta_c" of the uplink (summed, not averaged); N = population,
// K = local steps, eta_l = local learning rate.
//
// Differences from the paper: an update can be lost. c_i becomes c_i+ only once the cloud is known
// to have counted it, so that c stays the mean of all c_i. With an optimiser that is not plain
// gradient descent, (x - y_i) / (K eta_l) means nothing; there c_i+ is the mean of the steps'
// gradients, which is what option II amounts to with plain steps.

#include <algorithm>

#include "algorithms/sdk/local_loop.hpp"
#include "algorithms/sdk/plugin.hpp"

namespace skerry {
namespace {

/// Sums the gradients of all steps; comes before the correction.
class GradientSum final : public StepTerm {
 public:
  explicit GradientSum(std::span<float> sum) : sum_(sum) {
    std::fill(sum_.begin(), sum_.end(), 0.0f);
  }
  void gradient(StepContext& step) override {
    for (std::size_t i = 0; i < sum_.size(); ++i) sum_[i] += step.gradient[i];
  }

 private:
  std::span<float> sum_;
};

class Scaffold final : public LocalMethod {
 public:
  struct Config {
    template <class V>
    void fields(V&) {}
  };
  explicit Scaffold(const Config&) {}

  MethodRecords records(const LayoutRef& model, std::uint32_t) const override {
    return {.down = {{"c", model}},
            .state = {{"c_i", model}, {"c_i_next", model}},
            .up = {delta_record(model), {"delta_c", model, Reduce::kSum}}};
  }

  TrainReport train(TrainContext& context) const override {
    const auto c = context.down.at("c").f32();
    const auto c_i = context.state.at("c_i").f32();
    const auto next = context.state.open("c_i_next").f32();
    const auto offset = context.workspace.floats("scaffold/offset", c.size());
    for (std::size_t i = 0; i < c.size(); ++i) offset[i] = c[i] - c_i[i];
    AffineStep correction({.offset = offset});  // g' = g + (c - c_i)

    TrainReport report;
    if (const auto rate = context.optimizer.plain_rate()) {
      StepTerm* const terms[] = {&correction};
      report = train_delta(context, terms);
      const auto delta = context.up.at("delta").f32();
      const float length = sum_of_rates(context.settings, *rate, report.steps);
      for (std::size_t i = 0; i < next.size(); ++i) {
        next[i] = length > 0 ? c_i[i] - c[i] - delta[i] / length : c_i[i];
      }
    } else {
      const auto sum = context.workspace.floats("scaffold/gradient_sum", c.size());
      GradientSum gradients(sum);
      StepTerm* const terms[] = {&gradients, &correction};
      report = train_delta(context, terms);
      const auto steps = static_cast<float>(report.steps);
      for (std::size_t i = 0; i < next.size(); ++i) next[i] = steps > 0 ? sum[i] / steps : c_i[i];
    }
    subtract(next, c_i, context.up.open("delta_c").f32());
    return report;
  }

  void settle(Payload& state, Settlement outcome) const override {
    if (outcome != Settlement::kAccepted) return;
    const auto next = state.at("c_i_next").f32();
    std::copy(next.begin(), next.end(), state.open("c_i").f32().begin());
  }

  void combine(CombineContext& context) const override {
    const auto sum = context.reduced.at("delta_c").f32();
    const auto c = context.down.open("c").f32();
    for (std::size_t i = 0; i < c.size(); ++i) {
      c[i] = static_cast<float>(c[i] + double{sum[i]} / context.population);  // eq. (5)
    }
  }
};

}  // namespace

SKERRY_PLUGIN(LocalMethod, Scaffold, "scaffold",
              "control variates take the edges' drift out of their steps")

}  // namespace skerry
