#pragma once

#include <map>
#include <string>
#include <vector>

#include "scenarios/federated/federated.hpp"
#include "scenarios/parts/round_messages.hpp"
#include "tests/scenarios/role_driver.hpp"
#include "tests/scenarios/staged_scenario.hpp"

namespace skerry::federated {

using parts::Evaluated;
using parts::Refusal;
using parts::Refused;
using parts::RoundMessage;
using parts::TrainOrder;
using parts::Update;

inline const char* const kScenario = R"({
  "version": 1, "name": "small", "paradigm": "federated", "seed": 3,
  "data": {"source": {"name": "synthetic_blobs", "classes": 3, "features": 4, "samples": 160,
                      "test_samples": 60, "seed": 2}},
  "model": "softmax",
  "local": {"optimizer": {"name": "sgd", "learning_rate": 0.05}, "batch_size": 10},
  "server": "fedavg",
  "select": {"name": "uniform", "count": 4},
  "stop": {"any": [{"rounds": 3}]},
  "nodes": {"edges": 8}
})";

inline bool is(const role::Message& message, RoundMessage kind) {
  return message.kind == static_cast<std::uint16_t>(kind);
}

/// One run of a federated scenario: jobs take 100 ms, messages 10 ms.
struct FederatedRun {
  role::StagedScenario staged;
  role::RoleDriver driver;

  explicit FederatedRun(const std::string& changes = "{}")
      : staged(kScenario, changes), driver(*staged.paradigm, staged.scenario.nodes.edges) {}

  FederatedRun& run() {
    driver.start();
    REQUIRE(driver.run());
    return *this;
  }
  const parts::Federation& federation() const {
    return dynamic_cast<const Federated&>(*staged.paradigm).federation();
  }
  const parts::Federation::Kinds& kinds() const { return federation().kinds(); }
  std::vector<float> model() const {
    REQUIRE(driver.stopped.has_value());
    const Payload result = driver.stopped->model.payload();
    const auto values = result.at("model").f32();
    return {values.begin(), values.end()};
  }
  double last(const std::string& metric) const {
    const auto value = driver.last(metric);
    INFO(metric);
    REQUIRE(value.has_value());
    return *value;
  }
  /// The edges that got a kind of order, in the order of sending.
  std::vector<NodeId> ordered(RoundMessage kind) const {
    std::vector<NodeId> nodes;
    for (const auto& s : driver.sent) {
      if (is(s.message, kind) && s.message.from.is_cloud()) nodes.push_back(s.message.to);
    }
    return nodes;
  }
  std::vector<Refusal> refusals() const {
    std::vector<Refusal> found;
    for (const auto& s : driver.sent) {
      if (!is(s.message, RoundMessage::kRefused)) continue;
      found.push_back(from_bytes<Refused>(s.message.body)->refusal);
    }
    return found;
  }
  /// How long copies of updates take; everything else takes 10 ms.
  template <class Fate>
  void updates(Fate fate_of_update) {
    driver.fate = [fate_of_update](role::Message& message) {
      if (is(message, RoundMessage::kUpdate)) return fate_of_update(message);
      return std::vector{Duration::milliseconds(10)};
    };
  }
};

/// A payload like `original` whose record is changed by `change`.
template <class Change>
role::PayloadRef altered(const role::PayloadRef& original, const char* record, Change change) {
  Payload content = original.payload();
  change(content.open(record).f32());
  static std::uint64_t number = 0;
  return role::PayloadRef::of({~std::uint64_t{0}, number++}, {std::move(content), {}});
}

}  // namespace skerry::federated
