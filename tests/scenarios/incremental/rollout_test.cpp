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
  CHECK(count(2, InstallAs::kServing) == 6);
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

}  // namespace skerry::incremental
