#include "tests/simulated_run.hpp"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <memory>

#include "datasets/node_data.hpp"
#include "scenarios/host/checkpoint.hpp"
#include "scenarios/schema/json.hpp"
#include "scenarios/schema/scenario.hpp"
#include "sim/poisoned_data.hpp"
#include "sim/simulation.hpp"

namespace skerry {

namespace {

constexpr std::string_view kScenario = R"({
  "version": 1, "name": "probe", "paradigm": "federated", "seed": 3,
  "data": {"source": {"name": "synthetic_blobs", "classes": 3, "features": 12, "samples": 180,
                      "test_samples": 30},
           "partition": {"name": "pathological", "num_classes_per_partition": 1},
           "split": {"client_test": 0.2}},
  "model": {"name": "quadratic", "smallest": 0.5, "largest": 2},
  "local": {"method": "plain", "optimizer": {"name": "sgd", "learning_rate": 0.1}, "batch_size": 6},
  "server": {"reduce": "mean", "optimizer": {"name": "sgd", "learning_rate": 1}},
  "select": {"name": "all"},
  "stop": {"any": [{"rounds": 5}]},
  "nodes": {"edges": 6}
})";

ConfigNode document(const std::vector<std::string>& changes) {
  ConfigNode node = std::move(schema::parse_json(kScenario)).value();
  for (const std::string& change : changes) {
    const auto patch = schema::parse_json(change);
    REQUIRE(patch.message() == "");
    node.merge(*patch);
  }
  return node;
}

}  // namespace

host::RunRecord simulated(const std::vector<std::string>& changes, const How& how) {
  Problems problems;
  const schema::Scenario scenario =
      schema::read_scenario(document(changes), plugins(), "", problems);
  REQUIRE(problems.text("scenario") == "");
  const datasets::DataEnvironment environment{.seed = scenario.partition_seed()};
  auto data = datasets::NodeData::make(scenario.data, plugins(), environment, scenario.nodes.edges,
                                       scenario.partition_seed());
  REQUIRE(data.message() == "");
  sim::WorldConfig config;
  FieldReader(plugins(), problems).read(scenario.world, config, "/world");
  REQUIRE(problems.text("scenario") == "");
  const auto world =
      std::make_shared<const sim::World>(config, scenario.nodes.edges, scenario.world_seed());
  const auto held = sim::poisoned(*data, world, plugins(), problems);
  REQUIRE(problems.text("scenario") == "");
  const auto paradigm = plugins()
                            .make(scenario.paradigm)
                            ->build({.registry = plugins(),
                                     .data = *held,
                                     .seeds = scenario.run_seeds(),
                                     .edges = scenario.nodes.edges},
                                    problems);
  REQUIRE(problems.text("scenario") == "");
  std::atomic<bool> interrupted = false;
  sim::Simulation::Options options{.threads = how.threads, .interrupted = &interrupted};
  options.checkpoint = how.each_step;
  ByteWriter saved;
  if (how.saved_every_round) {
    options.checkpoint = [&](sim::Simulation& simulation) {
      saved = {};
      simulation.save(saved);
      interrupted = true;
    };
  }
  auto simulation = std::make_unique<sim::Simulation>(*paradigm, *world, plugins(), options);
  simulation->start();
  while (!simulation->run()) {
    REQUIRE(interrupted.exchange(false));
    host::PayloadTable payloads;
    for (const auto& cell : saved.held()) {
      payloads.add(role::PayloadRef(std::static_pointer_cast<role::PayloadCell>(cell)));
    }
    simulation = std::make_unique<sim::Simulation>(*paradigm, *world, plugins(), options);
    ByteReader reader(saved.bytes(), &payloads);
    simulation->load(reader);
    REQUIRE(reader.finished());
  }
  return simulation->record();
}

double last(const host::RunRecord& run, std::string_view metric) {
  const auto row = std::find_if(run.metrics.rbegin(), run.metrics.rend(),
                                [&](const auto& candidate) { return candidate.name == metric; });
  INFO("metric " << metric);
  REQUIRE(row != run.metrics.rend());
  return row->value;
}

std::vector<float> final_model(const host::RunRecord& run) {
  return values_of(run.result.at("model"));
}

double distance(const std::vector<float>& a, const std::vector<float>& b) {
  REQUIRE(a.size() == b.size());
  double largest = 0;
  for (std::size_t i = 0; i < a.size(); ++i)
    largest = std::max(largest, std::abs(double{a[i]} - b[i]));
  return largest;
}

}  // namespace skerry
