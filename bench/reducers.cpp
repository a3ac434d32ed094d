// The mathematics of one server step: gathering rules on updates of W1's model. (Linear rules are
// the exact sum: see exact_sum.cpp.)
#include <benchmark/benchmark.h>

#include <vector>

#include "algorithms/sdk/plugin.hpp"
#include "algorithms/sdk/random.hpp"
#include "algorithms/sdk/reducer.hpp"

namespace skerry {
namespace {

constexpr std::size_t kParameters = 199'210;

void gather(benchmark::State& state, const char* rule) {
  Registry registry;
  if (!registry.add(binary_local::head)) return state.SkipWithError("plugins clash");
  Choice<Reducer> choice{.name = rule};
  const auto reducer = registry.make(choice);
  const auto updates = static_cast<std::size_t>(state.range(0));
  RandomStream random(1, "bench/updates");
  std::vector<std::vector<float>> values(updates, std::vector<float>(kParameters));
  std::vector<std::span<const float>> views;
  for (auto& update : values) {
    for (float& value : update) value = static_cast<float>(random.uniform() - 0.5);
    views.emplace_back(update);
  }
  const std::vector<UpdateInfo> infos(updates);
  std::vector<float> out(kParameters);
  for (auto _ : state) {
    reducer->gather(views, infos, out);
    benchmark::DoNotOptimize(out.data());
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(updates * kParameters));
}
BENCHMARK_CAPTURE(gather, median, "median")->Arg(10)->Arg(50);

}  // namespace
}  // namespace skerry
