// EDDM: errors come closer together than they did at best.
// [Baena-Garcia, del Campo-Avila, Fidalgo, Bifet, Gavalda, Morales-Bueno 2006, "Early drift
// detection method"]
//
//   v = p' + 2 s',   warning where v / v_max < alpha,   drift where v / v_max < beta
//
// Symbols: p', s' = mean and standard deviation of the number of observations from one error to the
// next; v_max = the largest v.
//
// Differences from the paper: as in river, the first distance is counted from the beginning, v_max
// is looked for after `warm_start` observations, and v is compared with it after as many errors. An
// observation between two errors repeats the warning of the last error, as in river.
//
// Memory: constant.

#include <cmath>

#include "algorithms/drift/running_mean.hpp"
#include "algorithms/sdk/drift_detector.hpp"
#include "algorithms/sdk/plugin.hpp"

namespace skerry {
namespace {

class Eddm final : public DriftDetector {
 public:
  struct Config {
    std::uint32_t warm_start = 30;
    double alpha = 0.95;
    double beta = 0.9;
    template <class V>
    void fields(V& v) {
      v("warm_start", warm_start, {.meaning = "errors before the first test"});
      v("alpha", alpha, {.meaning = "share of the best distance that warns", .min = 0, .max = 1});
      v("beta", beta,
        {.meaning = "share of the best distance that is a drift", .min = 0, .max = 1});
    }
    template <class R>
    void check(R& reader) const {
      if (alpha < beta) reader.error("alpha", "must be at least \"beta\"");
    }
  };
  explicit Eddm(const Config& config) : config_(config) {}

  DriftTraits traits() const override {
    return {.watches = DriftTraits::Watches::kErrors, .warns = true};
  }

  Drift add(std::span<const double> observation, RandomStream) override {
    if (state_.drifted) state_ = {};
    ++state_.seen;
    if (observation[0] == 1) on_error();
    if (state_.drifted) return Drift::kDrift;
    return state_.warned ? Drift::kWarning : Drift::kNone;
  }
  double estimate() const override {
    if (state_.seen == 0) return 0;
    return state_.distances.count() / static_cast<double>(state_.seen);
  }
  void save(ByteWriter& writer) const override { writer(state_); }
  void load(ByteReader& reader) override { reader(state_); }

 private:
  struct State {
    RunningMean distances;  // one an error
    std::uint64_t seen = 0;
    std::uint64_t last_error = 0;
    double most = -1;  // v_max
    bool warned = false;
    bool drifted = false;
    template <class A>
    void archive(A& a) {
      a(distances, seen, last_error, most, warned, drifted);
    }
  };

  void on_error() {
    state_.distances.add(static_cast<double>(state_.seen - state_.last_error));
    state_.last_error = state_.seen;
    if (state_.seen <= config_.warm_start) return;
    const double v = state_.distances.mean + 2 * std::sqrt(state_.distances.variance());
    if (v > state_.most) {
      state_.most = v;
    } else if (state_.distances.n > config_.warm_start) {
      const double level = v / state_.most;
      state_.drifted = level < config_.beta;
      state_.warned = level < config_.alpha;
    }
  }

  Config config_;
  State state_;
};

}  // namespace

SKERRY_PLUGIN(DriftDetector, Eddm, "eddm", "errors come closer together than they did at best")

}  // namespace skerry
