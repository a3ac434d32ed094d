#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "algorithms/sdk/config_node.hpp"
#include "scenarios/host/run_record.hpp"
#include "tests/algorithms/plugins.hpp"

namespace skerry {

namespace sim {
class Simulation;
}
/// Variations that must not change the result.
struct How {
  unsigned threads = 1;
  /// Saves the run after every round and continues with a new simulation that loads it.
  bool saved_every_round = false;
  /// Called whenever the cloud has recorded metrics.
  std::function<void(sim::Simulation&)> each_step = {};
};

/// Simulates a small federated scenario: in every round six edges with different data train on a
/// convex quadratic with twelve parameters. `changes` are JSON documents that are merged over the
/// scenario one after another. Any problem fails the test.
host::RunRecord simulated(const std::vector<std::string>& changes = {}, const How& how = {});

/// The last value of a metric; its absence fails the test.
double last(const host::RunRecord& run, std::string_view metric);
/// The final model.
std::vector<float> final_model(const host::RunRecord& run);
/// Largest difference of two vectors.
double distance(const std::vector<float>& a, const std::vector<float>& b);

}  // namespace skerry
