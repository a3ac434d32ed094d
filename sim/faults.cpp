#include "sim/faults.hpp"

#include <algorithm>
#include <tuple>
#include <type_traits>

#include "sim/processor.hpp"

namespace skerry::sim {
namespace {

template <class T>
concept Lasting = requires(const T& fault) {
  fault.until;
};

std::optional<std::string> node_problem(NodeId node, std::uint32_t edges) {
  if (node.is_cloud() || node.index() < edges) return std::nullopt;
  return "no node " + to_string(node) + " in a run with " + std::to_string(edges) + " edges";
}

std::optional<std::string> own_problem(const SlowDown& fault, std::uint32_t edges) {
  if (!(fault.factor >= 1 && fault.factor <= Processor::kMostSlowDown)) {
    return "a slow-down has a factor between 1 and 1e9";
  }
  return node_problem(fault.node, edges);
}

std::optional<std::string> own_problem(const Partition& fault, std::uint32_t edges) {
  if (fault.nodes.empty()) return "a partition separates at least one node from the others";
  for (const NodeId node : fault.nodes) {
    if (auto problem = node_problem(node, edges)) return problem;
  }
  if (cut_off_by(fault, edges).empty()) return "a partition of all nodes separates nobody";
  return std::nullopt;
}

template <class CrashOrRestart>
std::optional<std::string> own_problem(const CrashOrRestart& fault, std::uint32_t edges) {
  return node_problem(fault.node, edges);
}

/// Sorted, each once.
std::vector<NodeId> as_set(std::vector<NodeId> nodes) {
  std::sort(nodes.begin(), nodes.end());
  nodes.erase(std::unique(nodes.begin(), nodes.end()), nodes.end());
  return nodes;
}

bool contains(const std::vector<NodeId>& sorted, NodeId node) {
  return std::binary_search(sorted.begin(), sorted.end(), node);
}

}  // namespace

std::vector<NodeId> cut_off_by(const Partition& partition, std::uint32_t edges) {
  const std::vector<NodeId> named = as_set(partition.nodes);
  if (!contains(named, NodeId::cloud())) return named;
  std::vector<NodeId> others;
  for (std::uint32_t i = 0; i < edges; ++i) {
    if (!contains(named, NodeId::edge(i))) others.push_back(NodeId::edge(i));
  }
  return others;
}

std::optional<std::string> problem_of(const Fault& fault, std::uint32_t edges) {
  return std::visit(
      [edges](const auto& f) -> std::optional<std::string> {
        if (f.at < SimTime()) return "a fault does not strike before the run starts";
        if constexpr (Lasting<std::decay_t<decltype(f)>>) {
          if (f.until <= f.at) return "a fault that lasts ends after it begins";
        }
        return own_problem(f, edges);
      },
      fault);
}

std::vector<FaultMoment> timeline_of(std::span<const Fault> faults) {
  std::vector<FaultMoment> moments;
  for (std::uint32_t i = 0; i < faults.size(); ++i) {
    std::visit(
        [&](const auto& f) {
          moments.push_back({.at = f.at, .fault = i, .begins = true});
          if constexpr (Lasting<std::decay_t<decltype(f)>>) {
            if (f.until < SimTime::never()) {
              moments.push_back({.at = f.until, .fault = i, .begins = false});
            }
          }
        },
        faults[i]);
  }
  std::sort(moments.begin(), moments.end(), [](const FaultMoment& x, const FaultMoment& y) {
    return std::tie(x.at, x.begins, x.fault) < std::tie(y.at, y.begins, y.fault);
  });
  return moments;
}

void FaultsInForce::begin(const Partition& fault) {
  partitions_.push_back({.nodes = as_set(fault.nodes), .at = fault.at, .until = fault.until});
}

void FaultsInForce::end_until(SimTime now) {
  std::erase_if(slow_downs_, [now](const SlowDown& fault) { return fault.until <= now; });
  std::erase_if(partitions_, [now](const Partition& fault) { return fault.until <= now; });
}

double FaultsInForce::slow_down(NodeId node) const {
  double factor = 1;
  for (const SlowDown& fault : slow_downs_) {
    if (fault.node == node) factor *= fault.factor;
  }
  return std::min(factor, Processor::kMostSlowDown);
}

bool FaultsInForce::separated(NodeId one, NodeId other) const {
  return std::any_of(partitions_.begin(), partitions_.end(), [&](const Partition& fault) {
    return contains(fault.nodes, one) != contains(fault.nodes, other);
  });
}

}  // namespace skerry::sim
