#include <cmath>
#include <set>

#include "tests/scenarios/federated/federated_run.hpp"

namespace skerry::federated {

namespace {

const char* const kPowerOfChoice =
    R"({"select": {"name": "power_of_choice", "count": 2, "candidates": 5},
        "stop": {"any": [{"rounds": 2}]}})";

/// Replies to the selector, by round: who and with which loss.
std::map<Round, std::map<NodeId, double>> replies(const FederatedRun& run) {
  std::map<Round, std::map<NodeId, double>> found;
  for (const auto& s : run.driver.sent) {
    if (!is(s.message, RoundMessage::kEvaluated)) continue;
    const auto evaluated = *from_bytes<Evaluated>(s.message.body);
    if (evaluated.asker == parts::Asker::kSelector) {
      found[evaluated.round][s.message.from] = evaluated.evaluation.loss;
    }
  }
  return found;
}

template <class Lost>
void lose_replies(FederatedRun& run, Lost lost) {
  run.driver.fate = [lost](role::Message& message) {
    const bool gone = is(message, RoundMessage::kEvaluated) && lost(message);
    return gone ? std::vector<Duration>{} : std::vector{Duration::milliseconds(10)};
  };
}

}  // namespace

TEST_CASE("power_of_choice asks its candidates and trains those with the highest loss") {
  FederatedRun run(kPowerOfChoice);
  run.run();
  CHECK(run.driver.count(RoundMessage::kEvaluate, true) == 10);
  CHECK(run.driver.count(RoundMessage::kTrain, true) == 4);
  const auto trained = run.ordered(RoundMessage::kTrain);
  const auto asked = replies(run);
  for (Round round = 1; round <= 2; ++round) {
    const auto& losses = asked.at(round);
    CHECK(losses.size() == 5);
    std::vector<std::pair<double, NodeId>> ranked;
    for (const auto& [node, loss] : losses) ranked.emplace_back(-loss, node);
    std::sort(ranked.begin(), ranked.end());
    const std::set<NodeId> expected{ranked[0].second, ranked[1].second};
    const std::set<NodeId> got{trained[2 * round - 2], trained[2 * round - 1]};
    CHECK(got == expected);
  }
  // The exchange costs time: an evaluation and two messages before training begins.
  CHECK(run.driver.values("round/seconds").front() > 0.2);
}

TEST_CASE("a candidate that is lost does not hold up the round") {
  FederatedRun run(kPowerOfChoice);
  std::optional<NodeId> dead;
  run.driver.fate = [&](role::Message& message) {
    if (is(message, RoundMessage::kEvaluated) && !dead) {
      dead = message.from;
      run.driver.at((run.driver.now() + Duration::seconds(1)).since_start(), NodeId::cloud(),
                    role::PeerLost{*dead});
    }
    return message.from == dead ? std::vector<Duration>{} : std::vector{Duration::milliseconds(10)};
  };
  run.run();
  CHECK(run.driver.stopped->reason == "2 rounds");
  for (const NodeId node : run.ordered(RoundMessage::kTrain)) CHECK(node != dead);
}

TEST_CASE("with a deadline the selector goes on with the replies there are") {
  FederatedRun run(R"({"select": {"name": "power_of_choice", "count": 2, "candidates": 5},
                       "rounds": {"deadline": "1 s"}, "stop": {"any": [{"rounds": 1}]}})");
  int replies_seen = 0;
  lose_replies(run, [&replies_seen](role::Message&) { return ++replies_seen > 3; });
  run.run();
  CHECK(run.driver.values("round/accepted") == std::vector<double>{2});
}

TEST_CASE("replies from edges that were not asked, or that make no sense, count for nothing") {
  FederatedRun clean(kPowerOfChoice), run(kPowerOfChoice);
  clean.run();
  std::set<NodeId> asked;
  const auto losses = replies(clean);
  for (const auto& [node, loss] : losses.at(1)) asked.insert(node);
  NodeId stranger;
  for (std::uint32_t k = 0; k < 8; ++k) {
    if (!asked.contains(NodeId::edge(k))) stranger = NodeId::edge(k);
  }
  const auto say = [&run](NodeId from, Evaluated evaluated) {
    run.driver.at(Duration::milliseconds(5), NodeId::cloud(),
                  role::MessageArrived{run.federation().channel().message(
                      from, NodeId::cloud(), RoundMessage::kEvaluated, evaluated)});
  };
  say(stranger, {1, parts::Asker::kSelector, {.samples = 1, .loss = 1e9, .accuracy = 0}});
  say(*asked.begin(), {1, parts::Asker::kSelector, {.samples = 1, .loss = NAN, .accuracy = 0}});
  say(*asked.begin(), {7, parts::Asker::kSelector, {.samples = 1, .loss = 1e9, .accuracy = 0}});
  run.run();
  const auto trained = run.ordered(RoundMessage::kTrain);
  CHECK(std::find(trained.begin(), trained.begin() + 2, stranger) == trained.begin() + 2);
  CHECK(run.last("updates/refused/wrong shape") == 1);
}

}  // namespace skerry::federated
