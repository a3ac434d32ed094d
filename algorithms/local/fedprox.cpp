// FedProx: local training is held near the global model by a proximal term.
//
//   min_w h_k(w; w^t) = F_k(w) + (mu/2) |w - w^t|^2
//                                              [Li et al. 2020, "Federated optimization in
//                                               heterogeneous networks", eq. (2) and Alg. 2]
//   so each step's gradient is  g + mu w - mu w^t,  an affine term: training stays on the fused
//   path.
//
// Symbols: F_k = the edge's training loss, w^t = record "model" of the downlink, mu = `mu`.
//
// Differences from the paper: the inner solver is the scenario's optimiser for the scenario's
// epochs or steps; the paper's gamma, how exactly h_k is solved, is not measured. mu = 0 is plain
// training, bit for bit.

#include "algorithms/sdk/local_loop.hpp"
#include "algorithms/sdk/plugin.hpp"

namespace skerry {
namespace {

class FedProx final : public LocalMethod {
 public:
  struct Config {
    float mu = 0.01f;
    template <class V>
    void fields(V& v) {
      v("mu", mu, {.meaning = "weight of the proximal term", .min = 0});
    }
  };
  explicit FedProx(const Config& config) : config_(config) {}

  TrainReport train(TrainContext& context) const override {
    if (config_.mu == 0) return train_delta(context);
    const auto model = context.model();
    const auto offset = context.workspace.floats("fedprox/offset", model.size());
    for (std::size_t i = 0; i < model.size(); ++i) offset[i] = -config_.mu * model[i];
    AffineStep proximal({.scale = config_.mu, .offset = offset});
    StepTerm* const terms[] = {&proximal};
    return train_delta(context, terms);
  }

 private:
  Config config_;
};

}  // namespace

SKERRY_PLUGIN(LocalMethod, FedProx, "fedprox",
              "training held near the global model by a proximal term")

}  // namespace skerry
