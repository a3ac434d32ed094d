// Convolutional network: square convolutions, each with ReLU and a 2 x 2 maximum pool, then dense
// layers.
//
// The default is the CNN of McMahan et al. 2017, "Communication-efficient learning of deep networks
// from decentralized data", sec. 3: on MNIST two 5 x 5 convolutions of 32 and 64 channels, a dense
// layer of 512, and 10 outputs (1,663,370 parameters, which fixes "same" padding: 3136 = 64 * 7 * 7
// inputs of fc1).
#include "algorithms/learners/cnn_form.hpp"
#include "algorithms/learners/network.hpp"
#include "algorithms/sdk/plugin.hpp"

namespace skerry::learners {
namespace {

class Cnn final : public LearnerFactory {
 public:
  using Config = CnnForm;
  explicit Cnn(const Config& config) : config_(config) {}

  Result<std::unique_ptr<Learner>> build(const LearnerTask& task) const override {
    const auto form = config_.layers(task, "cnn");
    if (!form) return form.failure();
    Network::Layers layers;
    std::size_t number = 0;
    for (const auto& size : form->convolutions) {
      layers.push_back(std::make_shared<ConvolutionLayer>(kernels::best(),
                                                          "conv" + std::to_string(++number), size));
    }
    number = 0;
    for (const auto& size : form->dense) {
      const bool last = ++number == form->dense.size();
      layers.push_back(std::make_shared<DenseLayer>(
          kernels::best(), "fc" + std::to_string(number), size,
          last ? DenseLayer::Activation::kNone : DenseLayer::Activation::kRelu));
    }
    return std::unique_ptr<Learner>(
        std::make_unique<Network>(std::move(layers), task.schema, task.loss));
  }

 private:
  Config config_;
};

SKERRY_PLUGIN(LearnerFactory, Cnn, "cnn", "convolutions with pooling, then dense layers");

}  // namespace
}  // namespace skerry::learners
