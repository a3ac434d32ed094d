#include "scenarios/parts/membership.hpp"

#include <algorithm>
#include <utility>

namespace skerry::parts {

void Membership::start(const role::Start& start) {
  edges_ = start.edges;
  all_joined_ = start.all_joined;
}

void Membership::joined(const role::PeerJoined& peer, role::Effects& effects) {
  if (!known(peer.node)) return;
  if (all_joined_) {
    absent_.erase(peer.node);
    return;
  }
  Note& note = joined_[peer.node];
  present_ += note.present ? 0 : 1;
  note = {true, peer.samples};
  auto held = held_.extract(peer.node);
  if (held.empty()) return;
  for (role::Message& message : held.mapped()) effects.send(std::move(message));
}

void Membership::lost(NodeId node) {
  if (!known(node)) return;
  if (all_joined_) {
    absent_.insert(node);
    return;
  }
  const auto note = joined_.find(node);
  if (note == joined_.end()) return;
  present_ -= note->second.present ? 1 : 0;
  note->second.present = false;
}

void Membership::set_busy(NodeId node, bool busy) {
  if (busy) {
    busy_.insert(node);
  } else {
    busy_.erase(node);
  }
}

bool Membership::send(role::Message message, role::Effects& effects) {
  if (present(message.to)) {
    effects.send(std::move(message));
    return true;
  }
  if (!known(message.to) || all_joined_ || joined_.contains(message.to)) return false;
  held_[message.to].push_back(std::move(message));
  return true;
}

bool Membership::present(NodeId node) const {
  if (!known(node)) return false;
  if (presence_ != nullptr && presence_->absent(node)) return false;
  if (all_joined_) return !absent_.contains(node);
  const auto note = joined_.find(node);
  return note != joined_.end() && note->second.present;
}

std::uint32_t Membership::present_at_most() const {
  return all_joined_ ? edges_ - static_cast<std::uint32_t>(absent_.size()) : present_;
}

std::uint32_t Membership::eligible_at_most() const {
  const auto busy =
      std::count_if(busy_.begin(), busy_.end(), [this](NodeId node) { return present(node); });
  return present_at_most() - static_cast<std::uint32_t>(busy);
}

bool Membership::has_present(std::uint32_t count) const {
  if (present_at_most() < count) return false;
  if (presence_ == nullptr) return true;
  std::uint32_t found = 0;
  for (std::uint32_t i = 0; i < edges_ && found < count; ++i) {
    found += present(NodeId::edge(i)) ? 1 : 0;
  }
  return found == count;
}

void Membership::wake_at_return(std::uint64_t timer, role::Effects& effects) const {
  if (presence_ == nullptr) return;
  const SimTime next = presence_->next_return();
  if (next != SimTime::never()) effects.set_timer(timer, next);
}

bool Membership::everybody_has_joined() const { return all_joined_ || joined_.size() == edges_; }

std::uint64_t Membership::samples(NodeId node) const {
  if (all_joined_) return data_.size(node, Split::kTrain);
  const auto known = joined_.find(node);
  return known == joined_.end() ? 0 : known->second.samples;
}

}  // namespace skerry::parts
