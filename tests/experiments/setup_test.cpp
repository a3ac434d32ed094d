// Why scenarios are refused, and how a run that cannot go on ends.
#include "experiments/setup.hpp"

#include <filesystem>
#include <fstream>
#include <set>

#include "experiments/simulate.hpp"
#include "scenarios/host/plugin_file.hpp"
#include "scenarios/schema/json.hpp"
#include "sim/simulation.hpp"
#include "tests/evil_plugins.hpp"
#include "tests/experiments/shipped_run.hpp"
#include "tests/scenarios/host/scratch_directory.hpp"

namespace skerry {
namespace {

experiments::Document opened(const std::string& name, std::vector<std::string> overrides) {
  auto document = experiments::open_document(
      {.file = shipped(name).string(), .overrides = std::move(overrides), .plugins = {}});
  INFO(document.message());
  REQUIRE(document.ok());
  return std::move(*document);
}

std::string problems_of(const std::string& name, std::vector<std::string> overrides) {
  return experiments::check(opened(name, std::move(overrides))).message();
}

std::string standstill_of(const std::string& name, std::vector<std::string> overrides) {
  const auto document = opened(name, std::move(overrides));
  const auto setup = experiments::set_up(document);
  INFO(setup.message());
  REQUIRE(setup.ok());
  const auto run = experiments::simulate(document, *setup, {});
  INFO(run.message());
  REQUIRE(run.ok());
  CHECK_FALSE(run->interrupted);
  return run->standstill;
}

TEST_CASE("a world that loses messages is refused where nobody would ever stop waiting for one") {
  const std::string loss = "world.messages.loss=0.01";
  CHECK(problems_of("fedavg-blobs", {loss}) ==
        shipped("fedavg-blobs").string() +
            ": /rounds/deadline: is missing: the world loses messages, and the cloud would wait "
            "for ever for the answer to a lost one");
  CHECK(problems_of("fedavg-blobs", {loss, "rounds.mode=\"async\""})
            .find(": /rounds/deadline: is missing: ") != std::string::npos);
  CHECK(problems_of("joint-blobs", {loss, "deadline=null"}) ==
        shipped("joint-blobs").string() +
            ": /deadline: is missing: the world loses messages, and an edge would wait for ever "
            "for the answer to a lost one");
  CHECK(problems_of("fedavg-blobs", {loss, R"(stop={"all": [{"rounds": 8},
                                                             {"virtual_time": "1 h"}]})"}) != "");
}

TEST_CASE("a world that loses messages is fine where a deadline or the time limit ends the wait") {
  const std::string loss = "world.messages.loss=0.01";
  CHECK(problems_of("fedavg-blobs", {loss, "rounds.deadline=\"1 min\""}) == "");
  CHECK(problems_of("joint-blobs", {loss, "deadline=\"1 s\""}) == "");
  CHECK(problems_of("fedavg-blobs", {loss, R"(stop={"any": [{"rounds": 8},
                                                             {"virtual_time": "1 h"}]})"}) == "");
}

/// The error without the file's name. validate must say the same as a run or a cloud.
std::string refusal(const std::string& name, const std::vector<std::string>& overrides) {
  const auto document = opened(name, overrides);
  const std::string text = experiments::check(document).message();
  CHECK(experiments::set_up(document).message() == text);
  CHECK(text.find('\n') == std::string::npos);
  const std::string file = shipped(name).string() + ": ";
  REQUIRE(text.starts_with(file));
  return text.substr(file.size());
}

TEST_CASE("what a run refuses without looking at data, validate refuses in the same words") {
  CHECK(refusal("fedavg-blobs", {"server=fedbuff"}) ==
        "/server/reduce/name: \"buffered\" steps when its buffer is full: it needs \"rounds\": "
        "{\"mode\": \"async\"}");
  CHECK(refusal("fedbuff-blobs", {"select.name=power_of_choice"}).starts_with("/select/name: "));
  CHECK(refusal("fedavg-blobs", {"nodes.edges=4", "rounds.minimum=5"}).starts_with("/select: "));
  CHECK(refusal("fedavg-blobs",
                {R"(data.partition={"name": "size", "partition_sizes": [10, 20]})"}) ==
        "/data/partition: partition_sizes lists 2 sizes for 30 edges");
  CHECK(refusal("joint-blobs", {"edge_model.train=null"}) ==
        "/edge_model: says exactly one of \"train\" and \"file\"");
}

TEST_CASE("numbers of edges that the scenario does not have are refused") {
  CHECK(refusal("fedavg-blobs", {"nodes.edges=3", "rounds.start_with=9"}) ==
        "/rounds/start_with: is 9, but the scenario has 3 edges");
  CHECK(refusal("fedavg-blobs", {"nodes.edges=30", "select.fraction=null", "select.count=200"}) ==
        "/select/count: is 200, but the scenario has 30 edges");
  CHECK(refusal("fedbuff-blobs", {"nodes.edges=30", "rounds.concurrency=31"}) ==
        "/rounds/concurrency: is 31, but the scenario has 30 edges");
  CHECK(refusal("fedbuff-blobs", {"rounds.minimum=31"}).starts_with("/rounds/minimum: "));
}

TEST_CASE("a condition of the stop rule that can never hold is refused") {
  const auto stop = [](const std::string& condition) {
    return refusal("fedavg-blobs", {"stop={\"any\": [{\"rounds\": 2}, " + condition + "]}"});
  };
  CHECK(stop(R"({"metric": "test/accurcy", "at_least": 0.5})")
            .starts_with("/stop/any/1/metric: no metric \"test/accurcy\" can end a run; nearest "
                         "\"test/accuracy\"; all: \"test/accuracy\", "));
  CHECK(stop(R"({"metric": "train/loss", "at_most": 0.5})").starts_with("/stop/any/1/metric: no "));
  CHECK(stop(R"({"metric": "test/accuracy", "at_least": 1.5})") ==
        "/stop/any/1/at_least: \"test/accuracy\" is never more than 1.0");
  CHECK(stop(R"({"metric": "test/loss", "at_most": -0.5})") ==
        "/stop/any/1/at_most: \"test/loss\" is never less than 0.0");
  CHECK(stop(R"({"metric": "validation/loss", "at_most": 0.5})") ==
        "/stop/any/1/metric: \"validation/loss\" is never measured: "
        "/data/split/server_validation is 0");
  CHECK(stop(R"({"metric": "edges/loss_mean", "at_most": 0.5})") ==
        "/stop/any/1/metric: \"edges/loss_mean\" is never measured: /evaluate/edges is missing");
  CHECK(refusal("fedavg-blobs", {R"(stop={"all": [{"metric": "test/los", "at_most": 1}]})"})
            .starts_with("/stop/all/0/metric: no metric \"test/los\""));
}

TEST_CASE("edges that have nothing to test on end no simulation") {
  const std::string rule = R"(stop={"any": [{"metric": "edges/accuracy_mean", "at_least": 0.5}]})";
  CHECK(problems_of("fedavg-blobs", {rule, "evaluate.edges={}"})
            .ends_with("\"edges/accuracy_mean\" is never measured: /data/split/client_test is 0"));
  CHECK(problems_of("fedavg-blobs", {rule, "evaluate.edges={}", "data.split.client_test=0.2"}) ==
        "");
}

TEST_CASE("a seed is one that a scenario can hold, wherever it comes from") {
  const auto document = opened("fedavg-blobs", {});
  const std::string outside = "18446744073709551615 is outside [0, 9223372036854775807]";
  CHECK(experiments::set_up(document, UINT64_MAX).message().ends_with(": /seed: " + outside));
  CHECK(experiments::set_up(document, INT64_MAX).ok());
}

TEST_CASE("an attack is refused where no edge trains") {
  CHECK(problems_of("joint-blobs", {R"(world.attack={"name": "sign_flip", "share": 0.5})"}) ==
        shipped("joint-blobs").string() +
            ": /world/attack: has no effect: no edge trains in joint inference");
}

TEST_CASE("an attack on data is refused with its reason where the data does not suit it") {
  const auto document =
      opened("fedavg-blobs",
             {R"(world.attack={"name": "label_flip", "share": 0.5, "from": 3, "to": 12})"});
  CHECK(experiments::set_up(document).message() ==
        shipped("fedavg-blobs").string() +
            ": /world/attack: label_flip: \"to\" is 12, but the data's classes are 0 to 9");
}

TEST_CASE("what the simulated world would do to messages does not stop a live run") {
  CHECK(experiments::set_up(opened("fedavg-blobs", {"world.messages.loss=0.01"})).ok());
}

TEST_CASE("a cloud that is gone for good is a standstill although edges still come and go") {
  const std::string crash = R"({"kind": "crash", "nodes": ["cloud"], "at": "10 ms"})";
  CHECK(
      standstill_of("fedbuff-blobs", {"world.faults=[" + crash + "]"})
          .find(": nothing is left to happen, and the stop rule is not met; the cloud is down, ") !=
      std::string::npos);
  const std::string restart = R"({"kind": "restart", "nodes": ["cloud"], "at": "20 ms"})";
  CHECK(standstill_of("fedbuff-blobs", {"world.faults=[" + crash + "," + restart + "]"}) == "");
}

TEST_CASE("edges that are gone for good do not keep a run alive by their comings and goings") {
  const std::string crash =
      R"(world.faults=[{"kind": "crash", "nodes": ["edge-0", "edge-1"], "at": "1 ms"}])";
  const std::string comes =
      R"(world.availability={"model": "on_off", "mean_on": "20 min", "mean_off": "1 s"})";
  CHECK(standstill_of("fedavg-blobs", {"nodes.edges=2", "select.fraction=1", crash, comes})
            .find("the cloud is up, 2 of 2 edges cannot be reached") != std::string::npos);
}

TEST_CASE("a partition that names the cloud is the one that names every edge") {
  const auto run = [](const std::string& nodes) {
    const auto document =
        opened("fedavg-blobs", {"nodes.edges=3", "select.fraction=1",
                                R"(world.faults=[{"kind": "partition", "nodes": )" + nodes +
                                    R"(, "at": "25 ms", "until": "1 s"}])"});
    const auto setup = experiments::set_up(document);
    REQUIRE(setup.ok());
    auto simulated = experiments::simulate(document, *setup, {});
    REQUIRE(simulated.ok());
    CHECK(simulated->standstill == "");
    return std::move(simulated->record);
  };
  const auto cloud = run(R"(["cloud"])"), edges = run(R"(["edge-2", "edge-0", "edge-1"])");
  CHECK(cloud.stop_reason == "8 rounds");
  CHECK(cloud.schedule_fingerprint == edges.schedule_fingerprint);
  CHECK(cloud.numerics_fingerprint == edges.numerics_fingerprint);
}

std::string failure_of(const std::string& name, std::vector<std::string> overrides) {
  const auto document = opened(name, std::move(overrides));
  const auto setup = experiments::set_up(document);
  INFO(setup.message());
  REQUIRE(setup.ok());
  const auto run = experiments::simulate(document, *setup, {});
  REQUIRE(run.ok());
  CHECK(run->record.failed);
  return run->record.stop_reason;
}

TEST_CASE("rounds that change nothing end where only a metric could end the run") {
  const std::string never = R"(stop={"any": [{"metric": "test/accuracy", "at_least": 1}]})";
  CHECK(failure_of("fedavg-blobs", {never, "rounds.deadline=1 ms"}) ==
        "1000 rounds in a row changed nothing, and only a metric could end the run");
  CHECK(failure_of("fedbuff-blobs", {"rounds.deadline=1 ms"})
            .starts_with("no update comes that counts: "));
}

TEST_CASE("a run in which nothing is left to happen says where it stands still, and why") {
  const std::string cloud = R"([{"kind": "crash", "nodes": ["cloud"], "at": "0 s"}])";
  CHECK(standstill_of("fedavg-blobs", {"world.faults=" + cloud}) ==
        "stands still after step 0, at 0 ns: nothing is left to happen, and the stop rule is "
        "not met; the cloud is down, 0 of 30 edges cannot be reached");
  const std::string edges =
      R"([{"kind": "crash", "nodes": ["edge-0", "edge-1", "edge-2"], "at": "1 ms"}])";
  const std::string text = standstill_of(
      "fedavg-blobs", {"nodes.edges=3", "select.fraction=1", "world.faults=" + edges});
  CHECK(text.find("the cloud is up, 3 of 3 edges cannot be reached") != std::string::npos);
  CHECK(standstill_of("fedavg-blobs", {}) == "");
}

TEST_CASE("an attack by nobody and a name that no terminal can show are refused") {
  const std::string file = shipped("fedavg-blobs").string();
  CHECK(problems_of("fedavg-blobs", {R"(world.attack={"name": "sign_flip", "share": 0.01})"}) ==
        file + ": /world/attack/share: 0.01 of 30 edges is nobody");
  CHECK(problems_of("fedavg-blobs", {"name=\"a\\u0000b\""}) ==
        file + ": /name: has a control character");
}

/// What no file of experiments/ may spell out: the names of paradigms, and the part of metrics'
/// names before the slash.
std::set<std::string> names_of_others() {
  const Registry registry = host::built_in_plugins();
  role::Results results;
  sim::Simulation::declare(results);
  std::set<std::string> names;
  for (const std::string& name : registry.names(role::ParadigmFactory::kSlot)) {
    const char* example = registry.find(role::ParadigmFactory::kSlot, name)->example;
    INFO(name);
    REQUIRE(example != nullptr);
    Problems problems;
    const auto scenario =
        schema::read_scenario(*schema::parse_json(example), registry, "", problems);
    REQUIRE(problems.text("") == "");
    for (auto& info : registry.make(scenario.paradigm)->results().metrics) {
      results.metrics.push_back(std::move(info));
    }
    names.insert(name);
  }
  for (const role::MetricInfo& info : results.metrics) {
    names.insert(info.name.substr(0, info.name.find('/') + 1));
  }
  return names;
}

TEST_CASE("no file of experiments/ names a paradigm or a metric: results are told") {
  const std::set<std::string> names = names_of_others();
  CHECK(names.contains("joint_inference"));
  CHECK(names.contains("test/"));
  std::string found;
  const auto folder = std::filesystem::path(SKERRY_SOURCE_DIR) / "experiments";
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    const std::string type = entry.path().extension().string();
    if (type != ".cpp" && type != ".hpp" && type != ".js" && type != ".html") continue;
    std::ifstream file(entry.path());
    const std::string text((std::istreambuf_iterator<char>(file)), {});
    for (const std::string& name : names) {
      for (const char quote : {'"', '\'', '`'}) {
        const bool whole = !name.ends_with("/");
        const std::string spelt = quote + name + (whole ? std::string(1, quote) : "");
        if (text.find(spelt) != std::string::npos) {
          found += entry.path().filename().string() + ": " + spelt + "\n";
        }
      }
    }
  }
  CHECK(found == "");
}

/// When a plugin's fault shows, which decides how the command ends.
enum class Shows {
  kBefore,  // the run is refused: exit status 2
  kInStep,  // outside of a job: the run ends without a result, its checkpoints are kept: 3
  kInJob,   // on the cloud: the run is stopped and its results are kept: 3
  kOnEdges  // in every edge's job: as kInJob
};

struct Misdeed {
  const char* place;  // of the evil plugin in the scenario
  const char* wrong;
  Shows shows;
  const char* said;
};

std::string evil_override(const Misdeed& misdeed) {
  const std::string place = misdeed.place;
  const bool list = place == "server.stages" || place == "local.terms" || place == "update.up" ||
                    place == "update.down";
  const std::string share = place == "world.attack" ? R"(, "share": 0.5)" : "";
  const std::string choice =
      R"({"name": "evil", "wrong": ")" + std::string(misdeed.wrong) + "\"" + share + "}";
  return place + "=" + (list ? "[" + choice + "]" : choice);
}

