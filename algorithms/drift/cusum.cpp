// CUSUM: what exceeds the mean of a warm-up by more than a slack adds up.
// [Page 1954, "Continuous inspection schemes", in its two-sided tabular form]
//
//   U <- max(0, U + (x - m) - k s),   D <- max(0, D - (x - m) - k s),   drift where U or D > h s
//
// Symbols: m, s = mean and standard deviation (n - 1) of the first `min_instances` observations;
// k = `slack`, h = `threshold`. The sums begin with the last observation of the warm-up.
//
// Differences from the paper: m and s are estimated, so that the time between false alarms is less
// than the known 465 observations of k = 0.5, h = 5 under normal noise. Where all values of the
// warm-up are equal, the first other one is a drift. river defines it in the same way in its main
// branch; no release has it yet.
//
// Memory: constant.

#include <algorithm>
#include <cmath>

#include "algorithms/drift/running_mean.hpp"
#include "algorithms/drift/side.hpp"
#include "algorithms/sdk/drift_detector.hpp"
#include "algorithms/sdk/plugin.hpp"

namespace skerry {
namespace {

class Cusum final : public DriftDetector {
 public:
  struct Config {
    std::uint32_t min_instances = 30;
    double slack = 0.5;
    double threshold = 5;
    Side mode = Side::kBoth;
    template <class V>
    void fields(V& v) {
      v("min_instances", min_instances, {.meaning = "observations of the warm-up", .min = 2});
      v("slack", slack, {.meaning = "k, deviations from the mean that are tolerated", .min = 0});
      v("threshold", threshold,
        {.meaning = "h, sum in deviations that is a drift", .min = 0, .above_min = true});
      v("mode", mode, {.meaning = "which changes of the mean count"});
    }
  };
  explicit Cusum(const Config& config) : config_(config) {}

  DriftTraits traits() const override { return {.watches = DriftTraits::Watches::kValues}; }

  Drift add(std::span<const double> observation, RandomStream) override {
    if (state_.drifted) state_ = {};
    const double x = observation[0];
    state_.seen.add(x);
    if (state_.seen.n < config_.min_instances) return Drift::kNone;
    if (state_.seen.n == config_.min_instances) state_.warm_up = state_.seen;
    const double s = std::sqrt(state_.warm_up.variance());
    const double deviation = x - state_.warm_up.mean;
    state_.up = std::max(0.0, state_.up + deviation - config_.slack * s);
    state_.down = std::max(0.0, state_.down - deviation - config_.slack * s);
    state_.drifted = crosses(config_.mode, state_.up, state_.down, config_.threshold * s);
    return state_.drifted ? Drift::kDrift : Drift::kNone;
  }
  double estimate() const override { return state_.seen.mean; }
  void save(ByteWriter& writer) const override { writer(state_); }
  void load(ByteReader& reader) override { reader(state_); }

 private:
  struct State {
    RunningMean seen, warm_up;
    double up = 0;
    double down = 0;
    bool drifted = false;
    template <class A>
    void archive(A& a) {
      a(seen, warm_up, up, down, drifted);
    }
  };

  Config config_;
  State state_;
};

}  // namespace

SKERRY_PLUGIN(DriftDetector, Cusum, "cusum",
              "deviations from the mean of a warm-up, beyond a slack, added up")

}  // namespace skerry
