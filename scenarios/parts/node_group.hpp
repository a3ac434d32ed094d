#pragma once

#include <set>
#include <vector>

#include "scenarios/parts/membership.hpp"

namespace skerry::parts {

/// Those of the edges that a task is for: all of them, or some.
class NodeGroup final : public Population {
 public:
  explicit NodeGroup(const Membership& membership) : membership_(membership) {}
  /// @param nodes  empty: all.
  void restrict_to(const std::vector<NodeId>& nodes) { nodes_ = {nodes.begin(), nodes.end()}; }

  std::uint32_t size() const override { return membership_.size(); }
  bool eligible(NodeId node) const override { return has(node) && membership_.eligible(node); }
  std::uint32_t eligible_count() const override {
    if (nodes_.empty()) return membership_.eligible_count();
    std::uint32_t count = 0;
    for (const NodeId node : nodes_) count += membership_.eligible(node) ? 1 : 0;
    return count;
  }
  std::uint64_t samples(NodeId node) const override {
    return has(node) ? membership_.samples(node) : 0;
  }
  /// How many edges belong to it, and how many of them are present.
  std::uint32_t members() const {
    return nodes_.empty() ? membership_.size() : static_cast<std::uint32_t>(nodes_.size());
  }
  std::uint32_t present_count() const {
    if (nodes_.empty()) return membership_.present_count();
    std::uint32_t count = 0;
    for (const NodeId node : nodes_) count += membership_.present(node) ? 1 : 0;
    return count;
  }

  template <class A>
  void archive(A& a) {
    std::vector<NodeId> list(nodes_.begin(), nodes_.end());
    a(list);
    if constexpr (A::kReading) nodes_ = {list.begin(), list.end()};
  }

 private:
  bool has(NodeId node) const { return nodes_.empty() || nodes_.contains(node); }

  const Membership& membership_;
  std::set<NodeId> nodes_;  // empty: all
};

}  // namespace skerry::parts