/// Checks that the command ends with the line that the user must see.
void check_told(const Misdeed& misdeed, const experiments::SimulateOptions& options = {}) {
  INFO(misdeed.place << ": " << misdeed.wrong);
  std::vector<std::string> overrides{R"(stop={"any": [{"rounds": 2}]})", "nodes.edges=6",
                                     "select.fraction=1", evil_override(misdeed)};
  if (std::string_view(misdeed.place) == "select") overrides[3].insert(8, R"("fraction": 1, )");
  const auto document = opened("fedavg-blobs", overrides);
  const auto setup = experiments::set_up(document);
  if (misdeed.shows == Shows::kBefore) {
    CHECK(setup.message() == shipped("fedavg-blobs").string() + ": " + misdeed.said);
    return;
  }
  INFO(setup.message());
  REQUIRE(setup.ok());
  const auto run = experiments::simulate(document, *setup, options);
  INFO(run.message());
  REQUIRE(run.ok());
  if (misdeed.shows == Shows::kInStep) {
    REQUIRE(run->fault.has_value());
    CHECK(run->fault->kind == host::RunFault::Kind::kPlugin);
    CHECK(run->fault->text == std::string("the run could not go on: ") + misdeed.said);
    return;
  }
  const std::string& reason = run->record.stop_reason;
  const bool on_edges = misdeed.shows == Shows::kOnEdges;
  INFO(reason);
  CHECK(run->record.failed);
  CHECK(reason.starts_with(on_edges ? "every edge of round 1 failed; " : "on the cloud, "));
  CHECK(reason.ends_with((on_edges ? ": " : ", ") + std::string(misdeed.said)));
}

