// RDDM: DDM that forgets the beginning of a long concept, and takes a long warning for a drift.
// [Barros, Cabral, Goncalves, Santos 2017, "RDDM: Reactive drift detection method"]
//
//   p = mean error,  s = sqrt(p (1 - p) / n)
//   warning where p + s > p_min + a s_min,   drift where p + s > p_min + b s_min
//
// A warning that has lasted L observations is a drift, too. Where n has come to N without a
// warning, p, s and n are computed again from the latest M observations alone; p_min and s_min
// stay, and no drift is reported. After a drift the detector goes on from the observations since
// the warning began; where there was no warning, or it was too long, from the last one alone.
//
// Symbols: n = observations that p is the mean of; p_min, s_min = p and s where p + s was least;
// a = `warning_level`, b = `drift_level`, L = `warning_limit`, N = `max_size_concept`,
// M = `min_size_stable_concept`.
//
// Differences from the paper: none is known. What its text leaves open is as in the authors' own
// code (MOA): tests and the search for the lowest begin with n = `min_num_instances`; among the
// observations that it goes on from, the lowest is looked for only behind as many.
//
// Memory: M bytes.

#include <algorithm>
#include <cmath>
#include <deque>
#include <limits>
#include <utility>
#include <vector>

#include "algorithms/sdk/drift_detector.hpp"
#include "algorithms/sdk/plugin.hpp"

namespace skerry {
namespace {

class Rddm final : public DriftDetector {
 public:
  struct Config {
    std::uint32_t min_num_instances = 129;
    double warning_level = 1.773;
    double drift_level = 2.258;
    std::uint32_t max_size_concept = 40'000;
    std::uint32_t min_size_stable_concept = 7000;
    std::uint32_t warning_limit = 1400;
    template <class V>
    void fields(V& v) {
      v("min_num_instances", min_num_instances,
        {.meaning = "observations up to the first test", .min = 1});
      v("warning_level", warning_level,
        {.meaning = "a, deviations above the lowest rate that warn", .min = 0});
      v("drift_level", drift_level,
        {.meaning = "b, deviations above the lowest rate that are a drift", .min = 0});
      v("max_size_concept", max_size_concept,
        {.meaning = "N, observations of one concept before its beginning is forgotten"});
      v("min_size_stable_concept", min_size_stable_concept,
        {.meaning = "M, latest observations that are then kept", .min = 1, .max = 1'000'000});
      v("warning_limit", warning_limit,
        {.meaning = "L, observations after which a warning is a drift", .min = 1});
    }
    template <class R>
    void check(R& reader) const {
      if (drift_level < warning_level) {
        reader.error("drift_level", "must be at least \"warning_level\"");
      }
      if (max_size_concept <= min_size_stable_concept) {
        reader.error("max_size_concept", "must be more than \"min_size_stable_concept\"");
      }
    }
  };
  explicit Rddm(const Config& config) : config_(config) {}

  DriftTraits traits() const override {
    return {.watches = DriftTraits::Watches::kErrors, .warns = true};
  }

  Drift add(std::span<const double> observation, RandomStream) override {
    if (state_.again != Again::kNo) compute_again();
    const bool error = observation[0] == 1;
    if (latest_.size() == config_.min_size_stable_concept) latest_.pop_front();
    latest_.push_back(error);
    take(error);
    if (state_.n < config_.min_num_instances) return Drift::kNone;
    note_lowest();
    if (exceeds(config_.drift_level)) {
      return drift_from(state_.warned == 0 ? 1 : state_.warned + 1);
    }
    if (exceeds(config_.warning_level)) {
      if (state_.warned >= config_.warning_limit) return drift_from(1);
      ++state_.warned;
      return Drift::kWarning;
    }
    state_.warned = 0;
    if (state_.n >= config_.max_size_concept) state_.again = Again::kShorter;
    return Drift::kNone;
  }
  double estimate() const override { return state_.p; }
  void save(ByteWriter& writer) const override {
    writer(state_, std::vector<bool>(latest_.begin(), latest_.end()));
  }
  void load(ByteReader& reader) override {
    std::vector<bool> latest;
    reader(state_, latest);
    latest_.assign(latest.begin(), latest.end());
    if (latest.size() > config_.min_size_stable_concept || state_.again > Again::kShorter) {
      reader.fail();
    }
  }

 private:
  /// What the next observation begins with.
  enum class Again : std::uint8_t { kNo, kAnew, kShorter };

  struct State {
    std::uint64_t n = 0;
    double p = 0;
    double p_min = std::numeric_limits<double>::infinity();
    double s_min = std::numeric_limits<double>::infinity();
    std::uint64_t warned = 0;  // observations in a row, up to the last one
    Again again = Again::kNo;
    template <class A>
    void archive(A& a) {
      a(n, p, p_min, s_min, warned, again);
    }
  };

  void take(bool error) {
    ++state_.n;
    state_.p += ((error ? 1.0 : 0.0) - state_.p) / static_cast<double>(state_.n);
  }
  double s() const { return std::sqrt(state_.p * (1 - state_.p) / static_cast<double>(state_.n)); }
  bool exceeds(double level) const { return state_.p + s() > state_.p_min + level * state_.s_min; }
  void note_lowest() {
    if (state_.p + s() >= state_.p_min + state_.s_min) return;
    state_.s_min = s();
    state_.p_min = state_.p;
  }

  Drift drift_from(std::uint64_t kept) {
    while (latest_.size() > kept) latest_.pop_front();
    state_.again = Again::kAnew;
    return Drift::kDrift;
  }

  void compute_again() {
    const bool anew = state_.again == Again::kAnew;
    const State before = std::exchange(state_, {});
    if (!anew) {
      state_.p_min = before.p_min;
      state_.s_min = before.s_min;
    }
    for (const bool error : latest_) {
      take(error);
      if (anew && state_.n > config_.min_num_instances) note_lowest();
    }
  }

  Config config_;
  State state_;
  std::deque<bool> latest_;  // at most M, oldest first
};

}  // namespace

SKERRY_PLUGIN(DriftDetector, Rddm, "rddm",
              "as ddm, but an old concept is forgotten and a long warning is a drift")

}  // namespace skerry
