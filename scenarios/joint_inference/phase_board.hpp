#pragma once

#include <cstdint>
#include <set>
#include <vector>

#include "algorithms/sdk/ids.hpp"

namespace skerry::joint_inference {

/// Which edges hold the model, and which still owe the phase under way. An edge owes phase 0 until
/// it holds the model, and a later phase until it has reported it. The board does not know who is
/// present; parts::Membership does.
class PhaseBoard {
 public:
  /// Begins phase 0; no edge holds the model.
  void start(std::uint32_t edges);
  /// Begins a phase. If it is not phase 0, every edge owes it.
  void begin(std::uint32_t phase);
  std::uint32_t phase() const { return phase_; }

  void set_model(NodeId edge, bool held);
  bool has_model(NodeId edge) const { return !without_model_.contains(edge); }
  bool anybody_has_model() const { return without_model_.size() < edges_; }
  /// The edge has reported the phase under way. False if it had done so before.
  bool served(NodeId edge) { return unserved_.erase(edge) > 0; }
  bool owes(NodeId edge) const { return owing().contains(edge); }
  /// The edges that owe the phase, in ascending order.
  const std::set<NodeId>& owing() const { return phase_ == 0 ? without_model_ : unserved_; }

  template <class A>
  void archive(A& a) {
    a(edges_, phase_);
    archive_set(a, without_model_);
    archive_set(a, unserved_);
  }

 private:
  template <class A>
  static void archive_set(A& a, std::set<NodeId>& edges) {
    std::vector<NodeId> list(edges.begin(), edges.end());
    a(list);
    if constexpr (A::kReading) edges = {list.begin(), list.end()};
  }

  std::uint32_t edges_ = 0;
  std::uint32_t phase_ = 0;
  std::set<NodeId> without_model_;
  std::set<NodeId> unserved_;  // of a phase after 0
};

}  // namespace skerry::joint_inference
