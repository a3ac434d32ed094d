// The convolutional network of McMahan et al. 2017, "Communication-efficient learning of deep
// networks from decentralized data", sec. 3, computed by LibTorch: the same form, names, order and
// initial values as the native `cnn`.
//
// Definition: see cnn.cpp. Its numbers differ from the native ones in their last bits.
#include "algorithms/learners/cnn_form.hpp"
#include "algorithms/learners/torch_network.hpp"
#include "algorithms/sdk/plugin.hpp"

namespace skerry::learners {
namespace {

class TorchCnn final : public LearnerFactory {
 public:
  using Config = CnnForm;
  explicit TorchCnn(const Config& config) : config_(config) {}

  Result<std::unique_ptr<Learner>> build(const LearnerTask& task) const override {
    const auto form = config_.layers(task, "torch_cnn");
    if (!form) return form.failure();
    const auto extent = [](std::size_t value) { return static_cast<std::int64_t>(value); };
    TorchNetwork network("torch_cnn");
    std::size_t number = 0;
    for (const auto& size : form->convolutions) {
      const std::int64_t kernel = extent(size.kernel);
      network.add({"conv" + std::to_string(++number),
                   {extent(size.outputs), extent(size.channels), kernel, kernel}},
                  "torch.max_pool2d(torch.relu(torch.conv2d(x, @w, @b, [1, 1], [" +
                      std::to_string(size.border) + ", " + std::to_string(size.border) +
                      "])), [2, 2])");
    }
    number = 0;
    for (const auto& size : form->dense) {
      const std::string input = number == 0 ? "torch.flatten(x, 1)" : "torch.relu(x)";
      network.add({"fc" + std::to_string(++number), {extent(size.outputs), extent(size.inputs)}},
                  "torch.linear(" + input + ", @w, @b)");
    }
    return network.build(task);
  }

 private:
  Config config_;
};

SKERRY_PLUGIN(LearnerFactory, TorchCnn, "torch_cnn", "the network `cnn`, computed by LibTorch");

}  // namespace
}  // namespace skerry::learners
