#pragma once

#include <cstdint>
#include <optional>

#include "algorithms/sdk/time.hpp"

namespace skerry::sim {

/// The one pending event of something whose next event can move: a link, a device, a timer.
///
/// An event queue cannot take an event back. So each event carries the generation it was pushed
/// with, moving it means pushing another with the next generation, and an event of an old
/// generation is dropped when popped.
class Alarm {
 public:
  Alarm() = default;
  /// Nothing pending; goes on counting where another with nothing pending left off.
  explicit Alarm(std::uint32_t generation) : generation_(generation) {}

  /// Sets the time of the event; never() cancels it.
  /// Returns the generation to push an event with, or nothing when the event pending is still
  /// right.
  std::optional<std::uint32_t> set(SimTime when) {
    if (when == when_) return std::nullopt;
    when_ = when;
    ++generation_;
    return when == SimTime::never() ? std::nullopt : std::optional(generation_);
  }

  /// To be called for each event popped: true for the one pending, which is then no longer pending;
  /// false for one that was superseded.
  bool rings(std::uint32_t generation) {
    if (generation != generation_ || when_ == SimTime::never()) return false;
    when_ = SimTime::never();
    return true;
  }

  SimTime when() const { return when_; }
  std::uint32_t generation() const { return generation_; }

  template <class A>
  void archive(A& a) {
    a(when_, generation_);
  }

 private:
  SimTime when_ = SimTime::never();
  std::uint32_t generation_ = 0;
};

}  // namespace skerry::sim
