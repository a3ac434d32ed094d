// DDM: the error rate has risen by some standard deviations above its lowest.
// [Gama, Medas, Castillo, Rodrigues 2004, "Learning with drift detection"]
//
//   p = mean error,  s = sqrt(p (1 - p) / n)
//   warning where p + s > p_min + a s_min,   drift where p + s > p_min + b s_min
//
// Symbols: n = errors and successes so far; p_min, s_min = p and s where p + s was least;
// a = `warning_threshold`, b = `drift_threshold`.
//
// Differences from the paper: it is strict (>), as in river, so that no drift follows from p = 0;
// the lowest is looked for only after `warm_start` observations, as in river.
//
// Memory: constant.

#include <cmath>
#include <limits>

#include "algorithms/drift/running_mean.hpp"
#include "algorithms/sdk/drift_detector.hpp"
#include "algorithms/sdk/plugin.hpp"

namespace skerry {
namespace {

class Ddm final : public DriftDetector {
 public:
  struct Config {
    std::uint32_t warm_start = 30;
    double warning_threshold = 2;
    double drift_threshold = 3;
    template <class V>
    void fields(V& v) {
      v("warm_start", warm_start, {.meaning = "observations before the first test"});
      v("warning_threshold", warning_threshold,
        {.meaning = "a, deviations above the lowest rate that warn", .min = 0});
      v("drift_threshold", drift_threshold,
        {.meaning = "b, deviations above the lowest rate that are a drift", .min = 0});
    }
    template <class R>
    void check(R& reader) const {
      if (warning_threshold > drift_threshold) {
        reader.error("warning_threshold", "is above \"drift_threshold\": it would never warn");
      }
    }
  };
  explicit Ddm(const Config& config) : config_(config) {}

  DriftTraits traits() const override {
    return {.watches = DriftTraits::Watches::kErrors, .warns = true};
  }

  Drift add(std::span<const double> observation, RandomStream) override {
    if (state_.drifted) state_ = {};
    state_.errors.add(observation[0]);
    if (state_.errors.n <= config_.warm_start) return Drift::kNone;
    const double p = state_.errors.mean;
    const double s = std::sqrt(p * (1 - p) / state_.errors.count());
    if (p + s <= state_.p_min + state_.s_min) {
      state_.p_min = p;
      state_.s_min = s;
    }
    state_.drifted = p + s > state_.p_min + config_.drift_threshold * state_.s_min;
    if (state_.drifted) return Drift::kDrift;
    return p + s > state_.p_min + config_.warning_threshold * state_.s_min ? Drift::kWarning
                                                                           : Drift::kNone;
  }
  double estimate() const override { return state_.errors.mean; }
  void save(ByteWriter& writer) const override { writer(state_); }
  void load(ByteReader& reader) override { reader(state_); }

 private:
  struct State {
    RunningMean errors;
    double p_min = std::numeric_limits<double>::infinity();
    double s_min = 0;
    bool drifted = false;
    template <class A>
    void archive(A& a) {
      a(errors, p_min, s_min, drifted);
    }
  };

  Config config_;
  State state_;
};

}  // namespace

SKERRY_PLUGIN(DriftDetector, Ddm, "ddm", "the error rate rose by deviations above its lowest")

}  // namespace skerry
