// Absolute error of real-valued targets.
//
// Definition:  mean over examples and outputs of |s - t|, as PyTorch's L1Loss; weighted by example.
// The slope where s = t is 0.

#include <cmath>

#include "algorithms/sdk/example_mean.hpp"
#include "algorithms/sdk/plugin.hpp"

namespace skerry {
namespace {

class AbsoluteLoss final : public Loss {
 public:
  struct Config {
    template <class V>
    void fields(V&) {}
  };
  explicit AbsoluteLoss(const Config&) {}

  Status suits(const DataSchema& schema) const override { return suits_values(schema); }
  std::size_t outputs(const DataSchema& schema) const override { return schema.values; }
  double mean(const LossProblem& problem) const override {
    return mean_of_values(problem, [](double score, double target) {
      const double off = score - target;
      return Deviation{std::abs(off), off > 0 ? 1.0 : off < 0 ? -1.0 : 0.0};
    });
  }
};

SKERRY_PLUGIN(Loss, AbsoluteLoss, "absolute", "how far a value is off")

}  // namespace
}  // namespace skerry
