#pragma once

#include <string>

#include "sim/poisoned_data.hpp"
#include "sim/simulation.hpp"
#include "tests/scenarios/staged_scenario.hpp"

namespace skerry::role {

/// A scenario with its simulated world, and the data as that world's attackers leave it.
struct SimulatedScenario {
  std::shared_ptr<const sim::World> world;
  StagedScenario staged;

  SimulatedScenario(const std::string& text, const std::string& changes = "{}")
      : staged(text, changes, [this](StagedScenario& before) {
          world = world_of(before);
          Problems problems;
          before.data = sim::poisoned(before.data, world, before.registry, problems);
          REQUIRE(problems.text("") == "");
        }) {}

  std::unique_ptr<sim::Simulation> simulation(unsigned threads = 1) const {
    return std::make_unique<sim::Simulation>(*staged.paradigm, *world, staged.registry,
                                             sim::Simulation::Options{.threads = threads});
  }
  host::RunRecord run(unsigned threads = 1) const {
    const auto made = simulation(threads);
    made->start();
    REQUIRE(made->run());
    return made->record();
  }

 private:
  static std::shared_ptr<const sim::World> world_of(const StagedScenario& staged) {
    Problems problems;
    sim::WorldConfig config;
    FieldReader(staged.registry, problems).read(staged.scenario.world, config, "/world");
    sim::check_world(config, staged.scenario.nodes.edges, problems);
    REQUIRE(problems.text("") == "");
    return std::make_shared<sim::World>(config, staged.scenario.nodes.edges,
                                        staged.scenario.world_seed());
  }
};

/// Every value of a metric in a record, in order.
inline std::vector<double> values(const host::RunRecord& record, std::string_view name) {
  std::vector<double> found;
  for (const host::MetricRow& row : record.metrics) {
    if (row.name == name) found.push_back(row.value);
  }
  return found;
}

}  // namespace skerry::role
