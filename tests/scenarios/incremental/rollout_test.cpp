#include "tests/scenarios/incremental/incremental_run.hpp"

namespace skerry::incremental {

using parts::GoBackOrder;
using parts::InstallAs;
using parts::InstallOrder;
using parts::RolloutKind;

namespace {

/// A run in which model 2 comes to every edge with all its parameters negated: it is sound, and
/// nearly always wrong. The rule has let it through, so that only the rollout can stop it.
struct SpoiltRun : IncrementalRun {
  explicit SpoiltRun(const std::string& changes) : IncrementalRun(changes) {
    driver.fate = [this](role::Message& message) {
      if (incremental().rollout_channel().is(message, RolloutKind::kInstall) &&
          from_bytes<InstallOrder>(message.body)->version == 2) {
        const Payload sound = message.payloads[0].payload();
        Payload spoilt;
        const auto values = spoilt.add(sound.at("model").spec()).f32();
        std::ranges::transform(sound.at("model").f32(), values.begin(), std::negate<>());
        message.payloads[0] = role::PayloadRef::of({98, ++spoilt_}, {std::move(spoilt), {}});
      }
      return std::vector{Duration::milliseconds(10)};
    };
  }

 private:
  std::uint64_t spoilt_ = 0;
};

}  // namespace

TEST_CASE("a spoilt model is rolled back on every edge, and how often it answered is known") {
  SpoiltRun run(R"({"rollout": {"hold": "5 min", "examples": 20, "margin": 0.05}})");
  run.run();
  CHECK(run.last("loop/rollbacks") >= 1);
  CHECK(run.last("loop/rollbacks") + run.last("loop/deployments") == run.last("loop/trainings"));
  CHECK(static_cast<double>(run.driver.values("event/rolled_back").size()) ==
        run.last("loop/rollbacks"));
  CHECK(run.answers_of(2) > 0);
  CHECK(run.last("loop/spoilt_answers") >= run.answers_of(2));
  // No model was sent to go back to: the edges still had it.
  const auto back = run.orders<GoBackOrder>(RolloutKind::kGoBack);
  CHECK(back.size() == 2 * run.last("loop/rollbacks"));
  for (std::uint32_t k = 0; k < 2; ++k) {
    CHECK(run.driver.deployed.at(NodeId::edge(k)).version == run.last("model/deployed"));
  }
}

TEST_CASE("a canary keeps a spoilt model from the other edges") {
  SpoiltRun run(R"({"nodes": {"edges": 8}, "serve": {"sample": 0.8},
      "rollout": {"canary": 0.3, "hold": "8 min", "examples": 8, "margin": 0.05}})");
  run.run();
  REQUIRE(run.last("loop/rollbacks") >= 1);
  std::map<parts::ModelVersion, std::size_t> sent;
  for (const auto& order : run.orders<InstallOrder>(RolloutKind::kInstall)) ++sent[order.version];
  CHECK(sent[1] == 8);
  CHECK(sent[2] >= 1);
  CHECK(sent[2] <= 5);
}

TEST_CASE("a model in the shadow answers nobody until it has proven itself") {
  SpoiltRun run(R"({"rollout": {"shadow": true, "hold": "5 min", "examples": 20}})");
  run.run();
  CHECK(run.last("loop/rollbacks") >= 1);
  CHECK(run.answers_of(2) == 0);
  for (const auto& order : run.orders<InstallOrder>(RolloutKind::kInstall)) {
    if (order.version == 2) CHECK(order.as == InstallAs::kShadow);
  }
}

TEST_CASE("a good model goes from the shadow over canaries to everyone") {
  IncrementalRun run(R"({"nodes": {"edges": 6},
      "rollout": {"shadow": true, "canary": 0.4, "hold": "3 min", "examples": 20, "margin": 0.3}})");
  run.run();
  CHECK(run.last("loop/deployments") >= 1);
  CHECK(run.sum("served/requests") == 900);
  const auto all = run.orders<InstallOrder>(RolloutKind::kInstall);
  const auto count = [&](parts::ModelVersion version, InstallAs as) {
    return std::ranges::count_if(
        all, [&](const InstallOrder& order) { return order.version == version && order.as == as; });
  };
  CHECK(count(2, InstallAs::kShadow) == 6);
  CHECK(count(2, InstallAs::kServing) == 0);  // it is there already
  const auto orders = run.orders<GoBackOrder>(RolloutKind::kGoBack);
  CHECK(std::ranges::count(orders, 2u, &GoBackOrder::version) == 6);
}

