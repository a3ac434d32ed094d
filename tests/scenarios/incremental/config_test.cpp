#include "tests/scenarios/incremental/incremental_run.hpp"

namespace skerry::incremental {

TEST_CASE("what cannot work in an incremental scenario is refused before it runs") {
  const std::pair<const char*, const char*> table[] = {
      {R"({"data": {"stream": null}})", "/data/stream: is missing"},
      {R"({"initial": {"experiences": 4}})", "/initial/experiences: is 4"},
      {R"({"initial": {"experiences": 0}})", "/initial/experiences: is 0"},
      {R"({"serve": {"every": "0 s"}})", "/serve/every: must be at least 1 ms"},
      {R"({"serve": {"sample": 0}})", "/serve: has \"sample\" 0"},
      {R"({"check": "0 s"})", "/check: must be at least 1 ms"},
      {R"({"begins_at": "25:00"})", "/begins_at: is no time of day"},
      {R"({"trigger": {"metric": null, "at_least": null, "drift": "drift"}})", "waits for drift"},
      {R"({"detect": "adwin"})", "/detect: has no effect"},
      {R"({"trigger": {"metric": "test/accuracy", "at_least": 1}})", "/trigger"},
      {R"({"trigger": {"metric": "edges/accuracy", "at_least": 1}})", "reduce"},
      {R"({"check": "90 h"})", "/check: is 90 h"},
      {R"({"serve": {"every": "90 h"}})", "/serve/every: is 90 h"},
      {R"({"trigger": {"metric": "labels/left", "at_least": null, "at_most": 5}})", "no limit"},
      {R"({"train": {"window": 20000}})", "/train/window: is more than"},
      {R"({"train": {"who": "drifted"}})", "/train/who: is drifted"},
      {R"({"train": {"federated": {"local": {"optimizer": {"name": "sgd", "learning_rate": 0.1}},
            "server": "fedavg", "stop": {"any": [{"metric": "test/accuracy", "at_least": 0.9}]}}}})",
       "/train/federated/stop: has no"},
      {R"({"rollout": {"canary": 0.1}})", "/rollout/canary: has no effect"},
      {R"({"rollout": {"shadow": true}})", "/rollout/shadow: has no effect"},
      {R"({"rollout": {"margin": 0.1}})", "/rollout/margin: has no effect"},
      {R"({"rollout": {"hold": "1 min", "examples": 5000}})",
       "/rollout/examples: is more than the 1200 examples that come"},
      {R"({"trigger": {"metric": "edges/accuracy", "reduce": "[2]", "at_least": 1}})",
       "/trigger/reduce: \"edges/accuracy\" has 2 values, from [0]"},
      {R"({"trigger": {"metric": "sampled/accuracy", "at_least": 2}})",
       "/trigger/at_least: can never hold: sampled/accuracy is at most 1"},
      {R"({"trigger": {"metric": "labels/bought"}, "labels": {"most": 50}})",
       "/trigger/at_least: can never hold: labels/bought is at most 50"},
      {R"({"trigger": {"metric": "samples/kept"}, "train": {"kept": 59, "window": 9}})",
       "/trigger/at_least: can never hold: samples/kept is at most 59"},
      {R"({"trigger": {"metric": null, "at_least": null, "every": "30 min"}})",
       "/trigger/every: is 30 min 00 s, and the run ends after 30 min 00 s"},
      {R"({"serve": {"mine": "edge_only"}})", "/serve/threshold: is 0.1, and no score"},
      {R"({"serve": {"threshold": 1}})", "/serve/threshold: is 1, and no score"},
      {R"({"train": {"kept": 500, "federated": {"local": {"optimizer": {"name": "sgd",
            "learning_rate": 0.1}}, "server": "fedavg", "stop": {"any": [{"rounds": 2}]}}}})",
       "/train/kept: has no effect"},
      {R"({"deploy": {"name": "threshold", "gain": -1}})", "/deploy/gain: has no effect"},
      {R"({"deploy": {"name": "threshold", "level": 1.5}})", "/deploy/level: is above 1"},
      {R"({"data": {"split": {"client_test": 0.1}}})", "/data/split/client_test: holds"},
      {R"({"data": {"split": {"server_validation": 0.1}}})",
       "/data/split/server_validation: holds"},
      {R"({"data": {"stream": {"name": "task_incremental", "experiences": null,
                               "classes_per_experience": 1}}, "initial": {"experiences": 1}})",
       "/data/stream: says which outputs each task uses"},
      {R"({"model": "quadratic"})", "/model: gives 3 scores, and the data has 2 classes"},
      {R"({"model": {"name": "cnn", "channels": [2], "hidden": []}})", "/model: "},
  };
  for (const auto& [changes, expected] : table) {
    CAPTURE(changes);
    CHECK_THAT(role::StagedScenario::problems(kScenario, changes), Catch::Contains(expected));
  }
}

}  // namespace skerry::incremental
