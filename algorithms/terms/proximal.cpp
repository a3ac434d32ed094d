// Proximal term: every step is pulled back to the model that the training started from.
//
//   min_w F_k(w) + (mu/2) |w - w^t|^2
//                                              [Li et al. 2020, "Federated optimization in
//                                               heterogeneous networks", eq. (2)]
//   so each step's gradient is  g + mu w - mu w^t,  an affine term.
//
// Symbols: F_k = the edge's training loss, w^t = record "model" of the downlink, mu = `mu`.
//
// Differences from the paper: there the term makes the method FedProx; here it combines with any
// method and any other term. With the method "plain" it is the method "fedprox", bit for bit.
// mu = 0 is no term.

#include "algorithms/sdk/plugin.hpp"
#include "algorithms/sdk/term.hpp"

namespace skerry {
namespace {

class Proximal final : public Term {
 public:
  struct Config {
    float mu = 0.01f;
    template <class V>
    void fields(V& v) {
      v("mu", mu, {.meaning = "weight of the pull", .min = 0});
    }
  };
  explicit Proximal(const Config& config) : config_(config) {}

  std::unique_ptr<StepTerm> begin(TrainContext& context) const override {
    if (config_.mu == 0) return nullptr;
    const auto model = context.model();
    const auto offset = context.workspace.floats("proximal/offset", model.size());
    for (std::size_t i = 0; i < model.size(); ++i) offset[i] = -config_.mu * model[i];
    return std::make_unique<AffineStep>(AffineTerm{.scale = config_.mu, .offset = offset});
  }

 private:
  Config config_;
};

}  // namespace

SKERRY_PLUGIN(Term, Proximal, "proximal", "pulls every step back to the model that came")

}  // namespace skerry
