// Coordinate-wise median: withstands any minority of wild updates.
//
//   delta[i] = med{ d_k[i] : k }               [Yin et al. 2018, "Byzantine-robust distributed
//                                               learning: towards optimal statistical rates",
//                                               Def. 1 and Alg. 1, option I]
//
// Symbols: d_k = the update of edge k (record "delta"), i = a coordinate, n = number of updates.
//
// Differences from the paper: the paper takes the median of gradients, we of a round's deltas. For
// even n we take the mean of the two middle values, in float64, rounded once. Weights of updates
// play no part. Cost: O(n P) expected.

#include <algorithm>

#include "algorithms/aggregation/columns.hpp"
#include "algorithms/sdk/plugin.hpp"
#include "algorithms/sdk/reducer.hpp"

namespace skerry {
namespace {

/// Median of finite values; reorders them. -0 becomes +0, so that order cannot show in the sign.
float median(std::span<float> values) {
  const auto upper = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), upper, values.end());
  double middle = *upper;
  if (values.size() % 2 == 0) {
    middle = (middle + double{*std::max_element(values.begin(), upper)}) / 2;
  }
  return static_cast<float>(middle + 0.0);
}

class Median final : public Reducer {
 public:
  struct Config {
    template <class V>
    void fields(V&) {}
  };
  explicit Median(const Config&) {}

  ReducerTraits traits() const override {
    return {.form = ReducerTraits::Form::kGather,
            .minimum = 1,
            .bound = ReducerTraits::Bound::kHonestRange};
  }
  bool withstands(std::uint32_t n, std::uint32_t f) const override {
    return 2 * std::uint64_t{f} < n;
  }

  void gather(std::span<const std::span<const float>> values, std::span<const UpdateInfo>,
              std::span<float> out) const override {
    each_column(values, out, median);
  }
};

}  // namespace

SKERRY_PLUGIN(Reducer, Median, "median", "coordinate-wise median, robust to a wild minority")

}  // namespace skerry
