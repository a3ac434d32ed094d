// Gaussian noise in place of the update.
//
//   d_k <- z,   z ~ N(0, sigma^2 I)            [Blanchard et al. 2017, "Machine learning with
//                                               adversaries: Byzantine tolerant gradient descent",
//                                               Gaussian attack, where sigma = 200]
//
// Symbols: d_k = every float32 record of the update that is summed or averaged, sigma =
// `deviation`.
//
// Differences from the paper: there the gradient of a step is replaced, here the update of a round.

#include "algorithms/sdk/attack.hpp"
#include "algorithms/sdk/plugin.hpp"

namespace skerry {
namespace {

class Gaussian final : public Attack {
 public:
  struct Config {
    double deviation = 200;
    template <class V>
    void fields(V& v) {
      v("deviation", deviation, {.meaning = "sigma, standard deviation of the noise", .min = 0});
    }
  };
  explicit Gaussian(const Config& config) : config_(config) {}

  void act(AttackContext& context) const override {
    RandomStream random = context.key.stream("gaussian/noise");
    for (std::size_t i = 0; i < context.own.records().size(); ++i) {
      const Record& record = *context.own.records()[i];
      if (!record.spec().real()) continue;
      for (float& value : context.own.open(record.name()).f32()) {
        value = static_cast<float>(config_.deviation * random.normal());
      }
    }
  }

 private:
  Config config_;
};

}  // namespace

SKERRY_PLUGIN(Attack, Gaussian, "gaussian", "sends Gaussian noise in place of the update")

}  // namespace skerry
