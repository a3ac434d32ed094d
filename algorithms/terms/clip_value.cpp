// Clips every entry of each step's gradient to a largest size, as PyTorch's clip_grad_value_ does.
//
//   g_i <- max(-c, min(c, g_i))
//
// Definition: PyTorch's torch.nn.utils.clip_grad_value_.
// Symbols: g = the step's gradient as the terms before this one left it, c = `clip_value`.
//
// Differences: none. An entry within the bounds keeps its bits, and so does one that is NaN; an
// infinite c changes no bit.

#include "algorithms/sdk/plugin.hpp"
#include "algorithms/sdk/term.hpp"

namespace skerry {
namespace {

class ValueClip final : public StepTerm {
 public:
  explicit ValueClip(double most) : most_(most) {}

  void gradient(StepContext& step) override {
    for (float& g : step.gradient) {
      if (double{g} > most_) g = static_cast<float>(most_);
      if (double{g} < -most_) g = static_cast<float>(-most_);
    }
  }

 private:
  double most_;
};

class ClipValue final : public Term {
 public:
  struct Config {
    double clip_value = 1;
    template <class V>
    void fields(V& v) {
      v("clip_value", clip_value,
        {.meaning = "c, largest size of an entry of a step's gradient",
         .min = 0,
         .above_min = true});
    }
  };
  explicit ClipValue(const Config& config) : config_(config) {}

  std::unique_ptr<StepTerm> begin(TrainContext&) const override {
    return std::make_unique<ValueClip>(config_.clip_value);
  }

 private:
  Config config_;
};

}  // namespace

SKERRY_PLUGIN(Term, ClipValue, "clip_value",
              "clips every entry of each step's gradient, as PyTorch does")

}  // namespace skerry
