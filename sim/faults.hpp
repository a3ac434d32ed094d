#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "algorithms/sdk/ids.hpp"
#include "algorithms/sdk/time.hpp"

namespace skerry::sim {

// Faults that strike machines at given times, as data. (Those of single messages:
// message_faults.hpp.)

/// The node loses its jobs and whatever it has not persisted, and stays down.
struct Crash {
  NodeId node;
  SimTime at;

  template <class A>
  void archive(A& a) {
    a(node, at);
  }
};

/// The node comes back from what it has persisted. Nothing happens if it is up; check_world()
/// refuses such a restart.
struct Restart {
  NodeId node;
  SimTime at;

  template <class A>
  void archive(A& a) {
    a(node, at);
  }
};

/// The node's computing takes `factor` times as long, from `at` up to `until`.
struct SlowDown {
  NodeId node;
  SimTime at;
  SimTime until;
  double factor = 1;

  template <class A>
  void archive(A& a) {
    a(node, at, until, factor);
  }
};

/// Nothing passes between these nodes and all others, from `at` up to `until`. They still reach
/// each other. Naming one side or the other means the same.
struct Partition {
  std::vector<NodeId> nodes;
  SimTime at;
  SimTime until;

  template <class A>
  void archive(A& a) {
    a(nodes, at, until);
  }
};

using Fault = std::variant<Crash, Restart, SlowDown, Partition>;

/// What is wrong with a fault that a user described, for a run with this many edges; nothing if it
/// is sound.
std::optional<std::string> problem_of(const Fault& fault, std::uint32_t edges);

/// The edges that the partition keeps from the cloud, ascending.
std::vector<NodeId> cut_off_by(const Partition& partition, std::uint32_t edges);

/// Something to do because of a fault. Crashes and restarts only begin.
struct FaultMoment {
  SimTime at;
  std::uint32_t fault = 0;  // index in the list of faults
  bool begins = true;

  bool operator==(const FaultMoment&) const = default;
};

/// All moments of the faults in the order of time. What ends goes before what begins at the same
/// time, then the order of the list decides.
std::vector<FaultMoment> timeline_of(std::span<const Fault> faults);

/// The slow-downs and partitions in force.
class FaultsInForce {
 public:
  void begin(const SlowDown& fault) { slow_downs_.push_back(fault); }
  void begin(const Partition& fault);
  /// Forgets what ends at or before now.
  void end_until(SimTime now);

  /// How many times as long the node's computing takes: the product over its slow-downs, 1 when
  /// there is none.
  double slow_down(NodeId node) const;
  /// Whether a partition keeps the two nodes from each other.
  bool separated(NodeId one, NodeId other) const;

  template <class A>
  void archive(A& a) {
    a(slow_downs_, partitions_);
  }

 private:
  std::vector<SlowDown> slow_downs_;
  std::vector<Partition> partitions_;  // nodes sorted
};

}  // namespace skerry::sim
