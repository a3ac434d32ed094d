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
/// What must not make a difference.
struct How {
  unsigned threads = 1;
  /// Saves the run after every round and goes on with a new simulation that loads it.
  bool saved_every_round = false;
  /// Looks at the run whenever the cloud has recorded metrics.
  std::function<void(sim::Simulation&)> each_step = {};
};

/// Simulates a small federated scenario: six edges that all train on a convex quadratic with twelve
/// parameters in every round, their data apart from each other. `changes` are JSON documents that
/// are merged over it one after another; whatever is wrong with the outcome fails the test.
host::RunRecord simulated(const std::vector<std::string>& changes = {}, const How& how = {});

/// The last value of a metric; its absence fails the test.
double last(const host::RunRecord& run, std::string_view metric);
/// The final model.
std::vector<float> final_model(const host::RunRecord& run);
/// Largest difference of two vectors.
double distance(const std::vector<float>& a, const std::vector<float>& b);

}  // namespace skerry
