#include "sim/attendance.hpp"

#include <algorithm>

namespace skerry::sim {

SimTime Attendance::noticed(NodeId edge) const {
  const SimTime left = availability_->away_since(edge, clock_.now());
  return left == SimTime() ? left : change_in(left, detection_);
}

bool Attendance::absent(NodeId edge) const {
  return !available(edge) && noticed(edge) <= clock_.now();
}

SimTime Attendance::next_return() const {
  SimTime next = SimTime::never();
  for (std::uint32_t i = 0; i < edges_; ++i) {
    const Availability::State now = state(NodeId::edge(i));
    if (!now.available) next = std::min(next, now.until);
  }
  return next;
}

}  // namespace skerry::sim
