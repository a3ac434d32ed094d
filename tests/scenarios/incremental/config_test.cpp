#include "tests/scenarios/incremental/incremental_run.hpp"

namespace skerry::incremental {
namespace {

void check_refused(const char* changes, const char* expected) {
  CAPTURE(changes);
  CHECK_THAT(role::StagedScenario::problems(kScenario, changes), Catch::Contains(expected));
}

}  // namespace

TEST_CASE("what cannot work in an incremental scenario is refused before it runs") {
  const std::pair<const char*, const char*> table[] = {
      {R"({"data": {"stream": null}})", "/data/stream: is missing"},
      {R"({"initial": {"experiences": 4}})", "/initial/experiences: is 4"},
      {R"({"initial": {"experiences": 0}})", "/initial/experiences: is 0"},
      {R"({"data": {"stream": {"join": {"share": 1, "from": 2}}}})",
       "/initial/experiences: no example belongs to them"},
      {R"({"serve": {"mine": "cloud_only"}})", "/serve/threshold: has no effect"},
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
  };
  for (const auto& [changes, expected] : table) check_refused(changes, expected);
}

TEST_CASE("what could never happen in an incremental scenario is refused before it runs") {
  const std::pair<const char*, const char*> table[] = {
      {R"({"rollout": {"canary": 0.1}})", "/rollout/canary: has no effect"},
      {R"({"rollout": {"shadow": true}})", "/rollout/shadow: has no effect"},
      {R"({"rollout": {"margin": 0.1}})", "/rollout/margin: has no effect"},
      {R"({"rollout": {"hold": "1 min", "examples": 5000}})",
       "/rollout/examples: a model is judged on 5000 answers, and at most 266 are sampled"},
      {R"({"rollout": {"hold": "1 min"}, "labels": {"most": 49}, "trigger": {"at_least": 9}})",
       "/rollout/hold: a model is judged on 50 answers, and at most 49 are sampled"},
      {R"({"deploy": {"name": "mcnemar", "alpha": 0.001}, "evaluate": {"examples": 9}})",
       "/deploy: would deploy no model, however good: a trial has at most 9 examples"},
      {R"({"labels": {"most": 50, "budget": 30}})",
       "/labels/most: has no effect: \"budget\" buys 30"},
      {R"({"labels": {"most": 50, "budget": 90}})",
       "/labels/budget: has no effect: \"most\" is 50"},
      {R"({"trigger": {"metric": "edges/accuracy", "reduce": "[2]", "at_least": 1}})",
       "/trigger/reduce: \"edges/accuracy\" has 2 values, from [0]"},
      {R"({"trigger": {"metric": "sampled/accuracy", "at_least": 2}})",
       "/trigger/at_least: can never hold: sampled/accuracy is at most 1"},
      {R"({"trigger": {"metric": "labels/bought"}, "labels": {"most": 50}})",
       "/trigger/at_least: can never hold: labels/bought is at most 50"},
      {R"({"trigger": {"metric": "samples/kept"}, "train": {"kept": 59, "window": 9}})",
       "/trigger/at_least: can never hold: samples/kept is at most 59"},
      {R"({"trigger": {"metric": null, "at_least": null, "every": "50 min"}})",
       "/trigger/every: would hold at no check (they come every 60 s, for 40 min 30 s at most)"},
      {R"({"trigger": {"metric": null, "at_least": null, "time_of_day": ["12:00", "14:00"]}})",
       "/trigger/time_of_day: would hold at no check"},
      {R"({"trigger": {"metric": null, "at_least": null, "every": "1 s"}})",
       "/trigger/every: is 1 s: it would hold at every check"},
      {R"({"trigger": {"metric": null, "at_least": null, "not": [{"every": "30 s"}]}})",
       "/trigger: would hold at no check"},
      {R"({"trigger": {"metric": null, "at_least": null, "all": [{"time_of_day": ["00:00", "00:10"]},
                       {"time_of_day": ["00:20", "00:30"]}]}})",
       "/trigger: would hold at no check"},
      {R"({"trigger": {"metric": null, "at_least": null, "any": [{"every": "5 min"},
                       {"time_of_day": ["00:01", "00:04"]}]}, "check": "5 min"})",
       "/trigger/any/1/time_of_day: would hold at no check"},
      {R"({"trigger": {"metric": "samples/hard", "at_least": 5000}})",
       "/trigger/at_least: can never hold: samples/hard is at most 900"},
      {R"({"trigger": {"metric": "model/age_s", "at_least": 5000}})",
       "/trigger/at_least: can never hold: model/age_s is at most 2430"},
      {R"({"trigger": {"at_least": 21}, "labels": {"most": 20}})",
       "/trigger/at_least: can never hold: samples/new is at most 20"},
      {R"({"until": "5 min", "check": "6 min"})", "/check: is 6 min 00 s, and the run ends"},
      {R"({"begins_at": "12:00"})", "/begins_at: has no effect"},
      {R"({"train": {"policy": "cumulative"}})", "/train/window: has no effect"},
      {R"({"labels": {"delay": "5 min"}, "rollout": {"hold": "4 min"}})", "/rollout/hold: is over"},
      {R"({"initial": {"train": {"optimizer": {"name": "sgd", "learning_rate": 0.1}}},
           "train": {"federated": {"local": {"optimizer": {"name": "sgd", "learning_rate": 0.1}},
                                   "server": "fedavg", "stop": {"any": [{"rounds": 2}]}}}})",
       "/initial/train: is said already"},
      {R"({"serve": {"mine": "edge_only"}})", "/serve/threshold: is 0.1, and no score"},
      {R"({"serve": {"threshold": 1}})", "/serve/threshold: is 1, and no score"},
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
  for (const auto& [changes, expected] : table) check_refused(changes, expected);
}

TEST_CASE("labels and rollouts are told in words") {
  CHECK(in_words(parts::LabellingConfig{}) == "at once, 1 each");
  CHECK(in_words(parts::LabellingConfig{.delay = Duration::seconds(20),
                                        .each = Duration::seconds(1),
                                        .price = 2,
                                        .error_rate = 0.1,
                                        .budget = 9}) ==
        "21 s after the question, 2 each, 4 at most, 0.1 of them wrong");
  CHECK(in_words(parts::RolloutConfig{}) == "on all edges at once, and it stays");
  CHECK(in_words(parts::RolloutConfig{.canary = 0.25,
                                      .shadow = true,
                                      .hold = Duration::seconds(30),
                                      .margin = {},
                                      .examples = 20}) ==
        "in the shadow, on 0.25 of the edges, on all, 30 s each; back if 0.05 less accurate than "
        "the model before on 20 labelled answers");
}

}  // namespace skerry::incremental
