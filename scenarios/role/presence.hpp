#pragma once

#include "algorithms/sdk/ids.hpp"
#include "algorithms/sdk/time.hpp"

namespace skerry::role {

/// Which edges the cloud can reach, at the time of the input that brings it (Input::presence).
///
/// A simulated population comes and goes as its seed says. Announcing every change would cost
/// edges x virtual time, so a paradigm may ask instead (Paradigm::asks_who_is_there()): only the
/// comings and goings of edges that messages were sent to are announced then. Answers depend on the
/// world, the edge and the time alone.
class Presence {
 public:
  virtual ~Presence() = default;
  /// Whether the cloud has noticed that the edge is not available. Crashes and partitions are
  /// announced, and no part of this. Cost: O(1).
  virtual bool absent(NodeId edge) const = 0;
  /// When the first of the edges that are absent comes back; never() where none does. Cost:
  /// O(edges).
  virtual SimTime next_return() const = 0;
};

}  // namespace skerry::role
