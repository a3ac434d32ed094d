// Mean around the median: for every coordinate, the mean of the values closest to the median.
//
//   delta[i] = 1 / ((1 - beta) n) * sum_{k in U_i} d_k[i]
//                                              [Xie, Koyejo, Gupta 2018, "Generalized Byzantine-
//                                               tolerant SGD", the rule "mean around median"]
//
// Symbols: d_k = the update of edge k (record "delta"), i = a coordinate, n = number of updates,
// beta = `beta`, U_i = all updates except the beta n whose i-th coordinate is farthest from the
// coordinate's median.
//
// Differences from the paper: it averages gradients, this plugin a round's deltas. beta n is
// rounded down. The median of an even number of values is the lower middle one. The sum is taken in
// float64 in ascending order of the values, so that it does not depend on the order of the updates,
// and is rounded once. Weights have no influence. Cost: O(n log n) per coordinate.

#include <algorithm>
#include <vector>

#include "algorithms/sdk/plugin.hpp"
#include "algorithms/sdk/reducer.hpp"

namespace skerry {
namespace {

class MeanAroundMedian final : public Reducer {
 public:
  struct Config {
    double beta = 0.2;
    template <class V>
    void fields(V& v) {
      v("beta", beta,
        {.meaning = "share of the updates left out at each coordinate",
         .min = 0,
         .max = 1,
         .below_max = true});
    }
  };
  explicit MeanAroundMedian(const Config& config) : config_(config) {}

  ReducerTraits traits() const override { return {.form = ReducerTraits::Form::kGather}; }

  void gather(std::span<const std::span<const float>> values, std::span<const UpdateInfo>,
              std::span<float> out) const override {
    std::vector<float> column(values.size());
    for (std::size_t i = 0; i < out.size(); ++i) {
      for (std::size_t k = 0; k < values.size(); ++k) column[k] = values[k][i];
      out[i] = mean_around_median(column);
    }
  }

 private:
  /// The rule for one coordinate. Sorts `values`, which must be finite.
  float mean_around_median(std::span<float> values) const {
    std::ranges::sort(values);
    const double median = values[(values.size() - 1) / 2];
    // 0.29 * 100 is a little less than 29.
    const double share = config_.beta * static_cast<double>(values.size()) + 1e-9;
    const std::size_t kept =
        values.size() - std::min(static_cast<std::size_t>(share), values.size() - 1);
    // In this order the closest values are neighbours: drop the farther end.
    while (values.size() > kept) {
      const bool low = median - values.front() > values.back() - median;
      values = low ? values.subspan(1) : values.first(values.size() - 1);
    }
    double sum = 0;
    for (const float value : values) sum += value;
    return static_cast<float>(sum / static_cast<double>(kept) + 0.0);
  }

  Config config_;
};

}  // namespace

SKERRY_PLUGIN(Reducer, MeanAroundMedian, "mean_around_median",
              "of every coordinate, the mean of the values closest to the median")

}  // namespace skerry
