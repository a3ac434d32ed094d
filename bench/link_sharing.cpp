// A crowd of flows of constant size on one bottleneck: each that finishes is followed by a new one.
// Measured in changes a second; an arrival and a departure are two.
#include <benchmark/benchmark.h>

#include <cmath>
#include <cstdint>

#include "sim/shared_link.hpp"

namespace skerry::sim {
namespace {

enum class Caps { none, all_different, five_classes };

constexpr double kMeanCap = 1.25e6;

class Flows {
 public:
  explicit Flows(Caps caps) : caps_(caps) {}

  SharedLink::Flow next() {
    const auto bytes = static_cast<std::int64_t>(1e5 + 1e6 * uniform());
    return {.id = next_id_++, .bytes = bytes, .cap = cap()};
  }

 private:
  Rate cap() {
    constexpr std::int64_t kClasses[] = {250'000, 600'000, 1'250'000, 6'000'000, 12'000'000};
    switch (caps_) {
      case Caps::none:
        return Rate::unlimited();
      case Caps::five_classes:
        return Rate::bytes_per_second(kClasses[bits() % 5]);
      case Caps::all_different:
        break;
    }
    // Lognormal, by the Box-Muller transform.
    const double normal = std::sqrt(-2 * std::log(uniform())) * std::cos(6.283185307 * uniform());
    return Rate::bytes_per_second(static_cast<std::int64_t>(kMeanCap * std::exp(normal)));
  }
  std::uint64_t bits() {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 7;
    state_ ^= state_ << 17;
    return state_;
  }
  double uniform() { return static_cast<double>((bits() >> 11) + 1) * 0x1p-53; }

  Caps caps_;
  FlowId next_id_ = 0;
  std::uint64_t state_ = 88172645463325252u;
};

void changes(benchmark::State& state, Caps caps) {
  Flows flows(caps);
  const std::int64_t count = state.range(0);
  SharedLink link(Rate::bytes_per_second(count * static_cast<std::int64_t>(0.9 * kMeanCap)));
  for (std::int64_t i = 0; i < count; ++i) link.add(flows.next(), SimTime());
  std::int64_t done = 0;
  for (auto _ : state) {
    const SimTime now = link.next_finish();
    for (std::size_t n = link.take_finished(now).size(); n > 0; --n) {
      link.add(flows.next(), now);
      done += 2;
    }
  }
  state.SetItemsProcessed(done);
}
BENCHMARK_CAPTURE(changes, no_caps, Caps::none)->Arg(100)->Arg(10'000);
BENCHMARK_CAPTURE(changes, five_caps, Caps::five_classes)->Arg(100)->Arg(10'000);
BENCHMARK_CAPTURE(changes, all_caps_different, Caps::all_different)->Arg(100)->Arg(10'000);

}  // namespace
}  // namespace skerry::sim
