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
/// A node is *present* from when it joins until it is lost. In a simulation all edges have joined
/// at the start, and only their loss and return are announced; in a live run each edge joins by
/// itself. Only this class knows the difference (role::Start::all_joined), so whatever uses it
/// behaves alike in both.
///
/// A simulation may leave it to the cloud to ask who is available (role::Presence): present are
/// then those that are neither absent nor announced as lost.
///
/// Takes memory for exceptions only: of a million edges that all joined at the start, it holds
/// those that are busy, and one bit for each edge up to the last one that was ever lost.
class Membership final : public Population {
 public:
  explicit Membership(const datasets::NodeData& data) : data_(data) {}

  void start(const role::Start& start);
  /// Whom to ask during the step that begins; null: nobody. Not part of the saved state.
  void see(const role::Presence* presence) { presence_ = presence; }
  /// The node has joined: sends what was held for it. Like lost(), ignores a node that is no edge
  /// of the scenario.
  void joined(const role::PeerJoined& peer, role::Effects& effects);
  void lost(NodeId node);
  void set_busy(NodeId node, bool busy);

  /// Sends a message to an edge that is present. Holds a message to an edge that never joined,
  /// until the edge joins. Drops a message to an edge that is lost, whose return is an input of its
  /// own, and to a node that is no edge of the scenario. Returns false if it dropped the message.
  bool send(role::Message message, role::Effects& effects);

  std::uint32_t size() const override { return edges_; }
  /// Whether the node is an edge of the scenario, present or not.
  bool known(NodeId node) const { return node.is_edge() && node.index() < edges_; }
  bool present(NodeId node) const;
  bool eligible(NodeId node) const override { return present(node) && !busy_.contains(node); }
  /// How many edges are present; if the cloud has to ask who is there, how many were not announced
  /// as lost. O(1).
  std::uint32_t present_at_most() const;
  std::uint32_t eligible_at_most() const override;
  /// Whether at least that many edges are present. O(edges) at worst if the cloud has to ask.
  bool has_present(std::uint32_t count) const;
  /// Sets a timer to when the next absent edge comes back, if the cloud has to ask for it.
  void wake_at_return(std::uint64_t timer, role::Effects& effects) const;
  /// Whether every edge has joined at least once.
  bool everybody_has_joined() const;
  /// Whether all edges are present from the start, so that none announces that it joins.
  bool everybody_at_start() const { return all_joined_; }
  /// Training examples of a node: from the data if all joined at the start, else the number that
  /// the node gave when it joined; 0 before that.
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
  NodeSet absent_;                 // if all joined at the start: those that are lost
  std::map<NodeId, Note> joined_;  // otherwise: those that ever joined
  std::uint32_t present_ = 0;      // how many of them are present
  std::set<NodeId> busy_;
  std::map<NodeId, std::vector<role::Message>> held_;  // for edges that never joined
};

}  // namespace skerry::parts
