// What an operator of the simulated world says.
#include "scenarios/host/payload_table.hpp"
#include "tests/scenarios/incremental/incremental_run.hpp"
#include "tests/scenarios/simulated_scenario.hpp"

namespace skerry::incremental {

using role::SimulatedScenario;
using role::values;

namespace {

/// A run with what became of its operator's commands.
struct Commanded {
  SimulatedScenario scenario;
  std::vector<std::string> said;
  host::RunRecord record;
  std::vector<role::CataloguedModel> models;

  explicit Commanded(const std::string& changes, unsigned threads = 1)
      : scenario(kScenario, changes) {
    sim::Simulation::Options options{.threads = threads};
    options.say = [this](const std::string& line) { said.push_back(line); };
    sim::Simulation simulation(*scenario.staged.paradigm, *scenario.world, scenario.staged.registry,
                               options);
    simulation.start();
    REQUIRE(simulation.run());
    models = simulation.catalogue()->models;
    record = simulation.record();
  }
};

const char* const kRollsBack = R"({"world": {"commands": [
    {"at": "29 min", "command": "rollback"}, {"at": "90 s", "command": "rollback"},
    {"at": "1 min", "command": "tag 1 first"}]}})";

}  // namespace

TEST_CASE("an operator of the simulated world gives commands at their times") {
  const Commanded told(kRollsBack);
  const auto gone = std::ranges::find_if(
      told.models, [](const auto& model) { return model.tags.contains("rolled back"); });
  REQUIRE(gone != told.models.end());
  REQUIRE(gone->version >= 3);
  CHECK(told.said ==
        std::vector<std::string>{
            "after 60 s, the command \"tag 1 first\": model 1 has the tag \"first\"",
            "after 90 s, the command \"rollback\": refused: model 1 is deployed, and no other one "
            "was before it",
            "after 29 min 00 s, the command \"rollback\": every edge goes back to model " +
                std::to_string(gone->version - 1) + "; model " + std::to_string(gone->version) +
                " will not answer any more"});
  CHECK(told.models[0].tags == std::set<std::string>{"first", "retired"});
  // What is trained from then on follows the one that everybody went back to.
  REQUIRE(gone->version < told.models.size());
  CHECK(told.models[gone->version].parents == std::vector<role::ModelVersion>{gone->version - 1});
  for (const auto& model : Commanded("{}").models) CHECK_FALSE(model.tags.contains("rolled back"));
}

TEST_CASE("a run with commands has the same bits on any number of threads, and after a restart") {
  const Commanded one(kRollsBack), three(kRollsBack, 3);
  CHECK(one.record.schedule_fingerprint == three.record.schedule_fingerprint);
  CHECK(one.record.numerics_fingerprint == three.record.numerics_fingerprint);
  CHECK(one.record.metrics == three.record.metrics);
  std::vector<ByteWriter> saved;
  sim::Simulation::Options options;
  options.checkpoint = [&](sim::Simulation& simulation) {
    if (saved.size() < 3 && simulation.steps() % 9 == 1) simulation.save(saved.emplace_back());
  };
  const SimulatedScenario& scenario = one.scenario;
  sim::Simulation first(*scenario.staged.paradigm, *scenario.world, scenario.staged.registry,
                        options);
  first.start();
  REQUIRE(first.run());
  REQUIRE(saved.size() == 3);
  for (const ByteWriter& state : saved) {
    host::PayloadTable payloads;
    for (const auto& held : state.held()) {
      payloads.add(role::PayloadRef(std::static_pointer_cast<role::PayloadCell>(held)));
    }
    const auto again = scenario.simulation();
    ByteReader reader(state.bytes(), &payloads);
    again->load(reader);
    REQUIRE(reader.finished());
    REQUIRE(again->run());
    CHECK(again->record().schedule_fingerprint == one.record.schedule_fingerprint);
    CHECK(again->record().numerics_fingerprint == one.record.numerics_fingerprint);
  }
}

TEST_CASE("a training begins when the operator of the simulated world says so") {
  const Commanded told(R"({"trigger": {"metric": null, "at_least": null, "command": "train"},
      "world": {"commands": [{"at": "12 min", "command": "train"},
                             {"at": "24 min", "command": "train"}]}})");
  REQUIRE(told.said.size() == 2);
  CHECK(told.said[0] ==
        "after 12 min 00 s, the command \"train\": the trigger will see it at the next check");
  REQUIRE(told.models.size() == 3);
  CHECK(told.models[1].made > SimTime::at(Duration::seconds(12 * 60)));
  CHECK(told.models[1].made < SimTime::at(Duration::seconds(15 * 60)));
  CHECK(told.models[2].made > SimTime::at(Duration::seconds(24 * 60)));
  CHECK(values(told.record, "loop/trainings").back() == 2);
}

TEST_CASE("a cloud that is down hears no command, and \"stop\" ends the run") {
  const Commanded told(R"({"world": {
      "faults": [{"kind": "crash", "nodes": ["cloud"], "at": "5 min"},
                 {"kind": "restart", "nodes": ["cloud"], "at": "8 min"}],
      "commands": [{"at": "6 min", "command": "stop"}, {"at": "9 min", "command": "stop"}]}})");
  CHECK(told.said == std::vector<std::string>{
                         "after 6 min 00 s, the command \"stop\": refused: the cloud is down",
                         "after 9 min 00 s, the command \"stop\": the run ends"});
  CHECK(told.record.stop_reason == "an operator");
  CHECK(told.record.ended == SimTime::at(Duration::seconds(9 * 60)));
}

TEST_CASE("a command that nobody knows, or at no time, is refused with its place") {
  const auto problems = [](const std::string& commands) {
    const SimulatedScenario scenario(kScenario);
    auto document = schema::parse_json(kScenario);
    document->merge(*schema::parse_json(R"({"trigger": {"metric": null, "at_least": null,
        "any": [{"command": "train now"}, {"every": "5 min"}]}})"));
    Problems found;
    const auto read = schema::read_scenario(*document, scenario.staged.registry, ".", found);
    sim::WorldConfig config;
    FieldReader(scenario.staged.registry, found)
        .read(*schema::parse_json(R"({"commands": )" + commands + "}"), config, "/world");
    scenario.staged.registry.make(read.paradigm)->check_world(config.hazards(), found);
    return found.text("file");
  };
  CHECK(problems(R"([{"at": "1 min", "command": "train now"},
                     {"at": "1 min", "command": "rollback 2"},
                     {"at": "1 min", "command": "untag 2 good"}])") == "");
  const std::string known =
      "; there is \"stop\", \"tag MODEL TAG\", \"untag MODEL TAG\", \"rollback [MODEL]\", \"train "
      "now\"\n";
  CHECK(problems(R"([{"at": "1 min", "command": "stop"}, {"at": "1 min", "command": "train"}])") ==
        "file: /world/commands/1/command: nobody in this run knows \"train\"" + known);
  CHECK(problems(R"([{"at": "1 min", "command": "tag 2"}])") ==
        "file: /world/commands/0/command: is not of the form \"tag MODEL TAG\"\n");
  CHECK(problems(R"([{"at": "1 min", "command": "rollback 2 3"}])") ==
        "file: /world/commands/0/command: is not of the form \"rollback [MODEL]\"\n");
  CHECK_THAT(problems(R"([{"at": "-1 min", "command": " "}])"),
             Catch::Contains("/world/commands/0/command: is empty"));
  CHECK_THAT(problems(R"([{"command": "stop"}])"),
             Catch::Contains("/world/commands/0/at: is missing"));
}

}  // namespace skerry::incremental
