// HDDM_W: a weighted mean of recent values has moved by more than McDiarmid's inequality allows.
// [Frias-Blanco, del Campo-Avila, Ramos-Jimenez, Morales-Bueno, Ortiz-Diaz, Caballero-Mota 2014,
// "Online and non-parametric drift detection methods based on Hoeffding's bounds", W-test]
//
//   z <- l x + (1 - l) z,   v <- l^2 + (1 - l)^2 v,   e(v, a) = sqrt(v ln(1/a) / 2)
//   the cut: where z + e(v, a_D) was least; 1 = all up to it, 2 = what came after it
//   drift where z_2 - z_1 > e(v_1 + v_2, a)
//
// Symbols: z = weighted mean, begun at its first value; v = sum of its squared weights; l =
// `lambda`; a = a_D (`drift_confidence`) for a drift, a_W (`warning_confidence`) for a warning. The
// two-sided test also does it with all signs reversed.
//
// Differences from the paper: v of one value is l^2 + (1 - l)^2 as in river, and 1 in the paper and
// MOA; a little more is found. A fall is reported by the two-sided test, as in river; MOA begins
// anew without a word. The parameter `lambda` is river's `lambda_val`.
//
// Memory: constant.

#include <cmath>
#include <limits>

#include "algorithms/drift/confidences.hpp"
#include "algorithms/sdk/drift_detector.hpp"
#include "algorithms/sdk/elementary.hpp"
#include "algorithms/sdk/plugin.hpp"

namespace skerry {
namespace {

class HddmW final : public DriftDetector {
 public:
  struct Config {
    Confidences confidences;
    double lambda = 0.05;
    bool two_sided_test = false;
    template <class V>
    void fields(V& v) {
      confidences.fields(v);
      v("lambda", lambda,
        {.meaning = "l, weight of the newest value", .min = 0, .max = 1, .above_min = true});
      v("two_sided_test", two_sided_test, {.meaning = "a fall of the mean counts too"});
    }
    template <class R>
    void check(R& reader) const {
      confidences.check(reader);
    }
  };
  explicit HddmW(const Config& config) : config_(config) {}

  DriftTraits traits() const override {
    return {.watches = DriftTraits::Watches::kRates, .warns = true};
  }

  Drift add(std::span<const double> observation, RandomStream) override {
    if (state_.drifted) state_ = {};
    const double x = observation[0];
    Sample& all = state_.all;
    all.add(x, config_.lambda);
    const double e = bound(all.v, config_.confidences.drift_confidence);
    state_.rise.add(x, config_.lambda, all, all.z + e, all.z + e < state_.rise.best);
    state_.fall.add(x, config_.lambda, all, all.z - e, all.z - e > state_.fall.best);

    const Drift drift =
        config_.confidences.tested([this](double confidence) { return moved(confidence); });
    state_.drifted = drift == Drift::kDrift;
    return drift;
  }
  double estimate() const override { return state_.all.z; }
  void save(ByteWriter& writer) const override { writer(state_); }
  void load(ByteReader& reader) override { reader(state_); }

 private:
  struct Sample {
    double z = 0;
    double v = 1;
    bool begun = false;
    void add(double x, double lambda) {
      z = begun ? lambda * x + (1 - lambda) * z : x;
      v = lambda * lambda + (1 - lambda) * (1 - lambda) * v;
      begun = true;
    }
    template <class A>
    void archive(A& a) {
      a(z, v, begun);
    }
  };
  /// The cut that was best for a rise (or a fall), and the samples on its two sides.
  struct Cut {
    double best;
    Sample before, after;
    void add(double x, double lambda, const Sample& all, double level, bool better) {
      if (better) {
        best = level;
        before = all;
        after = {};
      } else {
        after.add(x, lambda);
      }
    }
    template <class A>
    void archive(A& a) {
      a(best, before, after);
    }
  };
  struct State {
    Sample all;
    Cut rise{std::numeric_limits<double>::infinity(), {}, {}};
    Cut fall{-std::numeric_limits<double>::infinity(), {}, {}};
    bool drifted = false;
    template <class A>
    void archive(A& a) {
      a(all, rise, fall, drifted);
    }
  };

  static double bound(double v, double confidence) {
    return std::sqrt(v * log_f64(1 / confidence) / 2);
  }
  bool moved(double confidence) const {
    const auto apart = [&](const Cut& cut, double difference) {
      return cut.before.begun && cut.after.begun &&
             difference > bound(cut.before.v + cut.after.v, confidence);
    };
    return apart(state_.rise, state_.rise.after.z - state_.rise.before.z) ||
           (config_.two_sided_test &&
            apart(state_.fall, state_.fall.before.z - state_.fall.after.z));
  }

  Config config_;
  State state_;
};

}  // namespace

SKERRY_PLUGIN(DriftDetector, HddmW, "hddm_w",
              "a mean of recent values moved by more than McDiarmid's bound")

}  // namespace skerry