constexpr Misdeed kThrown[] = {
    {"server.reduce", "throw in its constructor", Shows::kBefore,
     "reducer \"evil\" failed: in its constructor: as told in two lines"},
    {"server.reduce", "throw a number in traits()", Shows::kBefore,
     "reducer \"evil\" failed: in traits(): it threw something that is not an exception"},

    {"server.reduce", "throw in state()", Shows::kInJob,
     "reducer \"evil\" failed: in state(): as told in two lines"},
    {"select", "throw in select()", Shows::kInStep,
     "selector \"evil\" failed: in select(): as told in two lines"},
    {"select", "throw a number in observe()", Shows::kInStep,
     "selector \"evil\" failed: in observe(): it threw something that is not an exception"},
    {"server.stages", "throw in act()", Shows::kInJob,
     "server stage \"evil\" failed: in act(): as told in two lines"},
    {"server.optimizer", "throw in moments()", Shows::kInJob,
     "optimizer \"evil\" failed: in moments(): as told in two lines"},
    {"local.optimizer", "throw in step()", Shows::kOnEdges,
     "optimizer \"evil\" failed: in step(): as told in two lines"},
    {"local.method", "throw in records()", Shows::kBefore,
     "local method \"evil\" failed: in records(): as told in two lines"},
    {"local.method", "throw in combine()", Shows::kInJob,
     "local method \"evil\" failed: in combine(): as told in two lines"},
    {"local.terms", "throw in gradient()", Shows::kOnEdges,
     "term \"evil\" failed: in gradient(): as told in two lines"},
    {"update.up", "throw in cost()", Shows::kInStep,
     "transform \"evil\" failed: in cost(): as told in two lines"},
    {"update.down", "throw in wire()", Shows::kInStep,
     "transform \"evil\" failed: in wire(): as told in two lines"},
    {"world.attack", "throw in poisoned()", Shows::kBefore,
     "attack \"evil\" failed: in poisoned(): as told in two lines"},
    {"world.attack", "throw in knowledge()", Shows::kInStep,
     "attack \"evil\" failed: in knowledge(): as told in two lines"},
    {"world.attack", "throw in act()", Shows::kInStep,
     "attack \"evil\" failed: in act(): as told in two lines"},
};

