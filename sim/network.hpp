#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <vector>

#include "sim/alarm.hpp"
#include "sim/shared_link.hpp"
#include "sim/world.hpp"

namespace skerry::sim {

enum class Way : std::uint8_t { kUp, kDown };  // edge to cloud, cloud to edge

/// One message on an edge's link.
struct Transfer {
  std::uint32_t message = 0;  // the simulation's own number for it
  NodeId edge;
  std::int64_t bytes = 0;
  SimTime began;  // when its first byte left

  template <class A>
  void archive(A& a) {
    a(message, edge, bytes, began);
  }
};

/// Everything between cloud and edges. Each edge's link carries one message at a time each way, in
/// the order of sending; all links meet in the cloud's, which is shared max-min fairly.
class Network {
 public:
  explicit Network(const World& world);

  void send(Way way, Transfer transfer, SimTime now);
  /// Takes off the messages that have passed; the next ones on their links set out.
  std::vector<Transfer> take_finished(Way way, SimTime now);
  /// When the next message has passed.
  SimTime next_finish(Way way) const { return side(way).link.next_finish(); }
  Alarm& alarm(Way way) { return side(way).alarm; }
  /// What was on an edge's link, or waited for it, when that broke.
  struct Dropped {
    std::vector<std::uint32_t> messages;  // their numbers
    std::int64_t sent = 0;                // bytes of the first one that had passed
    Duration sending;                     // how long it had been on the link
  };
  Dropped drop(Way way, NodeId edge, SimTime now);

  void save(ByteWriter& writer) const;
  void load(ByteReader& reader);

 private:
  struct Side {
    SharedLink link;
    Alarm alarm;
    std::map<NodeId, std::vector<Transfer>> queues;  // the first of each is on the link
  };
  Side& side(Way way) { return sides_[static_cast<std::size_t>(way)]; }
  const Side& side(Way way) const { return sides_[static_cast<std::size_t>(way)]; }
  void set_out(Way way, Transfer& transfer, SimTime now);

  const World& world_;
  std::array<Side, 2> sides_;
};

}  // namespace skerry::sim
