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

const Registry& plugins() {
  static const Registry registry = [] {
    Registry all;
    REQUIRE(all.add(binary_local::head).ok());
    return all;
  }();
  return registry;
}

Reading read(const std::string& text, const std::vector<std::string>& overrides = {}) {
  auto document = schema::parse_json(text);
  INFO(document.message());
  REQUIRE(document.ok());
  const Status applied = schema::apply_all(overrides, *document);
  INFO(applied.message());
  REQUIRE(applied.ok());
  Problems problems;
  Reading reading;
  reading.scenario = schema::read_scenario(*document, plugins(), ".", problems);
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
  CHECK(read(kGood, {"server.reduce.name=meen"}).errors ==
        "small.json: /server/reduce/name: no reducer \"meen\"; nearest \"mean\"; all: " +
            listed(plugins().names("reducer")) + "\n");
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

TEST_CASE("a misspelt key is answered with the common keys and those of the paradigm") {
  const std::string all =
      "all: \"version\", \"name\", \"seed\", \"seeds\", \"data\", \"nodes\", \"world\", "
      "\"paradigm\", \"model\", \"loss\", \"init\", \"freeze\", \"local\", \"server\", \"update\", "
      "\"select\", "
      "\"rounds\", \"stop\" and \"evaluate\"\n";
  CHECK(read(kGood, {"dta={}"}).errors ==
        "small.json: /dta: unknown key \"dta\"; nearest \"data\"; " + all);
  CHECK(read(kGood, {"node=3"}).errors ==
        "small.json: /node: unknown key \"node\"; nearest \"nodes\"; " + all);
  CHECK(read(kGood, {"locl=3"}).errors ==
        "small.json: /locl: unknown key \"locl\"; nearest \"local\"; " + all);
  CHECK(read(kGood, {"select.fractoin=0.5"}).errors ==
        "small.json: /select/fractoin: unknown key \"fractoin\"; nearest \"fraction\"; all: "
        "\"fraction\", \"count\" and \"name\"\n");
  CHECK(read(kGood, {"data.splt=3"}).errors ==
        "small.json: /data/splt: unknown key \"splt\"; nearest \"split\"; all: \"source\", "
        "\"partition\", \"split\", \"stream\" and \"agreed\"\n");
  CHECK(read(kGood, {"paradigm=null", "pardigm=federated"}).errors ==
        "small.json: /paradigm: is missing: the name of a paradigm; \"pardigm\" is nearest to "
        "it\n");
}

TEST_CASE("the order of overrides does not matter") {
  const std::vector<std::vector<std::string>> pairs{
      {"local.method.mu=0.5", "local.method=fedprox"},
      {"server.optimizer.learning_rate=0.25", "server=fedadam"},
      {"world.edges.0.device.cores=2", R"(world.edges=[{"device": "phone"}])"},
      {"stop.any.0.rounds=9", R"(stop={"any": [{"rounds": 1}]})"}};
  for (const auto& pair : pairs) {
    INFO(pair[0]);
    const Reading one = read(kGood, {pair[0], pair[1]}), other = read(kGood, {pair[1], pair[0]});
    CHECK(one.errors == "");
    CHECK(schema::resolved(one.scenario) == schema::resolved(other.scenario));
    CHECK_FALSE(schema::resolved(one.scenario) ==
                schema::resolved(read(kGood, {pair[1]}).scenario));
  }
}

TEST_CASE("overrides of one path that differ are refused") {
  auto document = *schema::parse_json(kGood);
  CHECK(schema::apply_all({"seed=3", "name=x", "seed=4"}, document).message() ==
        "seed=4: contradicts seed=3");
  CHECK(schema::apply_all({"seed=3", "seed=3"}, document).ok());
}

TEST_CASE("keys that contradict each other, or mean nothing, are refused where they stand") {
  const auto errors = [](const std::string& change) { return read(kGood, {change}).errors; };
  CHECK(errors("select.count=3") ==
        "small.json: /select/count: contradicts \"fraction\": give one of them, or say null for "
        "the other\n");
  CHECK(read(kGood, {"select.count=3", "select.fraction=null"}).errors == "");
  CHECK(errors("rounds.concurrency=3") ==
        "small.json: /rounds/concurrency: means nothing without \"mode\": \"async\"\n");
  CHECK(errors(R"(rounds={"mode": "async", "over_select": 0.5})") ==
        "small.json: /rounds/over_select: means nothing with \"mode\": \"async\"\n");
  CHECK(errors("update.down_versions=3") ==
        "small.json: /update/down_versions: means nothing without \"down_sends\": \"change\"\n");
  CHECK(errors(R"(update={"down_versions": 3, "down_sends": "change"})") == "");
  CHECK(errors(R"(local={"optimizer": "sgd", "steps": 3, "epochs": 2})") ==
        "small.json: /local/epochs: means nothing with \"steps\"\n");
  CHECK(errors("rounds.deadline=0 s") ==
        "small.json: /rounds/deadline: is 0: no edge could answer in time\n");
}

TEST_CASE("a run that would never end is refused") {
  CHECK(read(kGood, {"stop={}"}).errors ==
        "small.json: /stop: the run would never end: give conditions under \"any\" or \"all\"\n");
  CHECK(read(kGood, {R"(stop={"any": [{"metric": "test/accuracy"}]})"}).errors ==
        "small.json: /stop/any/0/metric: needs exactly one of \"at_least\" and \"at_most\"\n");
}

TEST_CASE("overrides open up names, lists and new objects") {
  const Reading reading = read(kGood, {"local.method=fedprox", "local.method.mu=0.5",
                                       "stop.any.0.rounds=9", "rounds.deadline=30 s"});
  CHECK(reading.errors == "");
  const ConfigNode echo = schema::resolved(reading.scenario);
  CHECK(echo.find("local")->find("method")->text() == R"({"name": "fedprox", "mu": 0.5})");
  CHECK(echo.find("rounds")->find("deadline")->text() == "\"30 s\"");
}

TEST_CASE("what the file and the command line say goes over a preset, the command line last") {
  const auto server = [](const std::vector<std::string>& overrides) {
    const Reading reading = read(kGood, overrides);
    CHECK(reading.errors == "");
    return schema::resolved(reading.scenario).find("server")->text();
  };
  const std::string file =
      R"(server={"name": "fedadam", "optimizer": {"learning_rate": 0.5, "beta1": 0.75}})";
  const auto adam = [](const std::string& parameters) {
    return R"(server={"reduce": "mean", "optimizer": {"name": "adam", )" + parameters + "}}";
  };
  CHECK(server({"server=fedadam"}) == server({adam(R"("learning_rate": 0.01)")}));
  CHECK(server({"server=fedadam", "server.optimizer.learning_rate=0.25"}) ==
        server({adam(R"("learning_rate": 0.25)")}));
  CHECK(server({file}) == server({adam(R"("learning_rate": 0.5, "beta1": 0.75)")}));
  CHECK(server({file, "server.optimizer.learning_rate=0.25"}) ==
        server({adam(R"("learning_rate": 0.25, "beta1": 0.75)")}));
  CHECK(
      server({R"(server={"optimizer": {"name": "adam", "beta1": 0.75}})", "server.name=fedadam"}) ==
      server({adam(R"("learning_rate": 0.01, "beta1": 0.75)")}));
}

TEST_CASE("another plugin in a preset's place brings its own parameters, the same one keeps them") {
  const auto optimizer = [](const std::vector<std::string>& overrides) {
    const Reading reading = read(kGood, overrides);
    CHECK(reading.errors == "");
    return schema::resolved(reading.scenario).find("server")->find("optimizer")->text();
  };
  const std::string momentum = "server=fedavgm";  // sgd, whose parameter momentum adam lacks
  CHECK(optimizer({momentum, "server.optimizer=adam"}) ==
        optimizer({R"(server={"reduce": "mean", "optimizer": "adam"})"}));
  CHECK(optimizer({momentum, "server.optimizer=sgd"}) == optimizer({momentum}));
  CHECK(optimizer({momentum, R"(server.optimizer={"name": "sgd"})"}) == optimizer({momentum}));
}

TEST_CASE("on the cloud the adaptive optimisers are those of Reddi et al., on an edge PyTorch's") {
  const auto optimizer = [](const std::string& place, const std::string& override) {
    const Reading reading = read(kGood, {override});
    CHECK(reading.errors == "");
    return schema::resolved(reading.scenario).find(place)->find("optimizer")->text();
  };
  const auto server = [&](const std::string& chosen) {
    return optimizer("server", R"(server={"reduce": "mean", "optimizer": )" + chosen + "}");
  };
  const std::vector<std::array<std::string, 3>> rows{
      {"fedadam", R"("adam")",
       R"({"name": "adam", "learning_rate": 0.01, "beta2": 0.99, "tau": 0.001,
           "bias_correction": false})"},
      {"fedyogi", R"("yogi")",
       R"({"name": "yogi", "learning_rate": 0.01, "beta2": 0.99, "tau": 0.001})"},
      {"fedadagrad", R"("adagrad")",
       R"({"name": "adagrad", "learning_rate": 0.1, "tau": 0.001, "beta1": 0})"},
  };
  for (const auto& [preset, name, written_out] : rows) {
    CAPTURE(preset);
    CHECK(server(name) == optimizer("server", "server=" + preset));
    CHECK(server(name) == server(written_out));
    CHECK(server(name).find("\"tau\": 0.001") != std::string::npos);
    CHECK(optimizer("local", "local.optimizer=" + name).find("tau") == std::string::npos);
  }
}

