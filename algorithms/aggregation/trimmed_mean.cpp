// Coordinate-wise trimmed mean: withstands as many wild updates as it cuts off at each end.
//
//   delta[i] = 1 / ((1 - 2 beta) n) * sum_{k in U_i} d_k[i]
//                                              [Yin et al. 2018, "Byzantine-robust distributed
//                                               learning: towards optimal statistical rates",
//                                               Def. 2 and Alg. 1, option II]
//
// Symbols: d_k = the update of edge k, i = a coordinate, n = number of updates, beta = `beta`,
// U_i = the updates whose i-th coordinate is not among the beta n smallest nor among the beta n
// largest.
//
// Differences from the paper: the paper trims gradients, we a round's deltas; beta n is rounded
// down, and at least one value stays. The sum is in float64, in ascending order of the values, so
// that it does not depend on the order of updates, and is rounded once. Weights of updates play no
// part. Cost: O(n log n) a coordinate.

#include <algorithm>

#include "algorithms/aggregation/columns.hpp"
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
    return {.form = ReducerTraits::Form::kGather, .bound = ReducerTraits::Bound::kHonestRange};
  }
  bool withstands(std::uint32_t n, std::uint32_t f) const override {
    return n > 0 && f <= cut_of(n);
  }

  void gather(std::span<const std::span<const float>> values, std::span<const UpdateInfo>,
              std::span<float> out) const override {
    const std::size_t cut = cut_of(values.size());
    each_column(values, out, [cut](std::span<float> column) {
      std::ranges::sort(column);
      const auto kept = column.subspan(cut, column.size() - 2 * cut);
      double sum = 0;
      for (const float value : kept) sum += value;
      // -0 becomes +0, so that order cannot show in the sign.
      return static_cast<float>(sum / static_cast<double>(kept.size()) + 0.0);
    });
  }

 private:
  /// How many of n values are cut off at each end.
  std::size_t cut_of(std::size_t n) const {
    // 0.29 * 100 is a little less than 29.
    const double share = config_.beta * static_cast<double>(n) + 1e-9;
    return std::min(static_cast<std::size_t>(share), (n - 1) / 2);
  }

  Config config_;
};

}  // namespace

SKERRY_PLUGIN(Reducer, TrimmedMean, "trimmed_mean",
              "coordinate-wise mean without the largest and smallest values")

}  // namespace skerry
