#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <vector>

#include "algorithms/sdk/node_set.hpp"
#include "algorithms/sdk/selector.hpp"
#include "datasets/node_data.hpp"
#include "scenarios/role/effects.hpp"
#include "scenarios/role/input.hpp"
#include "scenarios/role/presence.hpp"

namespace skerry::parts {

/// The edges as the cloud knows them.
///
/// A node is *present* once it has joined and until it is lost. In a simulation all edges have
/// joined at the start and only their loss and return are told; live, each joins by itself. This is
/// the one place that knows the difference (role::Start::all_joined), so what stands on it behaves
/// alike in both.
///
/// A simulation may leave it to the cloud to ask who is available (role::Presence): present are
/// then those that are neither absent nor announced as lost.
///
/// Costs memory for what differs from the rule only: of a million edges that all joined at the
/// start, those that are busy, and a bit for each up to the last that was ever lost.
class Membership final : public Population {
 public:
  explicit Membership(const datasets::NodeData& data) : data_(data) {}

  void start(const role::Start& start);
  /// Whom to ask during the step that begins; null: nobody. Not part of the saved state.
  void see(const role::Presence* presence) { presence_ = presence; }
  /// Sends what was held for the node. Of a node that is none of the scenario's edges: ignored, as
  /// by lost().
  void joined(const role::PeerJoined& peer, role::Effects& effects);
  void lost(NodeId node);
  void set_busy(NodeId node, bool busy);

  /// Sends a message to an edge that is present. For one that never joined it is held and leaves
  /// when the edge joins. For one that is lost it is dropped: what it answers, or that it is back,
  /// is an input of its own. Nor does anything leave for a node that is none of the scenario's
  /// edges. Returns false where it was dropped.
  bool send(role::Message message, role::Effects& effects);

  std::uint32_t size() const override { return edges_; }
  /// One of the scenario's edges, present or not.
  bool known(NodeId node) const { return node.is_edge() && node.index() < edges_; }
  bool present(NodeId node) const;
  bool eligible(NodeId node) const override { return present(node) && !busy_.contains(node); }
  /// Exact unless the cloud has to ask who is there: then those count that were not announced as
  /// lost. O(1).
  std::uint32_t present_at_most() const;
  std::uint32_t eligible_at_most() const override;
  /// Whether at least that many edges are present. O(edges) at worst where the cloud has to ask.
  bool has_present(std::uint32_t count) const;
  /// Sets a timer to when the next absent edge is back, where the cloud has to ask for it.
  void wake_at_return(std::uint64_t timer, role::Effects& effects) const;
  /// Whether every edge has been present at some time.
  bool everybody_has_joined() const;
  /// Whether nobody's joining is announced: all are present from the start.
  bool everybody_at_start() const { return all_joined_; }
  /// Training examples of a node: from the data where all joined at the start, else as it said when
  /// it joined; 0 before that.
  std::uint64_t samples(NodeId node) const override;

  template <class A>
  void archive(A& a) {
    a(edges_, all_joined_, absent_);
    archive_set(a, busy_);
    a(joined_, present_, held_);
  }

 private:
  struct Note {
    bool present = false;
    std::uint64_t samples = 0;
    template <class A>
    void archive(A& a) {
      a(present, samples);
    }
  };
  template <class A>
  static void archive_set(A& a, std::set<NodeId>& nodes) {
    std::vector<NodeId> list(nodes.begin(), nodes.end());
    a(list);
    if constexpr (A::kReading) nodes = {list.begin(), list.end()};
  }

  const datasets::NodeData& data_;
  const role::Presence* presence_ = nullptr;
  std::uint32_t edges_ = 0;
  bool all_joined_ = false;
  NodeSet absent_;                 // where all joined at the start: those lost
  std::map<NodeId, Note> joined_;  // otherwise: those that ever joined
  std::uint32_t present_ = 0;      // of them
  std::set<NodeId> busy_;
  std::map<NodeId, std::vector<role::Message>> held_;  // for edges that never joined
};

}  // namespace skerry::parts
