// Krum and Multi-Krum: keep the updates that have the most company.
//
//   s(i) = sum_{i -> j} ||d_i - d_j||^2    over the n - f - 2 updates closest to d_i, without d_i
//   Krum:        delta = d_{i*},  i* = argmin s
//   Multi-Krum:  delta = mean of the m updates with the smallest s
//                                              [Blanchard, El Mhamdi, Guerraoui, Stainer 2017,
//                                               "Machine learning with adversaries: Byzantine
//                                               tolerant gradient descent", sec. 4, and the
//                                               variant Multi-Krum of its experiments]
//
// Symbols: d_i = the update of edge i, all its records as one vector; n = number of updates,
// f = `byzantine`, m = `multi`.
//
// Why the declared bound holds for n > 2f + 2 and m <= n - f: let D be the largest distance between
// honest updates. An honest s is at most (n-f-2) D^2, so each chosen s is too. Of the n-f-2
// neighbours of a wild update at least n-2f-1 >= 2 are honest, so the nearest honest one lies
// within sqrt((n-f-2) / (n-2f-1)) D <= sqrt(n/2) D; a mean of such adds at most D.
//
// Differences from the paper: gradients there, a round's deltas here. Equal scores are ordered by
// node, as the paper allows. A record that is summed over the cohort becomes n times the mean of
// the chosen, so that SCAFFOLD's control variates come from the same edges as its deltas. Weights
// of updates play no part. Rounds with fewer than max(2f + 3, f + m) updates are abandoned.
// Cost: O(n^2 P).

#include <algorithm>
#include <tuple>
#include <vector>

#include "algorithms/aggregation/whole_updates.hpp"
#include "algorithms/sdk/plugin.hpp"
#include "algorithms/sdk/reducer.hpp"

namespace skerry {
namespace {

class Krum final : public Reducer {
 public:
  struct Config {
    std::uint32_t byzantine = 1;
    std::uint32_t multi = 1;
    template <class V>
    void fields(V& v) {
      v("byzantine", byzantine,
        {.meaning = "f, wild updates in a round, at most", .min = 0, .max = 1'000'000});
      v("multi", multi,
        {.meaning = "m, how many of the best updates are averaged", .min = 1, .max = 1'000'000});
    }
  };
  explicit Krum(const Config& config) : config_(config) {}

  ReducerTraits traits() const override {
    return {.form = ReducerTraits::Form::kGather,
            .minimum = std::max(2 * config_.byzantine + 3, config_.byzantine + config_.multi),
            .bound = ReducerTraits::Bound::kHonestUpdate};
  }
  bool withstands(std::uint32_t n, std::uint32_t f) const override {
    return f <= config_.byzantine && n >= traits().minimum;
  }

  void reduce(GatherContext& context) const override {
    constexpr std::size_t kBlock = 2048;
    const auto distances = squared_distances(context.updates, kBlock, context.workspace);
    std::vector<std::tuple<double, NodeId, Round, std::size_t>> ranked;
    for (std::size_t i = 0; i < context.updates.size(); ++i) {
      const UpdateInfo& info = context.infos[i];
      ranked.emplace_back(score(distances, i, context.updates.size()), info.node, info.round, i);
    }
    std::sort(ranked.begin(), ranked.end());
    std::vector<Counted> chosen;
    for (std::size_t i = 0; i < config_.multi; ++i) {
      chosen.push_back({.update = std::get<3>(ranked[i]), .weight = 1, .divisor = 1});
    }
    reduce_counted(chosen, context);
  }

 private:
  /// s(i), added from the nearest neighbour outwards.
  double score(const std::vector<double>& distances, std::size_t i, std::size_t n) const {
    std::vector<double> others;
    for (std::size_t j = 0; j < n; ++j) {
      if (j != i) others.push_back(distances[i * n + j]);
    }
    std::sort(others.begin(), others.end());
    double sum = 0;
    for (std::size_t j = 0; j < n - config_.byzantine - 2; ++j) sum += others[j];
    return sum;
  }

  Config config_;
};

}  // namespace

SKERRY_PLUGIN(Reducer, Krum, "krum", "the update, or the mean of those, closest to its neighbours")

}  // namespace skerry
