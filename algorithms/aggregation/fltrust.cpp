// FLTrust: the cloud trains on a small clean data set and trusts updates that point the same way.
//
//   TS_i = ReLU(<g_i, g_0> / (||g_i|| ||g_0||))                 eq. (2)
//   g'_i = (||g_0|| / ||g_i||) g_i                              eq. (3)
//   delta = sum_i TS_i g'_i / sum_i TS_i                        eq. (4)
//                                              [Cao, Fang, Liu, Gong 2021, "FLTrust: Byzantine-
//                                               robust federated learning via trust bootstrapping",
//                                               NDSS, Alg. 2]
//
// Symbols: g_i = the update of edge i, all its records as one vector; g_0 = the update that the
// cloud trains, from the same model, on its root data set, which is its validation data here;
// TS_i = the trust score of edge i.
//
// Differences from the paper: none where an update is one record. A record that is summed over the
// cohort becomes n times its mean. TS_i and TS_i ||g_0|| / ||g_i|| are rounded to float32; the sum
// over edges is exact. An update of length 0, or too short for a float32 to stretch, has no
// direction to trust. If no update is trusted the round moves nothing. Examples and weights of
// updates play no part. Cost: O(n P), and one training on the cloud.

#include <cmath>
#include <vector>

#include "algorithms/aggregation/whole_updates.hpp"
#include "algorithms/sdk/plugin.hpp"
#include "algorithms/sdk/reducer.hpp"

namespace skerry {
namespace {

class FlTrust final : public Reducer {
 public:
  struct Config {
    template <class V>
    void fields(V&) {}
  };
  explicit FlTrust(const Config&) {}

  ReducerTraits traits() const override {
    return {.form = ReducerTraits::Form::kGather, .bound = ReducerTraits::Bound::kTrustedLength};
  }
  bool withstands(std::uint32_t n, std::uint32_t f) const override { return f <= n; }
  std::optional<Ask> ask() const override {
    return Ask{.work = Ask::Work::kTrain, .nodes = {NodeId::cloud()}};
  }

  void reduce(GatherContext& context) const override {
    SKERRY_CHECK(context.replies.size() == 1 && context.replies[0].result != nullptr,
                 "the cloud replies with the update it was asked to train");
    const Payload& root = *context.replies[0].result;
    const double root_length = std::sqrt(dot(root, root));
    std::vector<Counted> shares(context.updates.size());
    context.workspace.each(shares.size(), [&](std::size_t i, Workspace&) {
      const Payload& update = *context.updates[i];
      const double length = std::sqrt(dot(update, update));
      const double trust = dot(update, root) / (length * root_length);  // eq. (2) before ReLU
      shares[i] = {.update = i,
                   .weight = static_cast<float>(trust * (root_length / length)),
                   .divisor = static_cast<float>(trust)};
    });
    std::erase_if(shares, [](const Counted& share) {
      return !(share.divisor > 0) || !std::isfinite(share.weight);
    });
    reduce_counted(shares, context);
  }
};

}  // namespace

SKERRY_PLUGIN(Reducer, FlTrust, "fltrust",
              "weighs updates by their likeness to one trained on the cloud's own data")

}  // namespace skerry
