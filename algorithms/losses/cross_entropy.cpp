// Softmax cross-entropy of class labels, with label smoothing and weights of classes.
//
//   p = softmax(s),   l(s, y) = (1 - a) (-log p_y) + a (1/K) sum_c (-log p_c)
//   mean = sum_b w_b l(s_b, y_b) / sum_b w_b        [Szegedy et al. 2016, "Rethinking the inception
//                                                    architecture for computer vision", sec. 7]
//
// Symbols: K classes, a = label_smoothing; w_b = the example's weight times class_weights[y_b].
//
// Differences from the paper: a mean over examples with weights, as PyTorch has it for class
// weights (there, with smoothing, each class's term has that class's weight; here a whole example
// has the weight of its label). Inactive classes have p = 0; smoothing spreads over active ones.

#include "algorithms/kernels/cross_entropy.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "algorithms/sdk/fields.hpp"
#include "algorithms/sdk/loss.hpp"
#include "algorithms/sdk/plugin.hpp"

namespace skerry {
namespace {

class CrossEntropyLoss final : public Loss {
 public:
  struct Config {
    double label_smoothing = 0;
    std::vector<double> class_weights;
    template <class V>
    void fields(V& v) {
      v("label_smoothing", label_smoothing,
        {.meaning = "share of each label that is spread over all classes",
         .min = 0,
         .max = 1,
         .below_max = true});
      v("class_weights", class_weights,
        {.meaning = "what an example of each class weighs, one number a class; default: 1 each",
         .min = 0});
    }
    void check(FieldReader& reader) const {
      const bool none =
          std::ranges::all_of(class_weights, [](double weight) { return weight == 0; });
      if (!class_weights.empty() && none) reader.error("class_weights", "are all 0");
    }
  };
  explicit CrossEntropyLoss(const Config& config)
      : smoothing_(static_cast<float>(config.label_smoothing)),
        class_weights_(config.class_weights.begin(), config.class_weights.end()) {}

  Status suits(const DataSchema& schema) const override {
    if (schema.classes == 0) return Failure{"has no class labels"};
    if (class_weights_.empty() || class_weights_.size() == schema.classes) return {};
    return Failure{"has " + std::to_string(schema.classes) + " classes, and there are " +
                   std::to_string(class_weights_.size()) + " class weights"};
  }
  std::size_t outputs(const DataSchema& schema) const override { return schema.classes; }

  double mean(const LossProblem& problem) const override {
    const Batch& batch = problem.batch;
    SKERRY_CHECK(batch.labels.size() == batch.size, "every example has a label");
    SKERRY_CHECK(batch.weights.empty() || batch.weights.size() == batch.size,
                 "every example has a weight, or none has");
    SKERRY_CHECK(batch.active.empty() || batch.active.size() == problem.outputs,
                 "the mask of active outputs has one entry an output");
    std::vector<float> weights;
    if (!class_weights_.empty()) weights = weights_of(batch);
    const float* given = batch.weights.empty() ? nullptr : batch.weights.data();
    const kernels::CrossEntropy plain{
        .rows = batch.size,
        .classes = problem.outputs,
        .scores = problem.scores,
        .scores_pitch = problem.scores_pitch,
        .labels = batch.labels.data(),
        .weights = weights.empty() ? given : weights.data(),
        .active = batch.active.empty() ? nullptr : batch.active.data(),
        .cotangent = problem.cotangent,
        .cotangent_pitch = problem.cotangent_pitch};
    const double loss = kernels::cross_entropy(plain);
    return smoothing_ > 0 ? loss + smoothed(problem, plain.weights) : loss;
  }

 private:
  std::vector<float> weights_of(const Batch& batch) const {
    std::vector<float> weights(batch.size);
    for (std::size_t b = 0; b < batch.size; ++b) {
      const float own = batch.weights.empty() ? 1.0f : batch.weights[b];
      weights[b] = own * class_weights_[static_cast<std::size_t>(batch.labels[b])];
    }
    return weights;
  }

  /// What smoothing adds: a (s_y - mean of active s) to an example's loss, a ([c = y] - 1/K) to its
  /// cotangents. In double, examples ascending.
  double smoothed(const LossProblem& problem, const float* weights) const {
    const Batch& batch = problem.batch;
    const auto weight = [&](std::size_t b) { return weights ? double{weights[b]} : 1.0; };
    const auto active = [&](std::size_t c) { return batch.active.empty() || batch.active[c] != 0; };
    double total = 0, sum = 0, classes = 0;
    for (std::size_t b = 0; b < batch.size; ++b) total += weight(b);
    for (std::size_t c = 0; c < problem.outputs; ++c) classes += active(c) ? 1 : 0;
    if (total == 0) return 0;
    for (std::size_t b = 0; b < batch.size; ++b) {
      const float* scores = problem.scores + b * problem.scores_pitch;
      const auto label = static_cast<std::size_t>(batch.labels[b]);
      double mean = 0;
      for (std::size_t c = 0; c < problem.outputs; ++c) mean += active(c) ? double{scores[c]} : 0;
      mean /= classes;
      const double share = double{smoothing_} * weight(b) / total;
      sum += share * (double{scores[label]} - mean);
      if (problem.cotangent == nullptr) continue;
      float* cotangent = problem.cotangent + b * problem.cotangent_pitch;
      for (std::size_t c = 0; c < problem.outputs; ++c) {
        if (!active(c)) continue;
        cotangent[c] += static_cast<float>(share * ((c == label ? 1.0 : 0.0) - 1 / classes));
      }
    }
    return sum;
  }

  float smoothing_;
  std::vector<float> class_weights_;
};

SKERRY_PLUGIN(Loss, CrossEntropyLoss, "cross_entropy",
              "softmax and the logarithm of the label's share")

}  // namespace
}  // namespace skerry