TEST_CASE("an edge that cannot load a model keeps the old one, and the model goes everywhere") {
  IncrementalRun run(R"({"rollout": {"hold": "5 min"}})");
  const std::uint16_t check = run.incremental().kinds().check;
  run.fails = [&](const role::Job& job) {
    return job.kind == check && job.node == NodeId::edge(1) && job.key.round == 2;
  };
  run.run();
  CHECK(run.last("loop/failed_loads") >= 1);
  CHECK(run.last("loop/rollbacks") >= 1);
  CHECK(run.sum("served/requests") == 900);
  CHECK(run.driver.deployed.at(NodeId::edge(1)).version == run.last("model/deployed"));
}

namespace {

/// A run whose operator says something at some minutes. Models come every few minutes.
struct OperatedRun : IncrementalRun {
  explicit OperatedRun(const std::string& changes = "{}") : IncrementalRun(changes) {}
  void say(std::int64_t second, const std::string& text) {
    driver.at(Duration::seconds(second), NodeId::cloud(), role::Command{text});
  }
  std::vector<std::string> said() const {
    std::vector<std::string> texts;
    for (const role::Reply& reply : driver.replies) {
      texts.push_back((reply.done ? "done: " : "refused: ") + reply.text);
    }
    return texts;
  }
  /// What a training started from.
  std::vector<parts::ModelVersion> parents_of(parts::ModelVersion version) const {
    return driver.role(NodeId::cloud()).catalogue()->find(version)->parents;
  }
};

}  // namespace

TEST_CASE("an operator has every edge go back to the model before, which is not sent again") {
  OperatedRun run(R"({"trigger": {"metric": null, "at_least": null, "command": "train"}})");
  run.say(600, "train");
  run.say(900, "rollback");
  run.say(1200, "train");
  run.run();
  CHECK(run.said() == std::vector<std::string>{
                          "done: the trigger will see it at the next check",
                          "done: every edge goes back to model 1; model 2 will not answer any more",
                          "done: the trigger will see it at the next check"});
  CHECK(run.orders<GoBackOrder>(RolloutKind::kGoBack).size() == 2);
  const auto installed = run.orders<InstallOrder>(RolloutKind::kInstall);
  const auto sent = [&](parts::ModelVersion version) {
    return std::ranges::count(installed, version, &InstallOrder::version);
  };
  CHECK(sent(1) == 2);
  CHECK(sent(3) == 2);
  CHECK(run.last("loop/rollbacks") == 1);
  // The next training starts from what was gone back to.
  CHECK(run.parents_of(2) == std::vector<parts::ModelVersion>{1});
  CHECK(run.parents_of(3) == std::vector<parts::ModelVersion>{1});
  CHECK(run.sum("served/requests") == 900);
}

TEST_CASE("an operator goes back further than an edge can: the model is sent") {
  OperatedRun run(R"({"trigger": {"metric": null, "at_least": null, "command": "train"}})");
  run.say(600, "train");
  run.say(800, "train");
  run.say(1000, "tag 1 sound");
  run.say(1010, "rollback sound");
  run.run();
  REQUIRE(run.said().size() == 4);
  CHECK(run.said()[2] == "done: model 1 has the tag \"sound\"");
  CHECK(run.said()[3] == "done: every edge goes back to model 1; model 3 will not answer any more");
  CHECK(run.orders<GoBackOrder>(RolloutKind::kGoBack).empty());
  for (std::uint32_t k = 0; k < 2; ++k) {
    CHECK(run.driver.deployed.at(NodeId::edge(k)).version == 1);
  }
  CHECK(run.last("model/deployed") == 1);
}

