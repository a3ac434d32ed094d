#pragma once

#include <memory>

#include "algorithms/sdk/random.hpp"
#include "algorithms/sdk/registry.hpp"
#include "sim/availability.hpp"
#include "sim/rate.hpp"
#include "sim/world_config.hpp"

namespace skerry::sim {

/// The model that a configuration describes. Errors: what is wrong with a trace, line by line.
Result<std::unique_ptr<Availability>> make_availability(const AvailabilityConfig& config,
                                                        std::uint32_t edges, std::uint64_t seed);

/// The world of one run: which device and link every node has, who attacks. Computed from the seed,
/// so that a million edges cost nothing.
class World {
 public:
  World(const WorldConfig& config, std::uint32_t edges, std::uint64_t seed);

  const WorldConfig& config() const { return config_; }
  std::uint32_t edges() const { return edges_; }
  std::uint64_t seed() const { return seed_; }

  const EdgeProfile& profile(NodeId edge) const;
  const DeviceConfig& device(NodeId node) const;
  Rate cap(NodeId edge, bool up) const;
  Rate shared(bool up) const;
  /// Whether the fate of an edge's message depends on how many there were before.
  bool tells_messages_apart() const;
  /// Delay of the m-th message of an edge in one direction.
  Duration latency(NodeId edge, bool up, std::uint64_t message) const;
  /// Whether the node is malicious.
  bool attacks(NodeId node) const;
  /// Whether malicious nodes falsify the updates that they make at that time.
  bool attacked_at(SimTime now) const;
  std::uint32_t attackers() const;

 private:
  WorldConfig config_;
  std::uint32_t edges_;
  std::uint64_t seed_;
  KeyedPermutation order_;  // edge -> place among the shares
  KeyedPermutation attack_order_;
  std::vector<std::uint32_t> bounds_;  // places of profile i end here
  std::vector<NodeId> named_attackers_;
};

}  // namespace skerry::sim
