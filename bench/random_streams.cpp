// What a draw costs, and what a point of a permutation that is never stored costs.
#include <benchmark/benchmark.h>

#include <vector>

#include "algorithms/sdk/elementary.hpp"
#include "algorithms/sdk/random.hpp"

namespace {

using skerry::RandomStream;

template <class Draw>
void draws(benchmark::State& state, Draw draw) {
  RandomStream stream(1, "bench");
  for (auto _ : state) benchmark::DoNotOptimize(draw(stream));
}

void open_stream(benchmark::State& state) {
  std::uint32_t node = 0;
  for (auto _ : state) {
    RandomStream stream(1, "bench/open", skerry::NodeId::edge(++node % 1'000'000), 7);
    benchmark::DoNotOptimize(stream.bits32());
  }
}

void shuffle(benchmark::State& state) {
  RandomStream stream(1, "bench");
  std::vector<std::uint32_t> values(static_cast<std::size_t>(state.range(0)));
  for (auto _ : state) {
    stream.shuffle(std::span(values));
    benchmark::ClobberMemory();
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}

void keyed_permutation(benchmark::State& state) {
  const auto size = static_cast<std::uint64_t>(state.range(0));
  const skerry::KeyedPermutation permutation(1, "bench", size);
  std::uint64_t index = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(permutation(index));
    if (++index == size) index = 0;
  }
}

// Refilled each time, so that the arguments stay the same.
template <class Function>
void over_span(benchmark::State& state, Function function) {
  RandomStream stream(1, "bench");
  std::vector<float> arguments(4096), values;
  for (float& x : arguments) x = static_cast<float>(stream.uniform() * 8 + 0.01);
  for (auto _ : state) {
    values = arguments;
    function(std::span<float>(values));
    benchmark::DoNotOptimize(values.data());
  }
  state.SetItemsProcessed(state.iterations() * 4096);
}

BENCHMARK(open_stream);
BENCHMARK_CAPTURE(draws, bits32, [](RandomStream& s) { return s.bits32(); });
BENCHMARK_CAPTURE(draws, uniform, [](RandomStream& s) { return s.uniform(); });
BENCHMARK_CAPTURE(draws, below, [](RandomStream& s) { return s.below(60'000); });
BENCHMARK_CAPTURE(draws, normal, [](RandomStream& s) { return s.normal(); });
BENCHMARK_CAPTURE(draws, exponential, [](RandomStream& s) { return s.exponential(); });
BENCHMARK_CAPTURE(draws, gamma_small, [](RandomStream& s) { return s.gamma(0.3); });
BENCHMARK_CAPTURE(draws, gamma_large, [](RandomStream& s) { return s.gamma(3); });
BENCHMARK(shuffle)->Arg(600)->Arg(60'000);
BENCHMARK(keyed_permutation)->Arg(1000)->Arg(60'000)->Arg(1'000'000'000);
BENCHMARK_CAPTURE(over_span, exp, [](std::span<float> v) { skerry::exp_f32(v); });
BENCHMARK_CAPTURE(over_span, log, [](std::span<float> v) { skerry::log_f32(v); });
BENCHMARK_CAPTURE(over_span, tanh, [](std::span<float> v) { skerry::tanh_f32(v); });

}  // namespace
