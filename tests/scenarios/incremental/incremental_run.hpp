#pragma once

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include "scenarios/incremental/incremental.hpp"
#include "scenarios/parts/rollout_messages.hpp"
#include "scenarios/parts/serving_messages.hpp"
#include "tests/scenarios/role_driver.hpp"
#include "tests/scenarios/staged_scenario.hpp"

namespace skerry::incremental {

// Four concepts, ten minutes each, of which the first is history; 600 examples an edge.
inline const char* const kScenario = R"({
  "version": 1, "name": "incremental", "paradigm": "incremental", "seed": 5,
  "data": {"source": {"name": "sea", "samples": 1200, "noise": 0, "test_samples": 4, "seed": 9},
           "stream": {"name": "drift", "experiences": 4, "every": "10 min"}},
  "model": "softmax",
  "serve": {"every": "1 min", "threshold": 0.1, "sample": 0.2},
  "labels": {"delay": "30 s"},
  "trigger": {"metric": "samples/new", "at_least": 60},
  "train": {"optimizer": {"name": "sgd", "learning_rate": 0.05}, "batch_size": 10, "epochs": 2,
            "policy": "window", "window": 200},
  "deploy": "always",
  "nodes": {"edges": 2}
})";

/// One run of an incremental scenario: jobs take 100 ms, messages 10 ms.
struct IncrementalRun {
  role::StagedScenario staged;
  role::RoleDriver driver;

  explicit IncrementalRun(const std::string& changes = "{}")
      : staged(kScenario, changes), driver(*staged.paradigm, staged.scenario.nodes.edges) {
    driver.duration = [this](const role::Job& job) {
      const Duration takes = Duration::milliseconds(100);
      if (fails && fails(job)) {
        driver.at(driver.now().since_start() + takes, job.node,
                  role::JobFailed{job.number, {.plugin = "", .text = "out of memory"}});
      }
      return takes;
    };
  }
  IncrementalRun(const IncrementalRun&) = delete;
  IncrementalRun& operator=(const IncrementalRun&) = delete;

  /// Jobs that fail at the moment at which they would have finished.
  std::function<bool(const role::Job&)> fails;

  const Incremental& incremental() const {
    return dynamic_cast<const Incremental&>(*staged.paradigm);
  }
  IncrementalRun& run() {
    driver.start();
    REQUIRE(driver.run());
    return *this;
  }
  double last(const char* metric) const {
    const auto value = driver.last(metric);
    REQUIRE(value.has_value());
    return *value;
  }
  double sum(const char* metric) const {
    double all = 0;
    for (const double value : driver.values(metric)) all += value;
    return all;
  }
  /// How much a model has answered.
  double answers_of(parts::ModelVersion version) const {
    double answers = 0;
    for (const auto& metric : driver.metrics) {
      if (metric.name == "answers/of_model" && metric.step.number == version) answers = metric.value;
    }
    return answers;
  }
  /// Bodies of all messages of one kind of a rollout.
  template <class Body>
  std::vector<Body> orders(parts::RolloutKind kind) const {
    std::vector<Body> found;
    for (const auto& [at, message] : driver.sent) {
      if (!incremental().rollout_channel().is(message, kind)) continue;
      found.push_back(*from_bytes<Body>(message.body));
    }
    return found;
  }
};

}  // namespace skerry::incremental