TEST_CASE("what a plugin throws is told with its name, wherever it was called") {
  for (const Misdeed& misdeed : kThrown) check_told(misdeed);
}

constexpr Misdeed kMisdone[] = {
    {"server.reduce", "share NaN", Shows::kInJob,
     "reducer \"evil\" failed: in share(): a share of weight nan and divisor nan, of which no "
     "mean can be made"},
    {"server.reduce", "share nothing", Shows::kInJob,
     "reducer \"evil\" failed: in share(): a share of weight 0.000000 and divisor 0.000000, of "
     "which no mean can be made"},
    {"server.reduce", "share without divisor", Shows::kInJob,
     "reducer \"evil\" failed: in share(): a share of weight 1.000000 and divisor 0.000000, of "
     "which no mean can be made"},
    {"server.reduce", "reduce to NaN", Shows::kInJob,
     "reducer \"evil\" failed: in reduce(): context.reduced has a value that is infinite or "
     "not a number in its record \"delta\""},
    {"server.reduce", "lose what is reduced", Shows::kInJob,
     "reducer \"evil\" failed: in reduce(): context.reduced has lost its record \"delta\""},
    {"server.reduce", "add to what is reduced", Shows::kInJob,
     "reducer \"evil\" failed: in reduce(): context.reduced has a record too many, \"more\""},
    {"server.reduce", "keep a model", Shows::kInJob,
     "reducer \"evil\" failed: in state(): the list has a record \"model\", a name that belongs "
     "to the host"},
    {"server.reduce", "keep what the host keeps", Shows::kInJob,
     "reducer \"evil\" failed: in state(): the list has a record \"server/steps\", a name that "
     "belongs to the host"},
    {"server.reduce", "keep it twice", Shows::kInJob,
     "reducer \"evil\" failed: in state(): the list has the record \"it\" twice"},
    {"server.reduce", "never be done", Shows::kInJob,
     "reducer \"evil\" failed: in finish(): it asks for another exchange after 64 of one round"},
    {"server.reduce", "lose the server", Shows::kInJob,
     "reducer \"evil\" failed: in finish(): context.state has lost its record \"model\""},
    {"server.reduce", "finish with NaN", Shows::kInJob,
     "reducer \"evil\" failed: in finish(): context.delta has a value that is infinite or "
     "not a number"},
    {"select", "ask unasked", Shows::kInStep,
     "selector \"evil\" failed: in select(): it asks for work, and asks() says that it does not"},
    {"select", "pick nobody there is", Shows::kInStep,
     "selector \"evil\" failed: in select(): it picks edge-999, and there are 6 edges"},
    {"select", "pick the cloud", Shows::kInStep,
     "selector \"evil\" failed: in select(): it picks cloud, and there are 6 edges"},
    {"server.stages", "reduce to NaN", Shows::kInJob,
     "server stage \"evil\" failed: in act(): context.reduced has a value that is infinite or "
     "not a number in its record \"delta\""},
    {"server.stages", "lose what is reduced", Shows::kInJob,
     "server stage \"evil\" failed: in act(): context.reduced has lost its record \"delta\""},
    {"server.stages", "lose the server", Shows::kInJob,
     "server stage \"evil\" failed: in act(): context.state has lost its record \"model\""},
    {"server.stages", "keep it under another's name", Shows::kInJob,
     "server stage \"evil\" failed: in state(): the list has a record \"krum/it\", whose name "
     "must begin with \"evil\""},
    {"server.optimizer", "step to NaN", Shows::kInJob,
     "optimizer \"evil\" failed: in step(): the model has a value that is infinite or not a "
     "number"},
    {"local.optimizer", "rate NaN", Shows::kOnEdges,
     "optimizer \"evil\" failed: in plain_rate(): a rate that is infinite or not a number"},
    {"local.method", "send a model", Shows::kBefore,
     "local method \"evil\" failed: in records(): down has a record \"model\", a name that "
     "belongs to the host"},
    {"local.method", "send what the host keeps", Shows::kBefore,
     "local method \"evil\" failed: in records(): down has a record \"server/steps\", a name "
     "that "
     "belongs to the host"},
    {"local.method", "return nothing", Shows::kBefore,
     "local method \"evil\" failed: in records(): up has no record, so that nothing would be "
     "returned"},
    {"local.method", "return a report", Shows::kBefore,
     "local method \"evil\" failed: in records(): up has a record \"report\", a name that "
     "belongs "
     "to the host"},
    {"local.method", "return half a model", Shows::kBefore,
     "local method \"evil\" failed: in records(): up has a record \"delta\" that is not of the "
     "model's layout"},
    {"local.method", "lose the update", Shows::kOnEdges,
     "local method \"evil\" failed: in train(): context.up has lost its record \"delta\""},
    {"local.method", "return more", Shows::kOnEdges,
     "local method \"evil\" failed: in train(): context.up has a record too many, \"more\""},
    {"local.method", "report no sample", Shows::kOnEdges,
     "local method \"evil\" failed: in train(): it reports 0 samples, and the node has 500"},
    {"local.method", "report many samples", Shows::kOnEdges,
     "local method \"evil\" failed: in train(): it reports 1152921504606846976 samples, and the "
     "node has 500"},
    {"local.method", "combine to NaN", Shows::kInJob,
     "local method \"evil\" failed: in combine(): context.down has a value that is infinite or "
     "not a number in its record \"model\""},
    {"local.method", "lose the model", Shows::kInJob,
     "local method \"evil\" failed: in combine(): context.down has lost its record \"model\""},
    {"local.terms", "keep it under another's name", Shows::kBefore,
     "term \"evil\" failed: in records(): state has a record \"ewc/it\", whose name must begin "
     "with \"evil\""},
    {"local.terms", "move half a model", Shows::kOnEdges,
     "term \"evil\" failed: in affine(): vectors that are not of the model's 1002 parameters, or "
     "two scales"},
    {"local.terms", "train on nothing", Shows::kOnEdges,
     "term \"evil\" failed: in batch(): a batch of 0 examples, 200 inputs, 10 labels and 0 "
     "weights, which do not fit each other"},
    {"update.up", "send nothing", Shows::kBefore,
     "transform \"evil\" failed: in wire(): the list has no record, so that nothing would be "
     "sent"},
    {"update.up", "send it twice", Shows::kBefore,
     "transform \"evil\" failed: in wire(): the list has the record \"it\" twice"},
    {"update.up", "send a report", Shows::kBefore,
     "transform \"evil\" failed: in wire(): the list has a record \"report\", a name that "
     "belongs "
     "to the host"},
    {"update.up", "keep it under another's name", Shows::kBefore,
     "transform \"evil\" failed: in state(): the list has a record \"top_k/it\", whose name must "
     "begin with \"evil\""},
    {"update.up", "lose the update", Shows::kOnEdges,
     "transform \"evil\" failed: in encode(): context.wire has lost its record \"delta\""},
    {"update.up", "lose the update behind the wire", Shows::kInJob,
     "transform \"evil\" failed: in open(): context.plain has lost its record \"delta\""},
    {"update.up", "ask for ever", Shows::kInJob,
     "transform \"evil\" failed: in open(): it asks for another exchange after exchange 2, and "
     "traits().exchanges is 2"},
    {"update.up", "cost NaN", Shows::kInStep,
     "transform \"evil\" failed: in cost(): a cost that is not between 0 and 1e18"},
    {"update.down", "lose the update", Shows::kInJob,
     "transform \"evil\" failed: in encode(): context.wire has lost its record \"model\""},
    {"world.attack", "poison to nothing", Shows::kBefore,
     "attack \"evil\" failed: in poisoned(): it returns no samples"},
    {"world.attack", "lose the update", Shows::kInStep,
     "attack \"evil\" failed: in act(): context.own has lost its record \"delta\""},
};

