// Attackers that know the honest updates, in worlds where orders arrive at very different times.
#include "algorithms/sdk/attack.hpp"
#include "scenarios/schema/json.hpp"
#include "sim/simulation.hpp"
#include "tests/catch.hpp"
#include "tests/scenarios/errands.hpp"
#include "tests/simulated_run.hpp"

namespace skerry {
namespace {

/// Sends an update whose every value is the number of honest updates it saw.
struct Counting final : Attack {
  struct Config {
    template <class V>
    void fields(V&) {}
  };
  explicit Counting(const Config&) {}
  Knowledge knowledge() const override { return Knowledge::kHonestUpdates; }
  void act(AttackContext& context) const override {
    for (float& value : context.own.open("delta").f32()) {
      value = static_cast<float>(context.honest.size());
    }
  }
};

}  // namespace
SKERRY_PLUGIN(Attack, Counting, "counting", "test")
namespace {

/// Two of six edges attack. Orders arrive within half a minute; training takes no time to speak of.
const std::string kScattered = R"({
  "local": {"optimizer": {"learning_rate": 1e-30}}, "data": {"partition": "iid"},
  "world": {"edges": [{"link": {"jitter": "10 s"}}],
            "attack": {"name": "counting", "nodes": ["edge-0", "edge-3"]}}})";

TEST_CASE("an attacker that knows the honest updates waits until all of its round have begun") {
  const auto run = simulated({kScattered, R"({"stop": {"any": [{"rounds": 4}]}})"});
  const auto start = simulated({kScattered, R"({"world": {"attack": {"name": "sign_flip"}}})"});
  // Honest updates are nothing: each round adds a third of the number of those seen.
  const auto moved = final_model(run), from = final_model(start);
  for (std::size_t i = 0; i < moved.size(); ++i) {
    CHECK(moved[i] - from[i] == Approx(4 * 4 / 3.0).margin(1e-4));
  }
}

TEST_CASE("an attacker held back beyond the deadline is left out like anybody else") {
  const auto run = simulated({kScattered, R"({"rounds": {"deadline": "1 ms"}})"});
  CHECK(run.stop_reason == "5 rounds");
}

TEST_CASE("attackers that wait act alike for any number of threads and across saved states") {
  const std::vector<std::string> scenario{kScattered,
                                          R"({"local": {"optimizer": {"learning_rate": 0.1}},
                      "rounds": {"deadline": "8 s"}, "stop": {"any": [{"rounds": 12}]}})"};
  const auto one = simulated(scenario);
  for (const How& how : {How{.threads = 4}, How{.threads = 2, .saved_every_round = true}}) {
    const auto other = simulated(scenario, how);
    CHECK(other.schedule_fingerprint == one.schedule_fingerprint);
    CHECK(other.numerics_fingerprint == one.numerics_fingerprint);
  }
}

TEST_CASE("attackers see no update of a job that failed, and such a run goes on when saved") {
  const Errands errands({.edges = 5, .rounds = 4, .during = [](const role::Job& job, float&) {
                           if (job.kind == Errands::kErrand && job.node == NodeId::edge(1)) {
                             throw std::runtime_error("not today");
                           }
                         }});
  Problems problems;
  sim::WorldConfig config;
  FieldReader(plugins(), problems)
      .read(*schema::parse_json(R"({"edges": [{"link": {"jitter": "10 s"}}],
                                    "attack": {"name": "counting", "nodes": ["edge-0"]}})"),
            config, "/world");
  REQUIRE(problems.text("") == "");
  const sim::World world(config, errands.edges(), 1);
  const auto run = [&](unsigned threads, bool saved) {
    sim::Simulation::Options options{.threads = threads};
    options.checkpoint = [saved](sim::Simulation& now) {
      ByteWriter writer;
      if (saved) now.save(writer);
      for (const auto& held : writer.held()) {
        CHECK(std::static_pointer_cast<role::PayloadCell>(held)->ready());
      }
    };
    sim::Simulation simulation(errands, world, plugins(), options);
    simulation.start();
    REQUIRE(simulation.run());
    return simulation.record();
  };
  const auto one = run(1, false);
  std::vector<double> sums;
  for (const auto& row : one.metrics) {
    if (row.name == "sum") sums.push_back(row.value);
  }
  // Of the updates 1 ... 5 the first is the attacker's, who sends 3, and the second fails; each
  // starts from the model, which nobody changes.
  CHECK(sums == std::vector<double>(4, 3 + 3 + 4 + 5));
  for (const unsigned threads : {1u, 4u}) {
    CHECK(run(threads, true).numerics_fingerprint == one.numerics_fingerprint);
  }
}

}  // namespace
}  // namespace skerry
