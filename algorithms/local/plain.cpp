// Local training with nothing added: epochs of mini-batches with the scenario's optimiser, then the
// difference from the model received.
//
//   for each batch b: w_k <- w_k - eta g(w_k; b);   return d_k = w_k - w
//                                              [McMahan et al. 2017, "Communication-efficient
//                                               learning of deep networks from decentralized data",
//                                               Alg. 1, ClientUpdate]
//
// Symbols: w = record "model" of the downlink, d_k = record "delta" of the uplink.
//
// Differences from the paper: the optimiser is a choice of its own, and the update is the
// difference instead of the model.

#include "algorithms/sdk/local_loop.hpp"
#include "algorithms/sdk/plugin.hpp"

namespace skerry {
namespace {

class Plain final : public LocalMethod {
 public:
  struct Config {
    template <class V>
    void fields(V&) {}
  };
  explicit Plain(const Config&) {}

  TrainReport train(TrainContext& context) const override { return train_delta(context); }
};

}  // namespace

SKERRY_PLUGIN(LocalMethod, Plain, "plain", "mini-batch training as in FedAvg")

}  // namespace skerry
