// KSWIN: the newest values of a window are distributed otherwise than a draw of its older ones.
// [Raab, Heusinger, Schleif 2020, "Reactive soft prototype computing for concept drift streams"]
//
//   R = the newest r of the window's n values,  W = r of the older n - r, drawn without repetition
//   drift where P(D >= D(R, W)) <= alpha and D(R, W) > 0.1
//
// Symbols: n = `window_size`, r = `stat_size`, D = two-sample Kolmogorov-Smirnov statistic; its
// probability is exact (two_samples.hpp), as scipy's is.
//
// Differences from the paper: as in river, an exact probability is compared with alpha, where the
// paper compares D with sqrt(-ln(alpha) / r), and D must exceed 0.1; after a drift the window is
// empty, while the paper goes on with R. The draw comes from the observation's own stream: indices
// of river agree where n = 2r, when W is all older values.
//
// Memory: n values.

#include <algorithm>
#include <numeric>
#include <vector>

#include "algorithms/drift/two_samples.hpp"
#include "algorithms/sdk/drift_detector.hpp"
#include "algorithms/sdk/plugin.hpp"

namespace skerry {
namespace {

class Kswin final : public DriftDetector {
 public:
  struct Config {
    double alpha = 0.005;
    std::uint32_t window_size = 100;
    std::uint32_t stat_size = 30;
    template <class V>
    void fields(V& v) {
      v("alpha", alpha,
        {.meaning = "chance of a false drift of one test", .min = 0, .max = 1, .above_min = true});
      v("window_size", window_size,
        {.meaning = "n, values in the window", .min = 2, .max = 1'000'000});
      v("stat_size", stat_size, {.meaning = "r, values that are compared", .min = 1});
    }
    template <class R>
    void check(R& reader) const {
      if (stat_size > window_size / 2) {
        reader.error("stat_size", "must be at most half of \"window_size\"");
      }
    }
  };
  explicit Kswin(const Config& config) : config_(config) {}

  DriftTraits traits() const override { return {.watches = DriftTraits::Watches::kValues}; }

  Drift add(std::span<const double> observation, RandomStream random) override {
    if (drifted_) window_.clear();
    if (window_.size() == config_.window_size) window_.erase(window_.begin());
    window_.push_back(observation[0]);
    drifted_ = window_.size() == config_.window_size && differs(random);
    return drifted_ ? Drift::kDrift : Drift::kNone;
  }
  /// Mean of the newest r values.
  double estimate() const override {
    const std::size_t count = std::min<std::size_t>(window_.size(), config_.stat_size);
    if (count == 0) return 0;
    return std::accumulate(window_.end() - static_cast<std::ptrdiff_t>(count), window_.end(), 0.0) /
           static_cast<double>(count);
  }
  void save(ByteWriter& writer) const override { writer(window_, drifted_); }
  void load(ByteReader& reader) override {
    reader(window_, drifted_);
    if (window_.size() > config_.window_size) reader.fail();
  }

 private:
  bool differs(RandomStream& random) const {
    const std::size_t r = config_.stat_size;
    std::vector<double> older(window_.begin(), window_.end() - static_cast<std::ptrdiff_t>(r));
    std::vector<double> newest(window_.end() - static_cast<std::ptrdiff_t>(r), window_.end());
    for (std::size_t i = 0; i < r; ++i) {
      std::swap(older[i], older[i + random.below(older.size() - i)]);
    }
    older.resize(r);
    std::sort(older.begin(), older.end());
    std::sort(newest.begin(), newest.end());
    const std::size_t steps = ks_steps(older, newest);
    return static_cast<double>(steps) / static_cast<double>(r) > kLeastDistance &&
           ks_p_value(r, steps) <= config_.alpha;
  }

  static constexpr double kLeastDistance = 0.1;

  Config config_;
  std::vector<double> window_;  // oldest first
  bool drifted_ = false;
};

}  // namespace

SKERRY_PLUGIN(DriftDetector, Kswin, "kswin",
              "the newest values are distributed otherwise than older ones of a window")

}  // namespace skerry
