// Multi-layer perceptron computed by LibTorch: the same form, names, order and initial values as
// the native `mlp`.
//
// Definition: see mlp.cpp. Its numbers differ from the native ones in their last bits.
#include "algorithms/learners/torch_network.hpp"
#include "algorithms/sdk/plugin.hpp"

namespace skerry::learners {
namespace {

class TorchMlp final : public LearnerFactory {
 public:
  struct Config {
    std::vector<std::uint32_t> hidden = {200, 200};
    template <class V>
    void fields(V& v) {
      v("hidden", hidden, {.meaning = "widths of the hidden layers", .min = 1, .max = 65536});
    }
  };
  explicit TorchMlp(const Config& config) : config_(config) {}

  Result<std::unique_ptr<Learner>> build(const LearnerTask& task) const override {
    if (!task.loss) return Failure{"torch_mlp needs targets; the data has none"};
    TorchNetwork network("torch_mlp");
    std::vector<std::uint32_t> widths = config_.hidden;
    widths.push_back(static_cast<std::uint32_t>(task.outputs()));
    auto inputs = static_cast<std::int64_t>(task.schema.input_size());
    for (std::size_t i = 0; i < widths.size(); ++i) {
      network.add({"fc" + std::to_string(i + 1), {widths[i], inputs}},
                  i == 0 ? "torch.linear(torch.flatten(x, 1), @w, @b)"
                         : "torch.linear(torch.relu(x), @w, @b)");
      inputs = widths[i];
    }
    return network.build(task);
  }

 private:
  Config config_;
};

SKERRY_PLUGIN(LearnerFactory, TorchMlp, "torch_mlp", "the network `mlp`, computed by LibTorch");

}  // namespace
}  // namespace skerry::learners
