// Clips the gradient of every step to a maximum norm, so that one wild batch cannot throw the model
// off.
//
//   g <- (threshold / |g|) g    if |g| >= threshold
//                                              [Pascanu, Mikolov, Bengio 2013, "On the difficulty
//                                               of training recurrent neural networks", Alg. 1]
//
// Symbols: g = the step's gradient as the terms before this one left it, |g| = its L2 norm over all
// parameters, threshold = `norm`.
//
// Differences from the paper: none. The norm is a double sum in 16 fixed lanes and a fixed tree;
// the factor is rounded to float32 once. A gradient below the threshold keeps its bits, and so does
// one whose norm is NaN; an infinite norm makes every finite entry zero.

#include "algorithms/sdk/plugin.hpp"
#include "algorithms/sdk/term.hpp"
#include "algorithms/terms/gradient_norm.hpp"

namespace skerry {
namespace {

class Clip final : public StepTerm {
 public:
  explicit Clip(float threshold) : threshold_(threshold) {}

  void gradient(StepContext& step) override {
    const double length = terms::gradient_norm(step.gradient);
    if (!(length > threshold_)) return;
    const float factor = static_cast<float>(threshold_ / length);
    for (float& g : step.gradient) g *= factor;
  }

 private:
  double threshold_;
};

class ClipGradient final : public Term {
 public:
  struct Config {
    float norm = 1;
    template <class V>
    void fields(V& v) {
      v("norm", norm,
        {.meaning = "largest L2 norm of a step's gradient", .min = 0, .above_min = true});
    }
  };
  explicit ClipGradient(const Config& config) : config_(config) {}

  std::unique_ptr<StepTerm> begin(TrainContext&) const override {
    return std::make_unique<Clip>(config_.norm);
  }

 private:
  Config config_;
};

}  // namespace

SKERRY_PLUGIN(Term, ClipGradient, "clip_gradient", "clips every step's gradient to a largest norm")

}  // namespace skerry
