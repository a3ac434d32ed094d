// Clips the gradient of every step to a maximum norm, as PyTorch's clip_grad_norm_ does.
//
//   g <- min(1, c / (|g| + 1e-6)) g            [Pascanu, Mikolov, Bengio 2013, "On the difficulty
//   of
//                                               training recurrent neural networks", Alg. 1, in
//                                               PyTorch's form]
//
// Symbols: g = the step's gradient as the terms before this one left it, |g| = its L2 norm over all
// parameters that are learnt, c = `max_norm`.
//
// Differences from the paper: the 1e-6, so that a gradient of norm c is shortened a little; the
// term "clip_gradient" is the paper's. The norm is a double sum in a fixed order; the factor is
// rounded to float32 once. Where the factor is 1, as with an infinite c, no bit changes. A norm
// that is NaN changes none either; an infinite one makes every finite entry zero.

#include "algorithms/sdk/plugin.hpp"
#include "algorithms/sdk/term.hpp"
#include "algorithms/terms/gradient_norm.hpp"

namespace skerry {
namespace {

class NormClip final : public StepTerm {
 public:
  explicit NormClip(double most) : most_(most) {}

  void gradient(StepContext& step) override {
    const auto learnt = step.gradient.first(step.learner.layout()->size(Group::kShared));
    const double factor = most_ / (terms::gradient_norm(learnt) + 1e-6);
    if (!(factor < 1)) return;
    for (float& g : learnt) g *= static_cast<float>(factor);
  }

 private:
  double most_;
};

class ClipNorm final : public Term {
 public:
  struct Config {
    double max_norm = 1;
    template <class V>
    void fields(V& v) {
      v("max_norm", max_norm,
        {.meaning = "c, largest L2 norm of a step's gradient", .min = 0, .above_min = true});
    }
  };
  explicit ClipNorm(const Config& config) : config_(config) {}

  std::unique_ptr<StepTerm> begin(TrainContext&) const override {
    return std::make_unique<NormClip>(config_.max_norm);
  }

 private:
  Config config_;
};

}  // namespace

SKERRY_PLUGIN(Term, ClipNorm, "clip_norm",
              "clips every step's gradient to a largest norm, as PyTorch does")

}  // namespace skerry
