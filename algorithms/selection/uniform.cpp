// Uniform selection: every eligible node is as likely as any other.
//
//   S_t = m different nodes, uniformly at random
//                                              [McMahan et al. 2017, "Communication-efficient
//                                               learning of deep networks from decentralized data",
//                                               Alg. 1, "random set of m clients"]
//
// Symbols: S_t = the cohort of round t, m = its size, which the scenario sets.
//
// Differences from the paper: drawn from the eligible nodes only; all of them if there are fewer
// than m.

#include "algorithms/sdk/plugin.hpp"
#include "algorithms/sdk/selector.hpp"

namespace skerry {
namespace {

class Uniform final : public Selector {
 public:
  struct Config {
    template <class V>
    void fields(V&) {}
  };
  explicit Uniform(const Config&) {}

  AnswerOrAsk<Cohort> select(SelectContext& context) override {
    Cohort cohort;
    for (NodeId node : sample_eligible(context.population, context.wanted, context.random)) {
      cohort.push_back({.node = node});
    }
    return cohort;
  }
};

}  // namespace

SKERRY_PLUGIN(Selector, Uniform, "uniform", "nodes drawn uniformly among the eligible")

}  // namespace skerry