TEST_CASE("what was begun from a model that an operator goes back from is dropped") {
  OperatedRun run(R"({"trigger": {"metric": null, "at_least": null, "command": "train"}})");
  run.say(600, "train");
  run.say(800, "train");
  bool told = false;
  run.fails = [&](const role::Job& job) {
    // The second training has begun from model 2.
    if (job.kind == run.incremental().kinds().retrain && job.key.round == 2 && !told) {
      told = true;
      run.driver.at(run.driver.now().since_start() + Duration::milliseconds(50), NodeId::cloud(),
                    role::Command{"rollback"});
    }
    return false;
  };
  run.say(1200, "train");
  run.run();
  REQUIRE(told);
  CHECK(run.last("loop/trainings") == 3);
  CHECK(run.last("model/deployed") == 3);
  CHECK(run.parents_of(3) == std::vector<parts::ModelVersion>{1});
  CHECK(run.driver.role(NodeId::cloud()).catalogue()->models.size() == 3);
}

TEST_CASE("rounds that began from a model that an operator goes back from are in vain") {
  OperatedRun run(R"({"trigger": {"metric": null, "at_least": null, "command": "train"},
      "train": {"policy": "window", "window": 150, "federated": {
          "local": {"optimizer": {"name": "sgd", "learning_rate": 0.05}, "batch_size": 10},
          "server": {"reduce": "mean", "optimizer": "sgd"},
          "select": {"name": "uniform", "fraction": 1}, "stop": {"any": [{"rounds": 2}]}}}})");
  run.say(600, "train");
  run.say(839, "train");
  run.driver.at(Duration::milliseconds(840'050), NodeId::cloud(), role::Command{"rollback"});
  run.say(1200, "train");
  run.run();
  REQUIRE(run.said().size() == 4);
  CHECK(run.said()[2] == "done: every edge goes back to model 1; model 2 will not answer any more");
  CHECK(run.last("loop/trainings") == 3);
  CHECK(run.last("loop/failed") == 0);
  CHECK(run.driver.role(NodeId::cloud()).catalogue()->models.size() == 3);
  CHECK(run.parents_of(3) == std::vector<parts::ModelVersion>{1});
  CHECK(run.last("model/deployed") == 3);
}

TEST_CASE("a model on trial goes when an operator says so") {
  OperatedRun run(R"({"nodes": {"edges": 4}, "rollout": {"canary": 0.3, "hold": "5 min"},
      "trigger": {"metric": null, "at_least": null, "command": "train"}})");
  run.say(600, "train");
  run.say(750, "rollback");
  run.run();
  CHECK(run.said().back() ==
        "done: every edge goes back to model 1; model 2 will not answer any more");
  CHECK(run.last("model/deployed") == 1);
  for (const auto& [edge, deployed] : run.driver.deployed) CHECK(deployed.version == 1);
}

TEST_CASE("an operator's command that cannot be carried out is refused in words") {
  OperatedRun run(R"({"trigger": {"metric": null, "at_least": null, "command": "train"}})");
  run.driver.fate = [&](role::Message& message) -> std::vector<Duration> {
    if (run.incremental().rollout_channel().is(message, RolloutKind::kGoBack) &&
        message.to == NodeId::edge(1)) {
      return {};
    }
    return {Duration::milliseconds(10)};
  };
  run.say(100, "rollback");
  run.say(600, "train");
  run.say(800, "train");
  run.say(1000, "rollback");
  run.say(1001, "rollback");
  run.say(1100, "tag 9 good");
  run.say(1101, "tag 1");
  run.say(1102, "rollback 1 2");
  run.say(1103, "rollback 9");
  run.say(1104, "dance");  // nobody knows it: no reply
  run.run();
  const auto said = run.said();
  REQUIRE(said.size() == 9);
  CHECK(said[0] == "refused: model 1 is deployed, and no other one was before it");
  CHECK(said[3] == "done: every edge goes back to model 2; model 3 will not answer any more");
  CHECK(said[4] == "refused: a rollback to model 2 is under way: edge-1 has not answered yet");
  CHECK_THAT(said[5], Catch::StartsWith("refused: no model \"9\"; there are models 1 to 3"));
  CHECK(said[6] == "refused: \"tag\" needs a model and a tag");
  CHECK(said[7] == "refused: \"rollback\" goes back to one model");
  CHECK_THAT(said[8], Catch::StartsWith("refused: no model \"9\""));
  // The edge that did not hear of it was told again.
  CHECK(run.driver.deployed.at(NodeId::edge(1)).version == 2);
}

}  // namespace skerry::incremental
