#include "algorithms/sdk/selector.hpp"

#include <algorithm>
#include <unordered_set>

namespace skerry {

namespace {

// Few wanted of many: draw numbers until enough are new and eligible.
/// Draws nodes until enough of them are eligible, or until that takes too long.
std::vector<NodeId> sample_by_rejection(const Population& population, std::uint32_t count,
                                        RandomStream& random) {
  std::vector<NodeId> nodes;
  std::unordered_set<NodeId> seen;
  for (std::uint64_t tries = 64 * std::uint64_t{count} + 64; nodes.size() < count && tries > 0;
       --tries) {
    const NodeId node = NodeId::edge(static_cast<std::uint32_t>(random.below(population.size())));
    if (seen.insert(node).second && population.eligible(node)) nodes.push_back(node);
  }
  return nodes;
}

/// Adds nodes, drawn from all that are eligible and not there yet, up to `count`.
void fill_up(const Population& population, std::uint32_t count, std::vector<NodeId>& nodes,
             RandomStream& random) {
  const std::unordered_set<NodeId> taken(nodes.begin(), nodes.end());
  std::vector<NodeId> eligible;
  for (std::uint32_t i = 0; i < population.size(); ++i) {
    const NodeId node = NodeId::edge(i);
    if (!taken.contains(node) && population.eligible(node)) eligible.push_back(node);
  }
  for (std::size_t i = 0; i < eligible.size() && nodes.size() < count; ++i) {
    std::swap(eligible[i], eligible[i + random.below(eligible.size() - i)]);
    nodes.push_back(eligible[i]);
  }
}

}  // namespace

std::vector<NodeId> sample_eligible(const Population& population, std::uint32_t count,
                                    RandomStream& random) {
  const std::uint32_t most = population.eligible_at_most();
  count = std::min(count, most);
  std::vector<NodeId> nodes;
  if (std::uint64_t{count} * 4 < most && most > population.size() / 2) {
    nodes = sample_by_rejection(population, count, random);
  }
  if (nodes.size() < count) fill_up(population, count, nodes, random);
  return nodes;
}

}  // namespace skerry