TEST_CASE("what a plugin gives or leaves that cannot be is told with its name") {
  for (const Misdeed& misdeed : kMisdone) check_told(misdeed);
}

TEST_CASE("a plugin that cannot be saved, or not loaded again, ends the run by its name") {
  const ScratchDirectory folder;
  experiments::SimulateOptions options{.checkpoints = folder / "checkpoints",
                                       .every = std::chrono::seconds(0)};
  check_told({"select", "throw in save()", Shows::kInStep,
              "selector \"evil\" failed: in save(): as told in two lines"},
             options);
  std::atomic<bool> interrupted = true;
  const auto document =
      opened("fedavg-blobs", {R"(select={"name": "evil", "wrong": "load less than it saved"})"});
  const auto setup = experiments::set_up(document);
  REQUIRE(setup.ok());
  options.interrupted = &interrupted;
  REQUIRE(experiments::simulate(document, *setup, options)->interrupted);
  options.interrupted = nullptr;
  options.resume_from = folder / "checkpoints";
  const auto run = experiments::simulate(document, *setup, options);
  INFO(run.message());
  REQUIRE(run.ok());
  REQUIRE(run->fault.has_value());
  CHECK(run->fault->text ==
        "the run could not go on: selector \"evil\" failed: in load(): it does not read "
        "exactly what save() wrote");
}

TEST_CASE("a reducer that asks for another exchange without rounds is told so") {
  const auto document =
      opened("fedbuff-blobs", {R"(server.reduce={"name": "evil", "wrong": "never be done"})"});
  const auto setup = experiments::set_up(document);
  INFO(setup.message());
  REQUIRE(setup.ok());
  const auto run = experiments::simulate(document, *setup, {});
  REQUIRE(run.ok());
  CHECK(run->record.failed);
  CHECK(run->record.stop_reason ==
        "reducer \"evil\" asks for another exchange, which needs rounds: "
        "\"rounds\": {\"mode\": \"sync\"}");
}

}  // namespace
}  // namespace skerry
