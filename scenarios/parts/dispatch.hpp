#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "algorithms/sdk/selector.hpp"
#include "scenarios/parts/downlink.hpp"
#include "scenarios/parts/federation.hpp"
#include "scenarios/parts/membership.hpp"
#include "scenarios/parts/round_messages.hpp"
#include "scenarios/parts/traffic.hpp"
#include "scenarios/parts/update_ledger.hpp"

namespace skerry::parts {

/// Orders to train that are out: who was asked for what, and who has answered.
class Dispatch {
 public:
  struct Order {
    Pick pick;
    Round round = 0;
    std::uint32_t dispatch = 0;
    Exchange exchange;
    SimTime asked;
    bool answered = false;
    role::PayloadRef down;      // what it trains from, whole, as it crosses the wire
    std::uint64_t version = 0;  // of the downlink
    template <class A>
    void archive(A& a) {
      a(pick, round, dispatch, exchange, asked, answered, down, version);
    }
  };

  Dispatch(const Federation& federation, Membership& membership, Traffic& traffic,
           UpdateLedger& ledger, Selector& selector)
      : federation_(federation),
        membership_(membership),
        traffic_(traffic),
        ledger_(ledger),
        selector_(selector) {}

  /// Sends an order to train from the newest model. It replaces the node's earlier one.
  void order(Order order, const Downlink& downlink, role::Effects& effects);
  /// Sends the node's order once more if it is still unanswered: a node whose loss nobody noticed
  /// may not have it. By its number the node recognises an order that it has.
  void order_again(NodeId node, role::Effects& effects);
  /// The node does not hold what its order starts from: sends it the model whole.
  void no_base(NodeId node, std::uint32_t dispatch, role::Effects& effects);
  /// The node's order, or null.
  Order* find(NodeId node);
  const std::map<NodeId, Order>& all() const { return orders_; }
  std::uint32_t size() const { return static_cast<std::uint32_t>(orders_.size()); }
  /// Orders still unanswered.
  std::uint32_t open() const { return open_; }
  std::vector<NodeId> unanswered() const;

  /// The node, which has an order, has sent its update.
  void answered(NodeId node, SimTime now);
  /// Nothing will come of the node's order, which must exist: tells the selector, counts it as
  /// `outcome` and removes it.
  void lose(NodeId node, Outcome::Fate fate, const std::string& outcome, SimTime now);
  /// Nothing has come of the node's order, which must exist, and nobody waits for it any more: the
  /// same, and counts it as lost until its update comes after all.
  void give_up(NodeId node, SimTime now);
  /// Removes the node's order, if it has one.
  void erase(NodeId node);
  void clear();

  /// Tells a node that its update is not taken, and counts it.
  void refuse(NodeId node, Round round, Refusal why, role::Effects& effects);
  /// The same for an update that may be that of an order which was counted as lost. Such an order
  /// counts as late instead, and the update as nothing else.
  void refuse(NodeId node, const Update& update, Refusal why, role::Effects& effects);

  template <class A>
  void archive(A& a) {
    a(orders_, open_, held_, missing_);
  }

 private:
  /// An order of which nothing came before it was counted as lost.
  struct Missing {
    std::uint32_t dispatch = 0;
    Exchange exchange;
    bool operator==(const Missing&) const = default;
    template <class A>
    void archive(A& a) {
      a(dispatch, exchange);
    }
  };
  /// How many are remembered of a node: the newest. An older one hardly comes any more.
  static constexpr std::size_t kMostMissing = 8;
  bool was_missing(NodeId node, const Missing& order);
  void tell_refused(NodeId node, Round round, Refusal why, role::Effects& effects);
  void send(const Order& order, std::uint64_t base, std::vector<role::PayloadRef> payloads,
            role::Effects& effects);

  const Federation& federation_;
  Membership& membership_;
  Traffic& traffic_;
  UpdateLedger& ledger_;
  Selector& selector_;
  std::map<NodeId, Order> orders_;
  std::uint32_t open_ = 0;
  std::map<NodeId, std::uint64_t> held_;  // versions of the downlink; only if changes are sent
  std::map<NodeId, std::vector<Missing>> missing_;  // in the order of time
};

}  // namespace skerry::parts
