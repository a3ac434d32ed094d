// Page-Hinkley: the faded sum of deviations from the mean has left its extreme.
// [Page 1954, "Continuous inspection schemes"; Hinkley 1971, "Inference about the change-point from
// cumulative sum tests"; with fading: Sebastiao, Fernandes 2017]
//
//   up:    U <- alpha U + (x - m) - delta,   drift where U - min U > threshold
//   down:  V <- alpha V + (x - m) + delta,   drift where max V - V > threshold
//
// Symbols: m = mean of the observations so far, x included; delta = change that is tolerated;
// alpha = fading.
//
// Differences from the paper: as in river, both sides run and `mode` says which are tested; the
// extremes are kept from the first observation on, the test begins with observation
// `min_instances`.
//
// Memory: constant.

#include <algorithm>
#include <limits>

#include "algorithms/drift/running_mean.hpp"
#include "algorithms/drift/side.hpp"
#include "algorithms/sdk/drift_detector.hpp"
#include "algorithms/sdk/plugin.hpp"

namespace skerry {
namespace {

class PageHinkley final : public DriftDetector {
 public:
  struct Config {
    std::uint32_t min_instances = 30;
    double delta = 0.005;
    double threshold = 50;
    double alpha = 0.9999;
    Side mode = Side::kBoth;
    template <class V>
    void fields(V& v) {
      v("min_instances", min_instances, {.meaning = "observations up to the first test"});
      v("delta", delta, {.meaning = "change of the mean that is tolerated", .min = 0});
      v("threshold", threshold, {.meaning = "distance from the extreme that is a drift", .min = 0});
      v("alpha", alpha,
        {.meaning = "share of the sums kept from step to step", .min = 0, .max = 1});
      v("mode", mode, {.meaning = "which changes of the mean count"});
    }
  };
  explicit PageHinkley(const Config& config) : config_(config) {}

  DriftTraits traits() const override { return {.watches = DriftTraits::Watches::kValues}; }

  Drift add(std::span<const double> observation, RandomStream) override {
    if (state_.drifted) state_ = {};
    state_.seen.add(observation[0]);
    const double deviation = observation[0] - state_.seen.mean;
    state_.up = config_.alpha * state_.up + deviation - config_.delta;
    state_.down = config_.alpha * state_.down + deviation + config_.delta;
    state_.up_min = std::min(state_.up_min, state_.up);
    state_.down_max = std::max(state_.down_max, state_.down);
    state_.drifted = state_.seen.n >= config_.min_instances &&
                     crosses(config_.mode, state_.up - state_.up_min, state_.down_max - state_.down,
                             config_.threshold);
    return state_.drifted ? Drift::kDrift : Drift::kNone;
  }
  double estimate() const override { return state_.seen.mean; }
  void save(ByteWriter& writer) const override { writer(state_); }
  void load(ByteReader& reader) override { reader(state_); }

 private:
  struct State {
    RunningMean seen;
    double up = 0;
    double down = 0;
    double up_min = std::numeric_limits<double>::infinity();
    double down_max = -std::numeric_limits<double>::infinity();
    bool drifted = false;
    template <class A>
    void archive(A& a) {
      a(seen, up, down, up_min, down_max, drifted);
    }
  };

  Config config_;
  State state_;
};

}  // namespace

SKERRY_PLUGIN(DriftDetector, PageHinkley, "page_hinkley",
              "the sum of deviations from the mean left its extreme")

}  // namespace skerry
