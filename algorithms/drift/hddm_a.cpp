// HDDM_A: the mean has moved away from its best by more than Hoeffding's inequality allows.
// [Frias-Blanco, del Campo-Avila, Ramos-Jimenez, Morales-Bueno, Ortiz-Diaz, Caballero-Mota 2014,
// "Online and non-parametric drift detection methods based on Hoeffding's bounds", A-test]
//
//   the cut X: the beginning of Z where mean(X) + e(n_X) was least,  e(n) = sqrt(ln(1/a_D) / (2n))
//   drift where mean(Z) - mean(X) >= sqrt((n_Z - n_X) / (2 n_X n_Z) ln(2/a))
//
// Symbols: Z = all observations, n_Z of them; a = a_D (`drift_confidence`) for a drift, a_W
// (`warning_confidence`) for a warning. The two-sided test also does it with all signs reversed.
//
// Differences from the paper: a fall of the mean is reported as a drift or warning by the two-sided
// test, as in river; MOA begins anew without a word. ln(2/a) is MOA's and river's in the test,
// ln(1/a) in e(n).
//
// Memory: constant.

#include <cmath>

#include "algorithms/drift/confidences.hpp"
#include "algorithms/drift/running_mean.hpp"
#include "algorithms/sdk/drift_detector.hpp"
#include "algorithms/sdk/elementary.hpp"
#include "algorithms/sdk/plugin.hpp"

namespace skerry {
namespace {

class HddmA final : public DriftDetector {
 public:
  struct Config {
    Confidences confidences;
    bool two_sided_test = false;
    template <class V>
    void fields(V& v) {
      confidences.fields(v);
      v("two_sided_test", two_sided_test, {.meaning = "a fall of the mean counts too"});
    }
    template <class R>
    void check(R& reader) const {
      confidences.check(reader);
    }
  };
  explicit HddmA(const Config& config) : config_(config) {}

  DriftTraits traits() const override {
    return {.watches = DriftTraits::Watches::kRates, .warns = true};
  }

  Drift add(std::span<const double> observation, RandomStream) override {
    if (state_.drifted) state_ = {};
    state_.all.add(observation[0]);
    if (state_.lowest.n == 0) state_.lowest = state_.highest = state_.all;
    const RunningMean& all = state_.all;
    const double e = bound(all);
    if (state_.lowest.mean + bound(state_.lowest) >= all.mean + e) state_.lowest = all;
    if (state_.highest.mean - bound(state_.highest) <= all.mean - e) state_.highest = all;

    const Drift drift =
        config_.confidences.tested([this](double confidence) { return moved(confidence); });
    state_.drifted = drift == Drift::kDrift;
    return drift;
  }
  double estimate() const override { return state_.all.mean; }
  void save(ByteWriter& writer) const override { writer(state_); }
  void load(ByteReader& reader) override { reader(state_); }

 private:
  struct State {
    RunningMean all, lowest, highest;
    bool drifted = false;
    template <class A>
    void archive(A& a) {
      a(all, lowest, highest, drifted);
    }
  };

  double bound(const RunningMean& sample) const {
    return std::sqrt(1 / (2 * sample.count()) * log_f64(1 / config_.confidences.drift_confidence));
  }
  bool moved(double confidence) const {
    const auto apart = [&](const RunningMean& cut, double difference) {
      if (cut.n == state_.all.n) return false;
      const double m = (state_.all.count() - cut.count()) / cut.count() * (1 / state_.all.count());
      return difference >= std::sqrt(m / 2 * log_f64(2 / confidence));
    };
    return apart(state_.lowest, state_.all.mean - state_.lowest.mean) ||
           (config_.two_sided_test && apart(state_.highest, state_.highest.mean - state_.all.mean));
  }

  Config config_;
  State state_;
};

}  // namespace

SKERRY_PLUGIN(DriftDetector, HddmA, "hddm_a",
              "the mean left its best by more than Hoeffding's bound")

}  // namespace skerry
