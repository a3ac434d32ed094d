// ADWIN: an adaptive window, cut where the means of its two parts differ by more than chance.
// [Bifet, Gavalda 2007, "Learning from time-changing data with adaptive windowing", ADWIN2]
//
//   cut W into W_0 W_1 where |mean(W_0) - mean(W_1)| > eps,
//   eps = sqrt(2 m sigma^2 d) + 2/3 m d,   d = ln(2 ln(|W|) / delta)
//   m = 1 / (n_0 - l + 1) + 1 / (n_1 - l + 1)
//
// Symbols: W = the window; n_0, n_1 = lengths of its older and newer part; sigma^2 = variance of W;
// delta = confidence; l = `min_window_length`. W is an exponential histogram: up to `max_buckets`
// buckets of each size 2^i, each with its sum and its sum of squared deviations [Datar et al. 2002,
// Babcock et al. 2003]. The window is looked at every `clock` observations.
//
// Differences from the paper: as in MOA and river, no part is shorter than l and m has n - l + 1
// for n, and d has ln |W| for |W|, since only about as many cuts are tried. As in river, nothing of
// the window is kept after a drift, while the paper goes on with W_1. Every boundary of two buckets
// is a cut that is tried, as in MOA; river 0.21 left out the newest bucket of each size.
//
// Memory: at most 64 sizes of max_buckets + 1 buckets of 16 bytes; grows as the logarithm of the
// time since the last drift.

#include <algorithm>
#include <cmath>
#include <vector>

#include "algorithms/sdk/drift_detector.hpp"
#include "algorithms/sdk/elementary.hpp"
#include "algorithms/sdk/plugin.hpp"

namespace skerry {
namespace {

class Adwin final : public DriftDetector {
 public:
  struct Config {
    double delta = 0.002;
    std::uint32_t clock = 32;
    std::uint32_t max_buckets = 5;
    std::uint32_t min_window_length = 5;
    std::uint32_t grace_period = 10;
    template <class V>
    void fields(V& v) {
      v("delta", delta,
        {.meaning = "confidence: chance of a false cut",
         .min = 0,
         .max = 1,
         .above_min = true,
         .below_max = true});
      v("clock", clock, {.meaning = "observations between two looks at the window", .min = 1});
      v("max_buckets", max_buckets,
        {.meaning = "buckets of one size before two are joined", .min = 2, .max = 1000});
      v("min_window_length", min_window_length,
        {.meaning = "shortest part that is compared", .min = 1});
      v("grace_period", grace_period, {.meaning = "the window is not looked at up to this length"});
    }
  };
  explicit Adwin(const Config& config) : config_(config) {}

  DriftTraits traits() const override { return {.watches = DriftTraits::Watches::kValues}; }

  Drift add(std::span<const double> observation, RandomStream) override {
    if (drifted_) state_ = {};
    insert(observation[0]);
    ++state_.ticks;
    drifted_ = state_.ticks % config_.clock == 0 && state_.width > config_.grace_period && shrink();
    return drifted_ ? Drift::kDrift : Drift::kNone;
  }
  double estimate() const override {
    return state_.width > 0 ? state_.total / static_cast<double>(state_.width) : 0;
  }
  void save(ByteWriter& writer) const override { writer(state_, drifted_); }
  void load(ByteReader& reader) override {
    reader(state_, drifted_);
    if (!consistent()) reader.fail();
  }

 private:
  struct Bucket {
    double total = 0;
    double squares = 0;  // sum of squared deviations from the bucket's mean
    template <class A>
    void archive(A& a) {
      a(total, squares);
    }
  };
  struct State {
    std::vector<std::vector<Bucket>> rows;  // rows[i]: buckets of 2^i observations, oldest first
    std::uint64_t width = 0;
    std::uint64_t ticks = 0;
    double total = 0;
    double squares = 0;
    template <class A>
    void archive(A& a) {
      a(rows, width, ticks, total, squares);
    }
  };

  static double size_of(std::size_t row) { return static_cast<double>(std::uint64_t{1} << row); }

  bool consistent() const {
    if (state_.rows.size() >= 64) return false;
    std::uint64_t width = 0;
    for (std::size_t row = 0; row < state_.rows.size(); ++row) {
      if (state_.rows[row].size() > config_.max_buckets) return false;
      width += state_.rows[row].size() << row;
    }
    return width == state_.width && (state_.rows.empty() || !state_.rows.back().empty());
  }

  void insert(double value) {
    if (state_.rows.empty()) state_.rows.emplace_back();
    state_.rows[0].push_back({value, 0});
    ++state_.width;
    const double width = static_cast<double>(state_.width);
    if (state_.width > 1) {
      const double deviation = value - state_.total / (width - 1);
      state_.squares += (width - 1) * deviation * deviation / width;
    }
    state_.total += value;
    for (std::size_t row = 0; state_.rows[row].size() > config_.max_buckets; ++row) join(row);
  }

  /// The two oldest buckets of a row become one of the next.
  void join(std::size_t row) {
    if (row + 1 == state_.rows.size()) state_.rows.emplace_back();
    std::vector<Bucket>& from = state_.rows[row];
    const double n = size_of(row);
    const double apart = from[0].total / n - from[1].total / n;
    const double between = n * 0.5 * apart * apart;
    state_.rows[row + 1].push_back(
        {from[0].total + from[1].total, from[0].squares + from[1].squares + between});
    from.erase(from.begin(), from.begin() + 2);
  }

  void drop_oldest() {
    const double n = size_of(state_.rows.size() - 1);
    const Bucket oldest = state_.rows.back().front();
    state_.width -= static_cast<std::uint64_t>(n);
    state_.total -= oldest.total;
    const double width = static_cast<double>(state_.width);
    const double apart = oldest.total / n - state_.total / width;
    state_.squares -= oldest.squares + n * width * apart * apart / (n + width);
    state_.rows.back().erase(state_.rows.back().begin());
    while (!state_.rows.empty() && state_.rows.back().empty()) state_.rows.pop_back();
  }

  /// Drops the oldest buckets while some cut shows a difference. Returns whether any did.
  bool shrink() {
    bool changed = false;
    while (some_cut_differs()) {
      drop_oldest();
      changed = true;
    }
    return changed;
  }

  bool some_cut_differs() const {
    double n0 = 0, u0 = 0;
    double n1 = static_cast<double>(state_.width), u1 = state_.total;
    for (std::size_t row = state_.rows.size(); row-- > 0;) {
      for (const Bucket& bucket : state_.rows[row]) {
        n0 += size_of(row);
        n1 -= size_of(row);
        u0 += bucket.total;
        u1 -= bucket.total;
        const double least = config_.min_window_length;
        if (n0 >= least && n1 >= least && differs(n0, n1, u0 / n0 - u1 / n1)) return true;
      }
    }
    return false;
  }

  bool differs(double n0, double n1, double apart) const {
    const double width = static_cast<double>(state_.width), least = config_.min_window_length;
    const double d = log_f64(2 * log_f64(width) / config_.delta);
    const double m = 1 / (n0 - least + 1) + 1 / (n1 - least + 1);
    const double variance = std::max(state_.squares / width, 0.0);  // rounding may take it below 0
    const double eps = std::sqrt(2 * m * variance * d) + 2.0 / 3.0 * d * m;
    return std::abs(apart) > eps;
  }

  Config config_;
  State state_;
  bool drifted_ = false;
};

}  // namespace

SKERRY_PLUGIN(DriftDetector, Adwin, "adwin", "a window, cut where its two parts have other means")

}  // namespace skerry
