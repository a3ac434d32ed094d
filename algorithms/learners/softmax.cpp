// Softmax regression: one dense layer and cross-entropy, the convex model of many federated papers.
//
//   p(y | x) = softmax(W x + b)
//
// Definition: multinomial logistic regression; the network `mlp` without hidden layers.
#include "algorithms/learners/dense_layer.hpp"
#include "algorithms/learners/network.hpp"
#include "algorithms/sdk/plugin.hpp"

namespace skerry::learners {
namespace {

class Softmax final : public LearnerFactory {
 public:
  struct Config {
    template <class V>
    void fields(V&) {}
  };
  explicit Softmax(const Config&) {}

  Result<std::unique_ptr<Learner>> build(const LearnerTask& task) const override {
    if (task.schema.classes == 0) return Failure{"softmax needs class labels; the data has none"};
    const DenseLayer::Size size{task.schema.input_size(), task.outputs()};
    return std::unique_ptr<Learner>(
        std::make_unique<Network>(Network::Layers{std::make_shared<DenseLayer>(
                                      kernels::best(), "fc1", size, DenseLayer::Activation::kNone)},
                                  task.schema, task.loss));
  }
};

SKERRY_PLUGIN(LearnerFactory, Softmax, "softmax", "softmax regression: one dense layer");

}  // namespace
}  // namespace skerry::learners
