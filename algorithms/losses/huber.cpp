// Huber's loss of real-valued targets: squared where a value is little off, linear beyond.
//
//   f(d) = d^2 / 2                    where |d| <= delta
//        = delta (|d| - delta / 2)    elsewhere          [Huber 1964, "Robust estimation of a
//                                                         location parameter", eq. (2.1)]
// Symbols: d = s - t.
//
// Differences from the paper: none; mean over examples and outputs, as PyTorch's HuberLoss.

#include <cmath>

#include "algorithms/sdk/example_mean.hpp"
#include "algorithms/sdk/fields.hpp"
#include "algorithms/sdk/plugin.hpp"

namespace skerry {
namespace {

class HuberLoss final : public Loss {
 public:
  struct Config {
    double delta = 1;
    template <class V>
    void fields(V& v) {
      v("delta", delta, {.meaning = "beyond it the loss is linear", .min = 0, .above_min = true});
    }
  };
  explicit HuberLoss(const Config& config) : delta_(config.delta) {}

  Status suits(const DataSchema& schema) const override { return suits_values(schema); }
  std::size_t outputs(const DataSchema& schema) const override { return schema.values; }
  double mean(const LossProblem& problem) const override {
    return mean_of_values(problem, [this](double score, double target) {
      const double off = score - target, far = std::abs(off);
      if (far <= delta_) return Deviation{off * off / 2, off};
      return Deviation{delta_ * (far - delta_ / 2), std::copysign(delta_, off)};
    });
  }

 private:
  double delta_;
};

SKERRY_PLUGIN(Loss, HuberLoss, "huber", "squared near the target, linear far from it")

}  // namespace
}  // namespace skerry
