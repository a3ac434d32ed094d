#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "algorithms/sdk/ids.hpp"
#include "real/channel.hpp"
#include "scenarios/role/message.hpp"

namespace skerry::real {

/// What a node knows of the way to one peer. It outlives connections and, where there is a state
/// folder, processes: messages are numbered within an epoch, kept until the peer has acknowledged
/// them, and sent again after a reconnection, so that each is taken once. A new epoch begins when
/// either end has forgotten the old one or was away for too long; then what was on its way is lost.
struct Link {
  bool joined = false;
  std::uint64_t incarnation = 0;      // of the peer's process or state folder
  std::vector<std::uint64_t> fenced;  // earlier incarnations, which a newer one replaced
  std::uint64_t epoch = 0;
  std::uint64_t received = 0;  // number of the last message taken
  std::uint64_t sent = 0;      // number of the last message sent
  std::vector<std::pair<std::uint64_t, role::Message>> unacknowledged;

  // Not saved.
  bool answered = true;              // it has sent something since it was last sent something
  std::shared_ptr<Channel> channel;  // a connection belongs to a process
  std::chrono::steady_clock::time_point disconnected = std::chrono::steady_clock::now();

  /// The peer has everything up to that number.
  void acknowledged(std::uint64_t number) {
    std::erase_if(unacknowledged, [&](const auto& entry) { return entry.first <= number; });
  }
  /// A new epoch: nothing is on its way.
  void begin(std::uint64_t new_epoch) {
    epoch = new_epoch;
    received = sent = 0;
    answered = true;
    unacknowledged.clear();
    joined = true;
  }

  template <class A>
  void archive(A& a) {
    a(joined, incarnation, fenced, epoch, received, sent, unacknowledged);
  }
};

/// What the journal notes beside an input, so that links can be restored with the role.
struct LinkNote {
  enum class Kind : std::uint8_t { kNone, kMessage, kJoined };
  Kind kind = Kind::kNone;
  NodeId peer;
  std::uint64_t number = 0;       // of the message | epoch
  std::uint64_t incarnation = 0;  // of the peer that joined

  template <class A>
  void archive(A& a) {
    a(kind, peer, number, incarnation);
  }
};

}  // namespace skerry::real
