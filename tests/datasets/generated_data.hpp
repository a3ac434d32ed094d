#pragma once

#include <numeric>

#include "datasets/data_source.hpp"
#include "tests/catch.hpp"
#include "tests/datasets/plugins.hpp"

namespace skerry::datasets {

/// What a generated source gives for parameters as a scenario has them.
inline DataSet load_generated(const std::string& name, const ConfigNode::Object& parameters,
                              std::uint64_t seed = 1) {
  const Registry registry = all_plugins();
  auto data = registry.make(choose<DataSource>(registry, name, parameters))->load({.seed = seed});
  REQUIRE(data.message() == "");
  return std::move(*data);
}

struct Contents {
  std::vector<float> inputs;
  std::vector<std::int32_t> labels;
  std::vector<float> targets;
  bool operator==(const Contents&) const = default;
};

inline Contents contents(const Samples& samples) {
  std::vector<std::uint32_t> rows(samples.size());
  std::iota(rows.begin(), rows.end(), 0u);
  Contents all{std::vector<float>(rows.size() * samples.schema().input_size()),
               std::vector<std::int32_t>(rows.size()),
               std::vector<float>(rows.size() * samples.schema().values)};
  samples.inputs(rows, all.inputs);
  samples.labels(rows, all.labels);
  if (!all.targets.empty()) samples.targets(rows, all.targets);
  return all;
}

}  // namespace skerry::datasets
