#pragma once

#include <cstdint>
#include <vector>

#include "sim/availability.hpp"

namespace skerry::sim {

/// Edges that come and go independently: spells of availability and of absence alternate, each
/// exponentially distributed with its mean. The run starts in the steady state, where an edge is
/// available with probability
///     mean_on / (mean_on + mean_off).
/// Spell s of an edge is drawn from the stream (seed, "availability", edge, s).
/// Cost: one draw per spell that has begun since the last question; 24 bytes an edge.
class OnOff final : public Availability {
 public:
  struct Config {
    Duration mean_on;   // 1 ns ... 2^56 ns, two years
    Duration mean_off;  // likewise
  };
  OnOff(const Config& config, std::uint64_t seed, std::uint32_t edges);

  State at(NodeId edge, SimTime now) override;
  SimTime away_since(NodeId edge, SimTime now) override;

 private:
  struct Spell {
    SimTime since;
    SimTime until;             // the first spell follows on an empty one at the start of the run
    std::uint32_t number = 0;  // 0: none drawn yet
    bool available = false;
  };
  const Spell& spell_at(NodeId edge, SimTime now);
  void draw_next(NodeId edge, Spell& spell) const;

  Config config_;
  std::uint64_t seed_;
  std::vector<Spell> spells_;  // the last one drawn, by edge
};

}  // namespace skerry::sim
