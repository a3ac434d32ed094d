#pragma once

#include <set>
#include <vector>

#include "scenarios/parts/membership.hpp"

namespace skerry::parts {

/// The edges that a task is for: all of them, or some. An edge without a training example belongs
/// to the group but is never eligible, since it has nothing to train on.
class NodeGroup final : public Population {
 public:
  explicit NodeGroup(const Membership& membership) : membership_(membership) {}
  /// Sets the members. Must be called after Membership::start().
  /// @param nodes  empty: all edges.
  void restrict_to(const std::vector<NodeId>& nodes);
  /// A node has joined and has said how many examples it has. Membership must know it already.
  void joined(NodeId node);

  std::uint32_t size() const override { return membership_.size(); }
  bool eligible(NodeId node) const override {
    return has(node) && membership_.eligible(node) && !is_empty(node);
  }
  std::uint32_t eligible_at_most() const override;
  std::uint64_t samples(NodeId node) const override {
    return has(node) ? membership_.samples(node) : 0;
  }
  /// Whether at least that many of its edges are present.
  bool has_present(std::uint32_t count) const;
  /// How many edges belong to the group, and how many of them may have something to train on: all
  /// that have not said otherwise.
  std::uint32_t members() const {
    return nodes_.empty() ? membership_.size() : static_cast<std::uint32_t>(nodes_.size());
  }
  std::uint32_t learners() const { return members() - static_cast<std::uint32_t>(empty_.size()); }

  template <class A>
  void archive(A& a) {
    std::vector<NodeId> list(nodes_.begin(), nodes_.end());
    a(list, empty_);
    if constexpr (A::kReading) nodes_ = {list.begin(), list.end()};
  }

 private:
  bool has(NodeId node) const { return nodes_.empty() || nodes_.contains(node); }
  bool is_empty(NodeId node) const;

  const Membership& membership_;
  std::set<NodeId> nodes_;     // empty: all
  std::vector<NodeId> empty_;  // of the group, without an example; sorted
};

}  // namespace skerry::parts
