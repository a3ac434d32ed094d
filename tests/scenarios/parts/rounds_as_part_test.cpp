// Rounds as a part: a cloud has one model trained by some edges and goes on from there with others,
// as paradigms with several trainings do.

#include <set>

#include "scenarios/federated/federated.hpp"
#include "scenarios/parts/round_messages.hpp"
#include "scenarios/parts/rounds.hpp"
#include "tests/same_bits.hpp"
#include "tests/scenarios/role_driver.hpp"
#include "tests/scenarios/staged_scenario.hpp"

namespace skerry::parts {
namespace {

const char* const kScenario = R"({
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

StopConfig after(std::uint32_t rounds) {
  StopConfig stop;
  stop.any.push_back({.rounds = rounds});
  return stop;
}

std::vector<NodeId> edges(std::uint32_t first, std::uint32_t end) {
  std::vector<NodeId> nodes;
  for (std::uint32_t k = first; k < end; ++k) nodes.push_back(NodeId::edge(k));
  return nodes;
}

/// Two rounds with edges 0 to 3, then three with edges 2 to 5 that start from the result.
class TwoTasks final : public role::Role {
 public:
  explicit TwoTasks(const Federation& federation)
      : book_(NodeId::cloud(), federation.seeds().sampling),
        membership_(federation.data()),
        rounds_(make_rounds(federation, {book_, membership_, traffic_})) {}

  void save(ByteWriter& writer) const override {
    writer(book_, membership_, traffic_, tasks_);
    rounds_->save(writer);
  }
  void load(ByteReader& reader) override {
    reader(book_, membership_, traffic_, tasks_);
    rounds_->load(reader);
  }

 private:
  void on_start(const role::Start& start, SimTime now, role::Effects& effects) override {
    membership_.start(start);
    tasks_ = 1;
    rounds_->begin({.model = {}, .nodes = edges(0, 4), .stop = after(2)}, now, effects);
  }
  void on_message(const role::Message& message, SimTime now, role::Effects& effects) override {
    rounds_->on_message(message, now, effects);
  }
  void on_job(const role::JobFinished& finished, SimTime now, role::Effects& effects) override {
    rounds_->on_job(finished, now, effects);
    if (!rounds_->ended()) return;
    const role::Stop end = *rounds_->ended();
    if (tasks_++ > 1) return effects.stop(end.reason, end.model, end.failed);
    rounds_->begin({.model = end.model, .nodes = edges(2, 6), .stop = after(3)}, now, effects);
  }

  JobBook book_;
  Membership membership_;
  Traffic traffic_;
  std::unique_ptr<Rounds> rounds_;
  std::uint32_t tasks_ = 0;
};

class TwoTasksParadigm final : public role::Paradigm {
 public:
  explicit TwoTasksParadigm(const role::StagedScenario& staged)
      : federated_(dynamic_cast<const federated::Federated&>(*staged.paradigm)) {}
  std::unique_ptr<role::Role> make_role(NodeId node) const override {
    if (node.is_cloud()) return std::make_unique<TwoTasks>(federated_.federation());
    return federated_.make_role(node);
  }
  const role::JobKinds& jobs() const override { return federated_.jobs(); }
  std::string_view numerics() const override { return federated_.numerics(); }

 private:
  const federated::Federated& federated_;
};

TEST_CASE("rounds train a given model with given nodes until a given rule, then say so") {
  role::StagedScenario staged(kScenario);
  const TwoTasksParadigm paradigm(staged);
  role::RoleDriver driver(paradigm, 8);
  driver.start();
  REQUIRE(driver.run());
  CHECK(driver.stopped->reason == "3 rounds");
  CHECK_FALSE(driver.stopped->failed);
  std::vector<std::set<NodeId>> asked;  // by round
  for (const auto& sent : driver.sent) {
    const auto& channel =
        dynamic_cast<const federated::Federated&>(*staged.paradigm).federation().channel();
    if (!channel.is(sent.message, RoundMessage::kTrain)) continue;
    if (asked.empty() || asked.back().size() == 4) asked.emplace_back();
    asked.back().insert(sent.message.to);
  }
  REQUIRE(asked.size() == 5);
  for (std::size_t round = 0; round < 5; ++round) {
    const auto expected = round < 2 ? edges(0, 4) : edges(2, 6);
    CHECK(std::vector<NodeId>(asked[round].begin(), asked[round].end()) == expected);
  }
}

}  // namespace
}  // namespace skerry::parts
