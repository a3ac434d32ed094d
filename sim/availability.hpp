#pragma once

#include "algorithms/sdk/ids.hpp"
#include "algorithms/sdk/time.hpp"

namespace skerry::sim {

/// When each edge can be reached: one model for a whole population. (The cloud can always be.)
///
/// A model is a pure function of its configuration, seed, edge and time. What it remembers about an
/// edge only makes the next answer faster, so nothing has to be saved: a new model answers the
/// same.
class Availability {
 public:
  virtual ~Availability() = default;

  struct State {
    bool available = true;
    /// When this next changes; never() if it does not. Always later than the time asked for.
    SimTime until = SimTime::never();

    bool operator==(const State&) const = default;
  };
  /// The state of an edge. For each edge, times must not run backwards from call to call.
  virtual State at(NodeId edge, SimTime now) = 0;
  /// Since when an edge is away that is not available now; the start of the run where it was away
  /// then. Times as for at().
  virtual SimTime away_since(NodeId edge, SimTime now) = 0;
};

/// Every edge, always.
class AlwaysAvailable final : public Availability {
 public:
  State at(NodeId, SimTime) override { return {}; }
  SimTime away_since(NodeId, SimTime now) override { return now; }
};

/// A change `after` now: never() when that lies beyond the end of time.
constexpr SimTime change_in(SimTime now, Duration after) {
  return after >= SimTime::never() - now ? SimTime::never() : now + after;
}

}  // namespace skerry::sim
