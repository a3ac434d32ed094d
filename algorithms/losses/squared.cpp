// Squared error of real-valued targets.
//
// Definition:  mean over examples and outputs of (s - t)^2, as PyTorch's MSELoss; weighted by
// example.

#include "algorithms/sdk/example_mean.hpp"
#include "algorithms/sdk/plugin.hpp"

namespace skerry {
namespace {

class SquaredLoss final : public Loss {
 public:
  struct Config {
    template <class V>
    void fields(V&) {}
  };
  explicit SquaredLoss(const Config&) {}

  Status suits(const DataSchema& schema) const override { return suits_values(schema); }
  std::size_t outputs(const DataSchema& schema) const override { return schema.values; }
  double mean(const LossProblem& problem) const override {
    return mean_of_values(problem, [](double score, double target) {
      const double off = score - target;
      return Deviation{off * off, 2 * off};
    });
  }
};

SKERRY_PLUGIN(Loss, SquaredLoss, "squared", "square of how far a value is off")

}  // namespace
}  // namespace skerry
