// Power-of-choice: of d random candidates, those with the highest loss take part.
//
//   A = d nodes drawn without replacement, node k with probability p_k
//   S = the m nodes of A with the largest F_k(w)
//                                              [Cho, Wang, Joshi 2022, "Towards understanding
//                                              biased
//                                               client selection in federated learning", power-of-
//                                               choice strategy, three steps; first as "Client
//                                               selection in federated learning: convergence
//                                               analysis and power-of-choice ...", 2020]
//
// Symbols: d = `candidates`, m = the cohort the scenario wants, p_k = node k's share of the
// training examples, F_k(w) = the loss of the current model on node k's training data, which k is
// asked for.
//
// Differences from the paper: equal losses are ordered by node number instead of at random;
// candidates that do not reply are out of the round; a loss that is not a number ranks last. The
// paper averages the cohort with equal weights: combine with `mean`, `weight: uniform`.

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include "algorithms/sdk/plugin.hpp"
#include "algorithms/sdk/selector.hpp"

namespace skerry {
namespace {

/// `count` eligible nodes without replacement, each drawn from those left with probability in
/// proportion to its examples: the nodes with the smallest E_k / n_k, E_k exponential.
/// [Efraimidis, Spirakis 2006, "Weighted random sampling with a reservoir", Alg. A]
std::vector<NodeId> sample_by_examples(const Population& population, std::size_t count,
                                       RandomStream& random) {
  std::vector<std::pair<double, NodeId>> heap;  // the largest key on top
  for (std::uint32_t i = 0; i < population.size(); ++i) {
    const NodeId node = NodeId::edge(i);
    const auto examples = static_cast<double>(population.samples(node));
    if (examples == 0 || !population.eligible(node)) continue;
    heap.emplace_back(random.exponential() / examples, node);
    std::push_heap(heap.begin(), heap.end());
    if (heap.size() <= count) continue;
    std::pop_heap(heap.begin(), heap.end());
    heap.pop_back();
  }
  std::sort_heap(heap.begin(), heap.end());
  std::vector<NodeId> nodes;
  for (const auto& [key, node] : heap) nodes.push_back(node);
  return nodes;
}

class PowerOfChoice final : public Selector {
 public:
  struct Config {
    std::uint32_t candidates = 20;
    template <class V>
    void fields(V& v) {
      v("candidates", candidates,
        {.meaning = "d, nodes asked for their loss; never fewer than the cohort", .min = 1});
    }
  };
  explicit PowerOfChoice(const Config& config) : config_(config) {}

  bool asks() const override { return true; }
  AnswerOrAsk<Cohort> select(SelectContext& context) override {
    if (!context.asked) {
      const std::size_t d = std::max(config_.candidates, context.wanted);
      return Ask{.work = Ask::Work::kEvaluate,
                 .nodes = sample_by_examples(context.population, d, context.random)};
    }
    std::vector<std::pair<double, NodeId>> ranked;
    for (const Reply& reply : context.replies) {
      if (!context.population.eligible(reply.node)) continue;
      const double loss =
          std::isnan(reply.loss) ? -std::numeric_limits<double>::infinity() : reply.loss;
      ranked.emplace_back(-loss, reply.node);
    }
    std::sort(ranked.begin(), ranked.end());
    Cohort cohort;
    for (const auto& [loss, node] : ranked) {
      if (cohort.size() < context.wanted) cohort.push_back({.node = node});
    }
    return cohort;
  }

 private:
  Config config_;
};

}  // namespace

SKERRY_PLUGIN(Selector, PowerOfChoice, "power_of_choice",
              "of d random candidates, those with the highest loss")

}  // namespace skerry
