// Logistic loss of two classes with one score: binary cross-entropy of a logit.
//
//   l(s, y) = log(1 + e^s) - y s  =  max(s, 0) - y s + log(1 + e^-|s|)
//
// Definition: logistic regression's negative log-likelihood, in the stable form that PyTorch's
// BCEWithLogitsLoss has, too. `positive_weight` multiplies the loss of class 1 (its pos_weight).

#include <cmath>

#include "algorithms/sdk/example_mean.hpp"
#include "algorithms/sdk/elementary.hpp"
#include "algorithms/sdk/fields.hpp"
#include "algorithms/sdk/plugin.hpp"

namespace skerry {
namespace {

class BinaryLoss final : public Loss {
 public:
  struct Config {
    double positive_weight = 1;
    template <class V>
    void fields(V& v) {
      v("positive_weight", positive_weight,
        {.meaning = "multiplies the loss of examples of class 1", .min = 0, .above_min = true});
    }
  };
  explicit BinaryLoss(const Config& config) : positive_weight_(config.positive_weight) {}

  Status suits(const DataSchema& schema) const override {
    if (schema.classes == 2) return {};
    return Failure{schema.classes > 0
                       ? "has " + std::to_string(schema.classes) + " classes, not two"
                       : "has no class labels"};
  }
  std::size_t outputs(const DataSchema&) const override { return 1; }
  double mean(const LossProblem& problem) const override {
    const Batch& batch = problem.batch;
    SKERRY_CHECK(batch.labels.size() == batch.size, "every example has a label");
    return example_mean(
        problem, [&](std::size_t b, std::size_t) { return batch.labels[b] == 1 ? 1.0 : 0.0; },
        [this](double score, double target) {
          const double small = exp_f64(-std::abs(score));
          const double one = score >= 0 ? 1 / (1 + small) : small / (1 + small);
          const double weight = target == 1 ? positive_weight_ : 1;
          const double loss = std::max(score, 0.0) - target * score + log_f64(1 + small);
          return Deviation{weight * loss, weight * (one - target)};
        });
  }

 private:
  double positive_weight_;
};

SKERRY_PLUGIN(Loss, BinaryLoss, "binary", "logistic loss of two classes with one score")

}  // namespace
}  // namespace skerry
