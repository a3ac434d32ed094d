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

/// The data that a peer computes on, as the peer states it.
struct Site {
  std::uint64_t data_hash = 0;
  bool own = false;  // other data than the scenario's
  template <class A>
  void archive(A& a) {
    a(data_hash, own);
  }
};

/// What a peer says about the messages of an epoch.
struct Counted {
  std::uint64_t received = 0;  // number of the last one taken
  std::uint64_t first = 0;     // of the oldest one that it can send again, else of the next
  std::uint64_t sent = 0;      // of the last one it made
};

/// A node's side of the link to one peer. It outlives connections and, where there is a state
/// folder, processes: messages are numbered within an epoch, kept until the peer has acknowledged
/// them, and sent again after a reconnection, so that each is taken once. A new epoch begins when
/// either end has forgotten the old one (or a part of it: its state was restored from an older
/// copy) or was away for too long; then what was on its way is lost.
struct Link {
  bool joined = false;
  std::uint64_t incarnation = 0;      // of the peer's process or state folder
  std::vector<std::uint64_t> fenced;  // earlier incarnations, which a newer one replaced
  std::uint64_t epoch = 0;
  std::uint64_t received = 0;  // number of the last message taken
  std::uint64_t sent = 0;      // number of the last message sent
  std::vector<std::pair<std::uint64_t, role::Message>> unacknowledged;
  Site site;

  // Not saved.
  bool answered = true;              // it has sent something since it was last sent something
  std::shared_ptr<Channel> channel;  // a connection belongs to a process
  std::chrono::steady_clock::time_point disconnected = std::chrono::steady_clock::now();

  /// The peer has everything up to that number.
  void acknowledged(std::uint64_t number) {
    std::erase_if(unacknowledged, [&](const auto& entry) { return entry.first <= number; });
  }
  /// Whether both ends can go on with the epoch: each can send again all that the other lacks, and
  /// neither has taken what the other does not know of.
  bool fits(const Counted& peer) const {
    const std::uint64_t kept = unacknowledged.empty() ? sent + 1 : unacknowledged.front().first;
    return peer.received <= sent && peer.received + 1 >= kept && peer.first <= received + 1 &&
           received <= peer.sent;
  }
  /// Whether a peer that comes back names an epoch, or messages of it, that this end does not know:
  /// this end's state was restored from an older copy, or the peer's was.
  bool contradicts(std::uint64_t peers_epoch, const Counted& peer) const {
    return peers_epoch > epoch || (peers_epoch == epoch && joined && !fits(peer));
  }
  /// This end's own numbers.
  Counted counted() const {
    return {received, unacknowledged.empty() ? sent + 1 : unacknowledged.front().first, sent};
  }
  /// The number of an epoch that neither end has had. A peer's number far above this end's own is
  /// ignored.
  std::uint64_t next_epoch(std::uint64_t peers) const {
    constexpr std::uint64_t kFar = std::uint64_t{1} << 32;
    return (peers > epoch && peers - epoch < kFar ? peers : epoch) + 1;
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
    a(joined, incarnation, fenced, epoch, received, sent, unacknowledged, site);
  }
};

/// What the journal notes with an input, so that links, and the reading of what a node watches, can
/// be restored with the role.
struct LinkNote {
  enum class Kind : std::uint8_t { kNone, kMessage, kJoined, kWatched };
  Kind kind = Kind::kNone;
  NodeId peer;
  std::uint64_t number = 0;       // of the message | epoch
  std::uint64_t incarnation = 0;  // of the peer that joined
  Site site = {};                 // of the peer that joined
  ByteVector place = {};          // watched: how far the reading has come

  template <class A>
  void archive(A& a) {
    a(kind, peer, number, incarnation, site, place);
  }
};

}  // namespace skerry::real
