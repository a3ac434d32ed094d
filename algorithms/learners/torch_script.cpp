// A TorchScript module written by Python (torch.jit.script(module).save("net.pt")), trained through
// its parameters, which start as they are in the file.
//
// Definition: the module's own forward, from a batch [B, ...] of the data's shape to scores
// [B, classes]; softmax cross-entropy as loss.
#include "algorithms/learners/torch_learner.hpp"
#include "algorithms/sdk/plugin.hpp"

namespace skerry::learners {
namespace {

class TorchScript final : public LearnerFactory {
 public:
  struct Config {
    FileContent file;
    template <class V>
    void fields(V& v) {
      v("file", file, {.meaning = "a TorchScript archive (.pt)", .required = true});
    }
  };
  explicit TorchScript(const Config& config) : config_(config) {}

  Result<std::unique_ptr<Learner>> build(const LearnerTask& task) const override {
    if (!task.loss) return Failure{"torch_script needs targets; the data has none"};
    auto module = read_archive(config_.file.bytes);
    if (!module) return Failure{"torch_script: the file " + module.message()};
    auto learner = TorchLearner::make(std::move(*module), task);
    if (!learner)
      return Failure{"torch_script: the module cannot be trained: " + learner.message()};
    return learner;
  }

 private:
  Config config_;
};

SKERRY_PLUGIN(LearnerFactory, TorchScript, "torch_script",
              "a module exported from PyTorch, trained through its parameters");

}  // namespace
}  // namespace skerry::learners
