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
  };
  for (const auto& [changes, expected] : table) {
    CAPTURE(changes);
    CHECK_THAT(role::StagedScenario::problems(kScenario, changes), Catch::Contains(expected));
  }
}

}  // namespace skerry::incremental