TEST_CASE("written out by hand, the cloud's sgd takes the whole step that presets take") {
  const auto optimizer = [](const std::vector<std::string>& overrides) {
    const Reading reading = read(kGood, overrides);
    CHECK(reading.errors == "");
    return schema::resolved(reading.scenario).find("server")->find("optimizer")->text();
  };
  const std::string preset = optimizer({"server=fedavg"});
  for (const char* sgd :
       {R"("sgd")", R"({"name": "sgd"})", R"({"name": "sgd", "learning_rate": null})"}) {
    CHECK(optimizer({R"(server={"reduce": "mean", "optimizer": )" + std::string(sgd) + "}"}) ==
          preset);
  }
  CHECK(
      optimizer({R"(server={"reduce": "mean", "optimizer": {"name": "sgd", "momentum": 0.9}})"}) ==
      optimizer({"server=fedavgm"}));
  CHECK(optimizer({R"(server={"reduce": "mean", "optimizer": "adam"})"}).find(": 1.0") ==
        std::string::npos);
}

TEST_CASE("a mistake in a preset or over it is said where it stands") {
  CHECK(read(kGood, {"server=fedadm"})
            .errors.starts_with("small.json: /server: no choice \"fedadm\"; nearest \"fedadam\""));
  CHECK(read(kGood, {"server=fedadm", "server.reduce=mean"})
            .errors.starts_with("small.json: /server/name: no choice \"fedadm\"; nearest "));
  CHECK(read(kGood, {"server=fedadam", "server.optimizer.learning_rate=-1"})
            .errors.starts_with("small.json: /server/optimizer/learning_rate: -1 is outside"));
  CHECK(read(kGood, {"server=fedadam", "server.optimiser.learning_rate=1"})
            .errors.starts_with("small.json: /server/optimiser: unknown key \"optimiser\"; nearest "
                                "\"optimizer\""));
}

TEST_CASE("what should be the name of a plugin is asked for with the right article") {
  CHECK(
      read(kGood, {"local.optimizer=3"}).errors ==
      "small.json: /local/optimizer: expected the name of an optimizer, got a whole number (3)\n");
  CHECK(read(kGood, {"local.optimizer={}"}).errors ==
        "small.json: /local/optimizer: has no \"name\" of an optimizer\n");
  CHECK(read(kGood, {"local.method=3"}).errors ==
        "small.json: /local/method: expected the name of a local method, got a whole number (3)\n");
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
  CHECK(schema::parse_json("\xef\xbb\xbf{}").value() == ConfigNode::object());
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
