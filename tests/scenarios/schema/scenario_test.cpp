#include "scenarios/schema/scenario.hpp"

#include "algorithms/sdk/plugin.hpp"
#include "scenarios/schema/json.hpp"
#include "tests/catch.hpp"

namespace skerry {
namespace {

constexpr const char* kGood = R"({
  "version": 1, "name": "small", "paradigm": "federated", "seed": 7,
  "data": {"source": {"name": "synthetic_blobs", "samples": 100}},
  "model": "softmax",
  "local": {"optimizer": {"name": "sgd", "learning_rate": 0.1}},
  "server": "fedavg",
  "select": {"name": "uniform", "fraction": 0.5},
  "stop": {"any": [{"rounds": 3}]},
  "nodes": {"edges": 4}
})";

struct Reading {
  schema::Scenario scenario;
  std::string errors;
};

Reading read(const std::string& text, const std::vector<std::string>& overrides = {}) {
  static const Registry registry = [] {
    Registry all;
    REQUIRE(all.add(binary_local::head).ok());
    return all;
  }();
  auto document = schema::parse_json(text);
  INFO(document.message());
  REQUIRE(document.ok());
  for (const std::string& change : overrides) {
    const auto parsed = schema::parse_override(change);
    REQUIRE(parsed.ok());
    const Status applied = schema::apply(*parsed, *document);
    INFO(applied.message());
    REQUIRE(applied.ok());
  }
  Problems problems;
  Reading reading;
  reading.scenario = schema::read_scenario(*document, registry, ".", problems);
  reading.errors = problems.text("small.json");
  return reading;
}

TEST_CASE("a good scenario is read with every default filled in") {
  const Reading reading = read(kGood);
  CHECK(reading.errors == "");
  const ConfigNode echo = schema::resolved(reading.scenario);
  CHECK(echo.find("select")->text() == R"({"fraction": 0.5, "name": "uniform"})");
  CHECK(echo.find("server")->find("reduce")->find("name")->text() == "\"mean\"");
  CHECK(echo.find("local")->find("method")->text() == R"({"name": "plain"})");
  CHECK(echo.find("data")->find("partition")->find("name")->text() == "\"iid\"");
  CHECK(echo.find("rounds")->find("mode")->text() == "\"sync\"");
}

TEST_CASE("what was resolved reads back as the same scenario") {
  const ConfigNode once = schema::resolved(read(kGood).scenario);
  const Reading again = read(schema::write_json(once));
  CHECK(again.errors == "");
  CHECK(schema::resolved(again.scenario) == once);
}

TEST_CASE("an edge is not sent the simulated world") {
  const Reading reading = read(kGood, {R"(world={"edges": [{"device": "phone"}]})"});
  CHECK(schema::deployed(reading.scenario).find("world") == nullptr);
  CHECK(schema::deployed(reading.scenario).find("local") != nullptr);
}

TEST_CASE("a misspelt plugin is answered with the nearest name and all names") {
  CHECK(read(kGood, {"server.reduce.name=meen", "server.optimizer=sgd"})
            .errors.starts_with("small.json: /server/reduce/name: no reducer \"meen\"; nearest "
                                "\"mean\"; all: \"buffered\", \"fltrust\", \"krum\", "
                                "\"mean\", \"median\" and \"trimmed_mean\""));
}

TEST_CASE("problems of the whole file come at once") {
  const Reading reading = read(kGood, {"local.epoch=5", "stop.any.0.rounds=0", "nodes.edges=-1",
                                       "select.fraction=2", "data.split.client_test=1.5"});
  CHECK(reading.errors.find("/local/epoch: unknown key \"epoch\"; nearest \"epochs\"") !=
        std::string::npos);
  CHECK(reading.errors.find("/stop/any/0/rounds: 0 is outside [1, 4294967295]") !=
        std::string::npos);
  CHECK(reading.errors.find("/nodes/edges: -1 is outside [1, 100000000]") != std::string::npos);
  CHECK(reading.errors.find("/select/fraction: 2 is outside [0, 1]") != std::string::npos);
  CHECK(reading.errors.find("/data/split/client_test: 1.5 is outside [0, 1)") != std::string::npos);
}

TEST_CASE("a run that would never end is refused") {
  CHECK(read(kGood, {"stop={}"}).errors ==
        "small.json: /stop: the run would never end: give conditions under \"any\" or \"all\"\n");
  CHECK(read(kGood, {R"(stop={"any": [{"metric": "test/accuracy"}]})"}).errors ==
        "small.json: /stop/any/0/metric: needs one of \"at_least\" and \"at_most\"\n");
}

TEST_CASE("overrides open up names, lists and new objects") {
  const Reading reading = read(kGood, {"local.method=fedprox", "local.method.mu=0.5",
                                       "stop.any.0.rounds=9", "rounds.deadline=30 s"});
  CHECK(reading.errors == "");
  const ConfigNode echo = schema::resolved(reading.scenario);
  CHECK(echo.find("local")->find("method")->text() == R"({"name": "fedprox", "mu": 0.5})");
  CHECK(echo.find("rounds")->find("deadline")->text() == "\"30 s\"");
}

TEST_CASE("an override that leads nowhere says where it stopped") {
  auto document = *schema::parse_json(kGood);
  const auto into_number = *schema::parse_override("seed.x=1");
  CHECK(schema::apply(into_number, document).message() ==
        "/seed/x: there is a whole number, not an object");
  const auto past_end = *schema::parse_override("stop.any.4.rounds=1");
  CHECK(schema::apply(past_end, document).message() ==
        "/stop/any/4: a list of 1 has no such index");
  CHECK(schema::parse_override("no equals").message() ==
        "\"no equals\" is not of the form path.to.key=value");
}

TEST_CASE("broken JSON is answered with line and column") {
  CHECK(schema::parse_json("{\n  \"a\": 1,\n  \"a\": 2\n}").message() ==
        "the key \"a\" is given twice in one object");
  CHECK(
      schema::parse_json("{\n  \"a\": }").message().starts_with("line 2, column 8: syntax error"));
  CHECK_FALSE(schema::parse_json("").ok());
  CHECK_FALSE(schema::parse_json("{} {}").ok());
}

TEST_CASE("no prefix of a scenario is taken for a whole one") {
  const std::string text = kGood;
  for (std::size_t size = 0; size + 1 < text.size(); ++size) {
    CHECK_FALSE(schema::parse_json(text.substr(0, size)).ok());
  }
}

}  // namespace
}  // namespace skerry
