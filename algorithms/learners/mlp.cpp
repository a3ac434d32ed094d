// Multi-layer perceptron: dense layers with ReLU between them.
//
//   h_0 = x,  h_i = max(0, W_i h_(i-1) + b_i),  scores = W_L h_(L-1) + b_L
//
// With hidden = [200, 200] on MNIST it is the "2NN" of McMahan et al. 2017,
// "Communication-efficient learning of deep networks from decentralized data", sec. 3 (199,210
// parameters).
#include <vector>

#include "algorithms/learners/dense_layer.hpp"
#include "algorithms/learners/network.hpp"
#include "algorithms/sdk/plugin.hpp"

namespace skerry::learners {
namespace {

class Mlp final : public LearnerFactory {
 public:
  struct Config {
    std::vector<std::uint32_t> hidden = {200, 200};
    template <class V>
    void fields(V& v) {
      v("hidden", hidden, {.meaning = "widths of the hidden layers", .min = 1, .max = 65536});
    }
  };
  explicit Mlp(const Config& config) : config_(config) {}

  Result<std::unique_ptr<Learner>> build(const LearnerTask& task) const override {
    if (!task.loss) return Failure{"mlp needs targets; the data has none"};
    Network::Layers layers;
    std::size_t width = task.schema.input_size();
    const auto add = [&](std::size_t outputs, DenseLayer::Activation activation) {
      layers.push_back(std::make_shared<DenseLayer>(kernels::best(),
                                                    "fc" + std::to_string(layers.size() + 1),
                                                    DenseLayer::Size{width, outputs}, activation));
      width = outputs;
    };
    for (const std::uint32_t outputs : config_.hidden) {
      add(outputs, DenseLayer::Activation::kRelu);
    }
    add(task.outputs(), DenseLayer::Activation::kNone);
    return std::unique_ptr<Learner>(
        std::make_unique<Network>(std::move(layers), task.schema, task.loss));
  }

 private:
  Config config_;
};

SKERRY_PLUGIN(LearnerFactory, Mlp, "mlp", "dense layers with ReLU between them");

}  // namespace
}  // namespace skerry::learners
