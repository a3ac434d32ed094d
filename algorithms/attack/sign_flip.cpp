// Sign flipping: sends the opposite of the true update, enlarged.
//
//   d_k <- -sigma d_k                          [Li et al. 2019, "RSA: Byzantine-robust stochastic
//                                               aggregation methods for distributed learning from
//                                               heterogeneous datasets", sign-flipping attacks]
//
// Symbols: d_k = every float32 record of the update that is summed or averaged, sigma = `scale`.
//
// Differences from the paper: there the model is flipped; here the edge flips what it sends, its
// difference from the global model.

#include "algorithms/sdk/attack.hpp"
#include "algorithms/sdk/plugin.hpp"

namespace skerry {
namespace {

class SignFlip final : public Attack {
 public:
  struct Config {
    float scale = 1;
    template <class V>
    void fields(V& v) {
      v("scale", scale, {.meaning = "sigma, how much the flipped update is enlarged", .min = 0});
    }
  };
  explicit SignFlip(const Config& config) : config_(config) {}

  void act(AttackContext& context) const override {
    for (std::size_t i = 0; i < context.own.records().size(); ++i) {
      const Record& record = *context.own.records()[i];
      if (!record.spec().real()) continue;
      for (float& value : context.own.open(record.name()).f32()) value *= -config_.scale;
    }
  }

 private:
  Config config_;
};

}  // namespace

SKERRY_PLUGIN(Attack, SignFlip, "sign_flip", "sends the opposite of the true update")

}  // namespace skerry
