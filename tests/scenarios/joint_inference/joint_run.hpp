#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "scenarios/joint_inference/joint_inference.hpp"
#include "scenarios/joint_inference/messages.hpp"
#include "tests/scenarios/role_driver.hpp"
#include "tests/scenarios/staged_scenario.hpp"

namespace skerry::joint_inference {

inline const char* const kScenario = R"({
  "version": 1, "name": "joint", "paradigm": "joint_inference", "seed": 5,
  "data": {"source": {"name": "synthetic_blobs", "classes": 4, "features": 8, "samples": 400,
                      "test_samples": 100, "separation": 2.5, "seed": 9}},
  "edge_model": {"model": "softmax",
                 "train": {"optimizer": {"name": "sgd", "learning_rate": 0.01}, "batch_size": 20}},
  "cloud_model": {"model": {"name": "mlp", "hidden": [16]},
                  "train": {"optimizer": {"name": "sgd", "learning_rate": 0.1}, "batch_size": 10,
                            "epochs": 4}},
  "mine": "cross_entropy",
  "thresholds": [0.2, 0.6, 0.9],
  "requests": {"count": 30, "interval": "50 ms"},
  "cloud": {"batch_size": 4, "max_wait": "5 ms"},
  "nodes": {"edges": 3}
})";

/// One run of a joint scenario: 5 ms to score on the edge, 20 ms a batch on the cloud, messages
/// take 10 ms.
struct JointRun {
  role::StagedScenario staged;
  role::RoleDriver driver;

  explicit JointRun(const std::string& changes = "{}")
      : staged(kScenario, changes), driver(*staged.paradigm, staged.scenario.nodes.edges) {
    driver.duration = [this](const role::Job& job) {
      const Duration takes = time_of(job);
      if (fails && fails(job)) {
        driver.at(driver.now().since_start() + takes, job.node,
                  role::JobFailed{job.number, {.plugin = "", .text = "out of memory"}});
      }
      return takes;
    };
  }
  JointRun(const JointRun&) = delete;
  JointRun& operator=(const JointRun&) = delete;

  /// Jobs that fail at the moment at which they would have finished.
  std::function<bool(const role::Job&)> fails;
  Duration time_of(const role::Job& job) const {
    const auto& kinds = joint().kinds();
    if (job.kind == kinds.infer || job.kind == kinds.infer_on_request) {
      return Duration::milliseconds(5);
    }
    return job.kind == kinds.infer_on_cloud ? Duration::milliseconds(20) : Duration::seconds(1);
  }
  /// Asks an edge as a program outside the run does.
  void ask(Duration at, NodeId edge, std::uint64_t number, role::PayloadRef example) {
    driver.at(at, edge, role::Request{role::kFromOutside | number, std::move(example)});
  }
  /// The only answer to that request.
  const role::RoleDriver::Answered& answer_to(std::uint64_t number) const {
    const role::RoleDriver::Answered* found = nullptr;
    for (const auto& given : driver.answers) {
      if (given.answer.request != (role::kFromOutside | number)) continue;
      REQUIRE(found == nullptr);
      found = &given;
    }
    REQUIRE(found != nullptr);
    return *found;
  }
  const JointInference& joint() const {
    return dynamic_cast<const JointInference&>(*staged.paradigm);
  }
  JointRun& run() {
    driver.start();
    REQUIRE(driver.run());
    return *this;
  }
  /// Runs although the cloud never says that the run is over.
  JointRun& run_dry() {
    driver.start();
    REQUIRE_FALSE(driver.run());
    return *this;
  }

  using Asked = std::pair<NodeId, std::uint64_t>;
  /// Labels of one phase by edge and request. Phases follow one another, so the first answer to a
  /// request is of phase 1, the second of phase 2.
  std::map<Asked, std::vector<role::Answer>> answers() const {
    std::map<Asked, std::vector<role::Answer>> found;
    for (const auto& a : driver.answers) found[{a.node, a.answer.request}].push_back(a.answer);
    return found;
  }
  std::vector<std::int32_t> labels() const {
    std::vector<std::int32_t> found;
    for (const auto& [asked, given] : answers()) {
      for (const role::Answer& answer : given) found.push_back(answer.label);
    }
    return found;
  }
  /// When each phase began: the time of its first order to serve.
  std::vector<SimTime> phases_began() const {
    std::map<std::uint32_t, SimTime> began;
    for (const auto& [at, message] : driver.sent) {
      if (!parts::Channel(0).is(message, MessageKind::kServe)) continue;
      began.emplace(from_bytes<ServeOrder>(message.body)->phase, at);
    }
    std::vector<SimTime> times;
    for (const auto& [phase, at] : began) times.push_back(at);
    return times;
  }
  double last(const char* metric) const {
    const auto value = driver.last(metric);
    REQUIRE(value.has_value());
    return *value;
  }
};

inline bool is(const role::Message& message, MessageKind kind) {
  return parts::Channel(0).is(message, kind);
}

/// One example as a stranger sends it.
inline role::PayloadRef example_of(std::span<const float> values, std::uint64_t id = 0) {
  Payload payload;
  Record& record =
      payload.add({"input", std::make_shared<const Layout>(Layout::flat("input", values.size()))});
  std::ranges::copy(values, record.f32().begin());
  return role::PayloadRef::of({99, id}, {std::move(payload), {}});
}

}  // namespace skerry::joint_inference
