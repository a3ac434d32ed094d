#include "scenarios/host/payload_table.hpp"
#include "tests/scenarios/incremental/incremental_run.hpp"
#include "tests/scenarios/simulated_scenario.hpp"

namespace skerry::incremental {

using role::SimulatedScenario;
using role::values;

namespace {

const char* const kFull =
    R"({"rollout": {"shadow": true, "canary": 0.5, "hold": "3 min", "examples": 20},
  "detect": "ks_inputs", "trigger": {"metric": null, "at_least": null,
      "any": [{"drift": "drift"}, {"metric": "samples/new", "at_least": 80}]},
  "world": {"faults": [{"kind": "crash", "nodes": ["edge-1"], "at": "10 min"},
                       {"kind": "restart", "nodes": ["edge-1"], "at": "14 min"},
                       {"kind": "partition", "nodes": ["edge-0"], "at": "20 min", "until": "22 min"}]}})";

}  // namespace

TEST_CASE("simulated incremental learning has the same bits on any number of threads") {
  const SimulatedScenario scenario(kScenario, kFull);
  const auto one = scenario.run(1);
  const auto three = scenario.run(3);
  CHECK(one.stop_reason == "the stream is over");
  CHECK(one.schedule_fingerprint == three.schedule_fingerprint);
  CHECK(one.numerics_fingerprint == three.numerics_fingerprint);
  CHECK(one.metrics == three.metrics);
  CHECK(values(one, "loop/trainings").back() >= 1);
}

TEST_CASE("a simulated incremental run goes on from any of its saved states to the same end") {
  const SimulatedScenario scenario(kScenario, kFull);
  const auto whole = scenario.run();
  std::vector<ByteWriter> saved;
  sim::Simulation::Options options;
  std::uint64_t steps = 0;
  options.checkpoint = [&](sim::Simulation& simulation) {
    if (steps++ % 8 == 3) simulation.save(saved.emplace_back());
  };
  sim::Simulation first(*scenario.staged.paradigm, *scenario.world, scenario.staged.registry,
                        options);
  first.start();
  REQUIRE(first.run());
  REQUIRE(saved.size() >= 3);
  for (const ByteWriter& state : saved) {
    host::PayloadTable payloads;
    for (const auto& held : state.held()) {
      payloads.add(role::PayloadRef(std::static_pointer_cast<role::PayloadCell>(held)));
    }
    const auto again = scenario.simulation();
    ByteReader reader(state.bytes(), &payloads);
    again->load(reader);
    REQUIRE(reader.finished());
    again->run();
    CHECK(again->record().schedule_fingerprint == whole.schedule_fingerprint);
    CHECK(again->record().numerics_fingerprint == whole.numerics_fingerprint);
  }
}

namespace {

const char* const kFederated = R"({"train": {"policy": "window", "window": 150, "federated": {
    "local": {"optimizer": {"name": "sgd", "learning_rate": 0.05}, "batch_size": 10, "epochs": 1},
    "server": {"reduce": "mean", "optimizer": {"name": "sgd", "learning_rate": 1}},
    "stop": {"any": [{"rounds": 3}]}}},
  "trigger": {"metric": null, "at_least": null, "every": "6 min"})";

}  // namespace

TEST_CASE(
    "federated retraining gives the same bits on any number of threads, and after a restart") {
  const SimulatedScenario scenario(kScenario, std::string(kFederated) + R"(,
    "world": {"faults": [{"kind": "crash", "nodes": ["edge-1"], "at": "10 min"},
                         {"kind": "restart", "nodes": ["edge-1"], "at": "14 min"}]}})");
  const auto one = scenario.run(1);
  const auto three = scenario.run(3);
  CHECK(one.schedule_fingerprint == three.schedule_fingerprint);
  CHECK(one.numerics_fingerprint == three.numerics_fingerprint);
  CHECK(values(one, "loop/trainings").back() >= 3);
  CHECK(values(one, "loop/deployments").back() == values(one, "loop/trainings").back());
}

TEST_CASE("a model that attackers spoilt is rolled back, and the loop goes on from the sound one") {
  const SimulatedScenario scenario(kScenario, std::string(kFederated) + R"(,
    "nodes": {"edges": 3}, "serve": {"sample": 0.5},
    "rollout": {"hold": "3 min", "examples": 20},
    "world": {"attack": {"name": "sign_flip", "scale": 50, "nodes": ["edge-0", "edge-1"]}}})");
  const auto run = scenario.run();
  CHECK(values(run, "loop/rollbacks").back() >= 2);
  const auto accuracy = values(run, "served/accuracy");
  const auto worst = std::ranges::min_element(accuracy);
  CHECK(*worst < 0.4);
  CHECK(*std::max_element(worst, accuracy.end()) > 0.7);
}

TEST_CASE("energy is that of the checks so far, whatever else a metric's steps may count") {
  const auto run = SimulatedScenario(kScenario).run();
  const auto steps_of = [&](const char* name) {
    std::vector<std::uint64_t> steps;
    for (const auto& row : run.metrics) {
      if (row.name == name) steps.push_back(row.step);
    }
    return steps;
  };
  const auto energy = steps_of("energy/total_joules"), checks = steps_of("served/requests");
  REQUIRE(energy.size() > checks.size());
  CHECK(std::ranges::is_sorted(energy));
  CHECK(energy.back() == checks.back());
}

TEST_CASE("the simulator and the hand-driven roles agree where no time decides") {
  IncrementalRun driven;
  driven.run();
  const auto simulated = SimulatedScenario(kScenario).run();
  for (const char* name : {"served/requests", "served/accuracy", "labels/bought", "loop/trainings",
                           "loop/deployments", "bytes/encoded_up"}) {
    CAPTURE(name);
    CHECK(values(simulated, name) == driven.driver.values(name));
  }
}

}  // namespace skerry::incremental
