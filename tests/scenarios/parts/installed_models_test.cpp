#include "scenarios/parts/installed_models.hpp"

#include <limits>
#include <utility>

#include "scenarios/parts/model_source.hpp"
#include "tests/catch.hpp"
#include "tests/scenarios/host/payloads.hpp"
#include "tests/scenarios/host/stored_copy.hpp"
#include "tests/scenarios/staged_scenario.hpp"

namespace skerry::parts {
namespace {

/// What a check says of models of the form softmax, for 4 features and 3 classes.
struct Checked {
  role::StagedScenario staged{R"({
    "version": 1, "name": "small", "paradigm": "federated",
    "data": {"source": {"name": "synthetic_blobs", "classes": 3, "features": 4, "samples": 160,
                        "test_samples": 60, "seed": 2}},
    "model": "softmax", "local": {"optimizer": {"name": "sgd", "learning_rate": 0.05}},
    "server": "fedavg", "stop": {"any": [{"rounds": 3}]}, "nodes": {"edges": 8}})"};
  Problems problems;
  std::unique_ptr<Learner> learner =
      learner_for({{.name = "softmax"}, {}},
                  {.registry = staged.registry, .data = *staged.data, .edges = 8}, "", problems);
  SelfCheck check{*learner, *staged.data};

  std::string fault_of(const role::PayloadRef& model) const {
    role::Job job;
    job.node = NodeId::edge(2);
    job.inputs = {model};
    Workspace workspace;
    return *from_bytes<std::string>(check.kind().run(std::move(job), workspace).report);
  }
};

TEST_CASE("a model that was checked is in memory: no answer waits for its file") {
  const Checked checked;
  int reads = 0;
  const role::PayloadRef arrived =
      stored_copy(payload_of(1, std::vector<float>(15, 0.5F)), [&reads] { ++reads; });
  CHECK(checked.fault_of(arrived) == "");
  CHECK(reads == 1);
  (void)arrived.payload();
  CHECK(reads == 1);
}

TEST_CASE("a model with a value that is no finite number, or that gives one, is refused") {
  const Checked checked;
  std::vector<float> values(15, 0.5F);
  values[7] = std::numeric_limits<float>::infinity();
  CHECK(checked.fault_of(payload_of(1, values)) == "a parameter is no finite number");
  CHECK(checked.fault_of(payload_of(2, std::vector<float>(15, 3e38F))) ==
        "a score is no finite number");
}

}  // namespace
}  // namespace skerry::parts
