// Buffered asynchronous aggregation (FedBuff): every K updates make one server step, stale ones
// count less.
//
//   delta = (1/K) sum_k s(tau_k) d_k,   s(tau) = (1 + tau)^-a
//                                              [Nguyen et al. 2022, "Federated learning with
//                                               buffered asynchronous aggregation", Alg. 1 (sum,
//                                               division by K) and "staleness scaling", a = 1/2]
//
// Symbols: d_k = an update in the buffer (record "delta"), tau_k = its staleness in model versions,
// K = `size`, a = `staleness_exponent`.
//
// Differences from the paper: none in the rule. As in the paper, s does not enter the divisor (a
// buffer of stale updates makes a shorter step) and numbers of examples play no part. The server's
// learning rate eta_g is the server optimiser's. The division is by the number of updates summed,
// which is K except in a buffer flushed early.

#include "algorithms/sdk/elementary.hpp"
#include "algorithms/sdk/plugin.hpp"
#include "algorithms/sdk/reducer.hpp"

namespace skerry {
namespace {

class Buffered final : public Reducer {
 public:
  struct Config {
    std::uint32_t size = 10;
    double staleness_exponent = 0.5;
    template <class V>
    void fields(V& v) {
      v("size", size, {.meaning = "K, updates that make one server step", .min = 1});
      v("staleness_exponent", staleness_exponent,
        {.meaning = "a, in the weight (1 + staleness)^-a; 0 ignores staleness", .min = 0});
    }
  };
  explicit Buffered(const Config& config) : config_(config) {}

  ReducerTraits traits() const override {
    return {.form = ReducerTraits::Form::kLinear, .buffer = config_.size};
  }
  Share share(const UpdateInfo& info) const override {
    if (info.staleness == 0) return {.weight = 1, .divisor = 1};
    const double scale = pow_f64(1.0 + info.staleness, -config_.staleness_exponent);
    return {.weight = static_cast<float>(scale), .divisor = 1};
  }

 private:
  Config config_;
};

}  // namespace

SKERRY_PLUGIN(Reducer, Buffered, "buffered",
              "FedBuff: a server step every K updates, stale ones count less")

}  // namespace skerry
