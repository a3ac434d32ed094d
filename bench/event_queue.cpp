// PHOLD: every event popped pushes one more, an exponential delay later, so the number pending
// stays fixed. [Fujimoto 1990] Measured in events a second (one pop and one push).
#include "sim/event_queue.hpp"

#include <benchmark/benchmark.h>

#include <cmath>
#include <cstdint>
#include <queue>
#include <vector>

namespace skerry::sim {
namespace {

/// Exponential delays with a mean of one second, drawn beforehand so that only the queue is
/// measured.
class Delays {
 public:
  Delays() : delays_(kDelays) {
    std::uint64_t state = 88172645463325252u;
    for (Duration& delay : delays_) {
      state ^= state << 13;
      state ^= state >> 7;
      state ^= state << 17;
      const double uniform = static_cast<double>((state >> 11) + 1) * 0x1p-53;
      delay = Duration::nanoseconds(static_cast<std::int64_t>(-std::log(uniform) * 1e9));
    }
  }
  Duration next() {
    ++drawn_;
    // A few extra nanoseconds keep the recurring table from making ties.
    return delays_[drawn_ % kDelays] +
           Duration::nanoseconds(static_cast<std::int64_t>(drawn_ % 1009));
  }

 private:
  static constexpr std::size_t kDelays = 1 << 16;
  std::vector<Duration> delays_;
  std::uint64_t drawn_ = 0;
};

struct Later {
  bool operator()(const Event& x, const Event& y) const { return happens_before(y, x); }
};

/// The yardstick: the standard library's binary heap over the same events.
class StandardQueue {
 public:
  void push(Event event) {
    event.sequence = next_sequence_++;
    heap_.push(event);
  }
  Event pop() {
    const Event event = heap_.top();
    heap_.pop();
    return event;
  }

 private:
  std::uint64_t next_sequence_ = 0;
  std::priority_queue<Event, std::vector<Event>, Later> heap_;
};

template <class Queue>
void phold(benchmark::State& state) {
  Delays delays;
  Queue queue;
  for (std::int64_t i = 0; i < state.range(0); ++i) {
    queue.push({.time = SimTime() + delays.next(), .a = static_cast<std::uint32_t>(i)});
  }
  for (auto _ : state) {
    Event event = queue.pop();
    event.time = event.time + delays.next();
    queue.push(event);
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK_TEMPLATE(phold, EventQueue)->Arg(10'000)->Arg(1'000'000)->Arg(10'000'000);
BENCHMARK_TEMPLATE(phold, StandardQueue)->Arg(10'000)->Arg(1'000'000)->Arg(10'000'000);

/// Rounds of n events at one instant: what a synchronous round with equal devices looks like.
void ties(benchmark::State& state) {
  EventQueue queue;
  std::int64_t round = 0;
  for (auto _ : state) {
    ++round;
    for (std::int64_t i = 0; i < state.range(0); ++i) {
      queue.push({.time = SimTime::at(Duration::seconds(round))});
    }
    while (!queue.empty()) benchmark::DoNotOptimize(queue.pop());
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(ties)->Arg(1'000'000);

}  // namespace
}  // namespace skerry::sim
