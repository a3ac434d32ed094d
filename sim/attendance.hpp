#pragma once

#include <memory>

#include "algorithms/sdk/node_set.hpp"
#include "scenarios/role/presence.hpp"
#include "sim/availability.hpp"
#include "sim/event_queue.hpp"

namespace skerry::sim {

/// Which edges are available now, and whose comings and goings are events of the run: those that
/// are *followed*.
///
/// Where the cloud is told of everybody, all are followed. Where it asks (role::Presence), an edge
/// is followed from the first message to it until it is back from an absence and nothing is under
/// way there. So a population costs what its cohorts cost.
class Attendance final : public role::Presence {
 public:
  /// @param detection  how long the cloud does not notice that an edge left.
  /// @param clock      what time it is; outlives this object.
  Attendance(std::unique_ptr<Availability> availability, std::uint32_t edges, Duration detection,
             const EventQueue& clock)
      : availability_(std::move(availability)),
        edges_(edges),
        detection_(detection),
        clock_(clock) {}

  Availability::State state(NodeId edge) const { return availability_->at(edge, clock_.now()); }
  bool available(NodeId edge) const { return state(edge).available; }
  /// When the cloud notices, or noticed, that an edge left that is not available: at once where it
  /// was away when the run began.
  SimTime noticed(NodeId edge) const;

  bool absent(NodeId edge) const override;
  SimTime next_return() const override;

  /// True if it was not followed before.
  bool follow(NodeId edge) { return followed_.insert(edge); }
  void let_go(NodeId edge) { followed_.erase(edge); }

  template <class A>
  void archive(A& a) {
    a(followed_);
  }

 private:
  std::unique_ptr<Availability> availability_;
  std::uint32_t edges_;
  Duration detection_;
  const EventQueue& clock_;
  NodeSet followed_;
};

}  // namespace skerry::sim
