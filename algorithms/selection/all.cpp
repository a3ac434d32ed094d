// Full participation: every eligible node, every round, in the order of their numbers.
//
// Definition: the cohort is the set of eligible nodes, whatever size the scenario wants.

#include "algorithms/sdk/plugin.hpp"
#include "algorithms/sdk/selector.hpp"

namespace skerry {
namespace {

class All final : public Selector {
 public:
  struct Config {
    template <class V>
    void fields(V&) {}
  };
  explicit All(const Config&) {}

  bool sized() const override { return false; }
  AnswerOrAsk<Cohort> select(SelectContext& context) override {
    Cohort cohort;
    for (std::uint32_t i = 0; i < context.population.size(); ++i) {
      const NodeId node = NodeId::edge(i);
      if (context.population.eligible(node)) cohort.push_back({.node = node});
    }
    return cohort;
  }
};

}  // namespace

SKERRY_PLUGIN(Selector, All, "all", "every eligible node in every round")

}  // namespace skerry
