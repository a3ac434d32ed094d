#pragma once

#include <cstddef>
#include <cstdint>
#include <tuple>

#include "algorithms/sdk/ids.hpp"
#include "algorithms/sdk/time.hpp"

namespace skerry::sim {

/// What goes first at equal times. A fault strikes before a message arrives, an update that arrives
/// or finishes exactly at the deadline still counts, and an evaluation sees everything of its
/// instant.
enum class Priority : std::uint8_t {
  fault,
  delivery,  // message, request, samples, operator command
  job_finished,
  timer,
  evaluation,
};
inline constexpr std::size_t kPriorities = 5;

/// One thing that will happen, as plain data: it can be counted, hashed, saved and replayed.
/// What `kind`, `a` and `b` mean is up to whoever pushes and pops; `b` is usually a generation (see
/// alarm.hpp), by which an event that was superseded is recognised and dropped.
struct Event {
  SimTime time;
  std::uint64_t sequence = 0;  // given by the queue: how many events were pushed before
  NodeId node;
  std::uint32_t a = 0;
  std::uint32_t b = 0;
  std::uint16_t kind = 0;
  Priority priority = Priority::timer;

  bool operator==(const Event&) const = default;

  template <class A>
  void archive(A& ar) {
    ar(time, sequence, node, a, b, kind, priority);
  }
};
static_assert(sizeof(Event) == 32, "two events share a cache line");

/// The order in which events happen: time, then priority, then the order in which they were pushed.
inline bool happens_before(const Event& x, const Event& y) {
  return std::tie(x.time, x.priority, x.sequence) < std::tie(y.time, y.priority, y.sequence);
}

}  // namespace skerry::sim
