#include "scenarios/parts/dispatch.hpp"

#include <utility>

namespace skerry::parts {

namespace {

constexpr const char* kCountedLost = "lost";

}  // namespace

void Dispatch::order(Order order, const Downlink& downlink, role::Effects& effects) {
  const NodeId node = order.pick.node;
  erase(node);
  order.down = downlink.whole();
  order.version = downlink.version();
  orders_[node] = order;
  ++open_;
  const auto held = held_.find(node);
  if (held != held_.end()) {
    if (auto changes = downlink.since(held->second)) {
      return send(order, held->second, std::move(*changes), effects);
    }
  }
  send(order, 0, {order.down}, effects);
}

void Dispatch::send(const Order& order, std::uint64_t base, std::vector<role::PayloadRef> payloads,
                    role::Effects& effects) {
  const NodeId node = order.pick.node;
  const Channel& channel = federation_.channel();
  const TrainOrder body{.round = order.round,
                        .dispatch = order.dispatch,
                        .exchange = order.exchange,
                        .rate_scale = order.pick.rate_scale * federation_.rate_scale(order.round),
                        .epochs = order.pick.epochs,
                        .last_accepted = ledger_.last_accepted(node)};
  role::Message message =
      federation_.path().sends_changes()
          ? channel.message(NodeId::cloud(), node, RoundMessage::kTrainFrom,
                            TrainFrom{body, base, order.version}, std::move(payloads))
          : channel.message(NodeId::cloud(), node, RoundMessage::kTrain, body, std::move(payloads));
  traffic_.went_down(message);
  membership_.send(std::move(message), effects);
}

void Dispatch::order_again(NodeId node, role::Effects& effects) {
  held_.erase(node);
  const Order* order = find(node);
  if (order != nullptr && !order->answered) send(*order, 0, {order->down}, effects);
}

void Dispatch::no_base(NodeId node, std::uint32_t dispatch, role::Effects& effects) {
  held_.erase(node);
  const Order* order = find(node);
  if (order == nullptr || order->answered || order->dispatch != dispatch) return;
  send(*order, 0, {order->down}, effects);
}

Dispatch::Order* Dispatch::find(NodeId node) {
  const auto order = orders_.find(node);
  return order == orders_.end() ? nullptr : &order->second;
}

std::vector<NodeId> Dispatch::unanswered() const {
  std::vector<NodeId> nodes;
  for (const auto& [node, order] : orders_) {
    if (!order.answered) nodes.push_back(node);
  }
  return nodes;
}

void Dispatch::answered(NodeId node, SimTime now) {
  Order& order = orders_.at(node);
  order.answered = true;
  --open_;
  if (federation_.path().sends_changes()) held_[node] = order.version;
  ledger_.arrived(node, order.dispatch, now - order.asked);
}

void Dispatch::lose(NodeId node, Outcome::Fate fate, const std::string& outcome, SimTime now) {
  const Order& order = orders_.at(node);
  selector_.observe({.node = node,
                     .round = order.round,
                     .fate = fate,
                     .loss = 0,
                     .seconds = (now - order.asked).in_seconds()});
  ledger_.count(outcome);
  erase(node);
  membership_.set_busy(node, false);
}

void Dispatch::give_up(NodeId node, SimTime now) {
  const Order& order = orders_.at(node);
  std::vector<Missing>& missing = missing_[node];
  if (missing.size() == kMostMissing) missing.erase(missing.begin());
  missing.push_back({order.dispatch, order.exchange});
  lose(node, Outcome::Fate::kLost, kCountedLost, now);
}

bool Dispatch::was_missing(NodeId node, const Missing& order) {
  const auto missing = missing_.find(node);
  if (missing == missing_.end() || std::erase(missing->second, order) == 0) return false;
  if (missing->second.empty()) missing_.erase(missing);
  return true;
}

void Dispatch::erase(NodeId node) {
  const auto order = orders_.find(node);
  if (order == orders_.end()) return;
  open_ -= order->second.answered ? 0 : 1;
  orders_.erase(order);
}

void Dispatch::clear() {
  orders_.clear();
  open_ = 0;
}

void Dispatch::refuse(NodeId node, Round round, Refusal why, role::Effects& effects) {
  ledger_.count("refused/" + std::string(to_string(why)));
  tell_refused(node, round, why, effects);
}

void Dispatch::refuse(NodeId node, const Update& update, Refusal why, role::Effects& effects) {
  if (!was_missing(node, {update.dispatch, update.exchange})) {
    return refuse(node, update.round, why, effects);
  }
  ledger_.recount(kCountedLost, "late");
  tell_refused(node, update.round, why, effects);
}

void Dispatch::tell_refused(NodeId node, Round round, Refusal why, role::Effects& effects) {
  role::Message message = federation_.channel().message(
      NodeId::cloud(), node, RoundMessage::kRefused, Refused{round, why});
  traffic_.went_down(message);
  membership_.send(std::move(message), effects);
}

}  // namespace skerry::parts
