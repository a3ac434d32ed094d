// Coordinate-wise trimmed mean: withstands wild updates fewer than it cuts off.
//
//   delta[i] = 1 / ((1 - 2 beta) n) * sum_{k in U_i} d_k[i]
//                                              [Yin et al. 2018, "Byzantine-robust distributed
//                                               learning: towards optimal statistical rates",
//                                               Def. 2 and Alg. 1, option II]
//
// Symbols: d_k = the update of edge k (record "delta"), i = a coordinate, n = number of updates,
// beta = `beta`, U_i = the updates whose i-th coordinate is not among the beta n smallest nor among
// the beta n largest.
//
// Differences from the paper: the paper trims gradients, we a round's deltas; beta n is rounded
// down, and at least one value stays. The sum is in float64, in ascending order of the values, so
// that it does not depend on the order of updates, and is rounded once. Weights play no part.
// Cost: O(n log n) a coordinate.

#include <algorithm>
#include <vector>

#include "algorithms/sdk/plugin.hpp"
#include "algorithms/sdk/reducer.hpp"

namespace skerry {
namespace {

class TrimmedMean final : public Reducer {
 public:
  struct Config {
    double beta = 0.1;
    template <class V>
    void fields(V& v) {
      v("beta", beta,
        {.meaning = "share of the updates cut off at each end",
         .min = 0,
         .max = 0.5,
         .below_max = true});
    }
  };
  explicit TrimmedMean(const Config& config) : config_(config) {}

  ReducerTraits traits() const override {
    return {.form = ReducerTraits::Form::kGather,
            .minimum = 1,
            .bound = ReducerTraits::Bound::kHonestRange};
  }
  bool withstands(std::uint32_t n, std::uint32_t f) const override {
    return n > 0 && f <= cut_of(n);
  }

  void gather(std::span<const std::span<const float>> values, std::span<const UpdateInfo>,
              std::span<float> out) const override {
    // Columns of a tile of coordinates are brought together, so that each update is read in order.
    constexpr std::size_t kTile = 64;
    const std::size_t n = values.size();
    std::vector<float> columns(kTile * n);
    for (std::size_t begin = 0; begin < out.size(); begin += kTile) {
      const std::size_t width = std::min(kTile, out.size() - begin);
      for (std::size_t k = 0; k < n; ++k) {
        for (std::size_t i = 0; i < width; ++i) columns[i * n + k] = values[k][begin + i];
      }
      for (std::size_t i = 0; i < width; ++i) {
        out[begin + i] = trimmed_mean(std::span(columns).subspan(i * n, n));
      }
    }
  }

 private:
  /// How many of n values are cut off at each end.
  std::size_t cut_of(std::size_t n) const {
    // 0.29 * 100 is a little less than 29.
    const double share = config_.beta * static_cast<double>(n) + 1e-9;
    return std::min(static_cast<std::size_t>(share), (n - 1) / 2);
  }

  /// Of finite values; sorts them.
  float trimmed_mean(std::span<float> values) const {
    std::ranges::sort(values);
    const std::size_t cut = cut_of(values.size());
    double sum = 0;
    for (const float value : values.subspan(cut, values.size() - 2 * cut)) sum += value;
    return static_cast<float>(sum / static_cast<double>(values.size() - 2 * cut) + 0.0);
  }

  Config config_;
};

}  // namespace

SKERRY_PLUGIN(Reducer, TrimmedMean, "trimmed_mean",
              "coordinate-wise mean without the largest and smallest values")

}  // namespace skerry
