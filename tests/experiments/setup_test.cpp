// What a whole scenario is refused for, and how a run ends that cannot go on.
#include "experiments/setup.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>

#include "experiments/scenario_words.hpp"
#include "experiments/simulate.hpp"
#include "scenarios/host/plugin_file.hpp"
#include "scenarios/schema/json.hpp"
#include "sim/simulation.hpp"
#include "tests/experiments/shipped_run.hpp"
#include "tests/scenarios/host/scratch_directory.hpp"

namespace skerry {
namespace {

std::string problems_of(const std::string& name, std::vector<std::string> overrides) {
  return experiments::check(opened(name, std::move(overrides))).message();
}

/// Why a run could not go on; empty if it could.
std::string standstill_of(const std::string& name, std::vector<std::string> overrides) {
  const auto document = opened(name, std::move(overrides));
  const auto setup = experiments::set_up(document);
  INFO(setup.message());
  REQUIRE(setup.ok());
  const auto run = experiments::simulate(document, *setup, {});
  INFO(run.message());
  REQUIRE(run.ok());
  CHECK_FALSE(run->interrupted);
  return run->record.failed ? run->record.stop_reason : "";
}

TEST_CASE("a world that loses messages is refused where nobody would ever stop waiting for one") {
  const std::string loss = "world.messages.loss=0.01";
  CHECK(problems_of("fedavg-blobs", {loss}) ==
        shipped("fedavg-blobs").string() +
            ": /rounds/deadline: is missing: the world loses messages, and the cloud would wait "
            "for ever for the answer to a lost one");
  CHECK(problems_of("joint-blobs", {"world.messages.loss=1", "deadline=\"1 s\""})
            .ends_with(": /world/messages/loss: is 1: no edge would ever be given its model"));
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

/// What is said without the file's name; both validate and a run or a cloud say it.
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

TEST_CASE("what generated data makes impossible shows before any of it is there") {
  const std::string attack = R"(world.attack={"name": "label_flip", "share": 0.5, "from": 3, )";
  CHECK(refusal("fedavg-blobs", {attack + R"("to": 12})"}) ==
        "/world/attack: label_flip: \"to\" is 12, but the data's classes are 0 to 9");
  CHECK(refusal("fedavg-blobs", {"model={\"name\": \"cnn\"}"})
            .starts_with("/model: cnn needs images"));
  CHECK(refusal("joint-blobs", {"cloud_model.model={\"name\": \"cnn\"}"})
            .starts_with("/cloud_model/model: cnn needs images"));
  CHECK(problems_of("joint-blobs", {"data.source.test_samples=0"})
            .find(": /data: has no test examples to ask about") != std::string::npos);
  const auto partition = [](const std::string& how, std::vector<std::string> more = {}) {
    more.push_back("data.partition=" + how);
    const std::string text = refusal("fedavg-blobs", more), place = "/data/partition: ";
    REQUIRE(text.starts_with(place));
    return text.substr(place.size());
  };
  CHECK(partition(R"("iid")", {"data.source.samples=20"}) ==
        "30 edges cannot share 20 training samples: at most one edge a sample");
  CHECK(partition(R"("iid")", {"data.source.samples=40", "data.split.server_validation=0.5"}) ==
        "30 edges cannot share 20 training samples: at most one edge a sample");
  CHECK(partition(R"("natural_id")") ==
        "needs natural ids (who made each sample), which this data does not have");
  CHECK(partition(R"("natural_id")",
                  {R"(data.source={"name": "fedprox_synthetic", "devices": 9})"}) ==
        "30 edges, but the samples come from only 9 makers");
  CHECK(partition(R"({"name": "pathological", "num_classes_per_partition": 11})") ==
        "num_classes_per_partition is 11, but the data has only 10 classes");
  CHECK(partition(R"("dirichlet")", {"data.source.samples=200"}) ==
        "min_partition_size 10 for 30 edges needs 300 samples, there are 200");
  CHECK(partition(R"({"name": "shard", "shard_size": 10})", {"data.source.samples=200"}) ==
        "shard_size 10 cuts 200 samples into 20 shards, too few for 30 edges");
}

TEST_CASE("a bad row of a trace is named by its file") {
  const ScratchDirectory folder;
  std::ofstream(folder / "away.csv") << "0,1,2\n0,5,4\n";
  const std::string file = (folder / "away.csv").string();
  CHECK(refusal("fedavg-blobs",
                {R"(world.availability={"model": "trace", "trace": ")" + file + R"("})"}) ==
        "/world/availability/trace: " + file + ":2: the end is not after the start");
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

TEST_CASE("keys that would change nothing are refused or remarked on") {
  CHECK(refusal("fedprox-dirichlet-blobs", {"select.fraction=1"}) ==
        "/rounds/over_select: has no effect: a cohort is all of the 30 edges");
  CHECK(refusal("fedprox-dirichlet-blobs", {R"(local.terms=["proximal"])"}) ==
        "/local/terms/0: \"proximal\" is the pull that the method \"fedprox\" has already: take "
        "one of them");
  const auto remarks = [](const std::string& name, const std::vector<std::string>& overrides) {
    const auto document = opened(name, overrides);
    const auto setup = experiments::set_up(document);
    INFO(setup.message());
    REQUIRE(setup.ok());
    return setup->paradigm->remarks();
  };
  using Remarks = std::vector<std::string>;
  const std::string ten = "select={\"name\": \"uniform\", \"count\": 10}";
  CHECK(
      remarks("fedavg-blobs",
              {ten, "server.reduce={\"name\": \"trimmed_mean\", \"beta\": 0.09}"}) ==
      Remarks{"/server/reduce: trimmed_mean (beta 0.09) withstands not even one wild update among "
              "the 10 of a round"});
  CHECK(remarks("fedavg-blobs",
                {ten, "server.reduce={\"name\": \"trimmed_mean\", \"beta\": 0.1}"}) == Remarks{});
  CHECK(remarks("fedavg-blobs", {ten, "server.reduce={\"name\": \"krum\", \"byzantine\": 0}"})
            .size() == 1);
  CHECK(
      remarks("fedavg-blobs", {"data.split.client_test=0.2", "data.split.client_validation=0.1"}) ==
      Remarks{"/data/split/client_validation: holds examples back that nobody looks at",
              "/data/split/client_test: holds examples back that nobody looks at"});
  CHECK(remarks("fedbuff-blobs", {"select.fraction=0.1"}) ==
        Remarks{"/select/fraction: has no effect beside /rounds/concurrency, which says how many "
                "edges train at a time"});
  for (const char* name : {"fedavg-blobs", "fedprox-dirichlet-blobs", "scaffold-pathological-blobs",
                           "fedbuff-blobs", "median-attacked-blobs", "joint-blobs"}) {
    INFO(name);
    CHECK(remarks(name, {}) == Remarks{});
  }
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

TEST_CASE("what would have no effect is refused where the scenario says it") {
  const auto says = [](std::vector<std::string> overrides, const std::string& text) {
    CHECK(problems_of("fedavg-blobs", std::move(overrides)) ==
          shipped("fedavg-blobs").string() + ": " + text);
  };
  says({"evaluate.edges={}"},
       "/evaluate/edges: no edge has an example to test on: /data/split/client_test is 0");
  says({R"(update.up=["qsgd", "top_k"])"},
       "/update/up/1: \"top_k\" has no effect here: \"qsgd\" before it leaves it no real numbers");
  says({R"(update.down=["float16", "qsgd"])"},
       "/update/down/1: \"qsgd\" has no effect here: \"float16\" before it leaves it no real "
       "numbers");
  says({R"(select={"name": "all", "count": 2})"},
       "/select/count: means nothing with \"all\", which takes every edge that is eligible");
  says({R"(select={"name": "all", "fraction": 0.5})"},
       "/select/fraction: means nothing with \"all\", which takes every edge that is eligible");
  says({R"(data.source={"name": "csv", "train": "t.csv", "label": "kind", "drop": ["kind"]})"},
       "/data/source/drop: leaves out the column \"kind\", which \"label\" names");
  CHECK(problems_of("fedavg-blobs", {R"(update.up=["top_k", "qsgd"])"}) == "");
  CHECK(problems_of("joint-blobs", {"requests.count=null", R"(requests.duration="0 s")"}) ==
        shipped("joint-blobs").string() +
            ": /requests/duration: must be longer than nothing: no request would come");
}

TEST_CASE(
    "a rule that waits for a metric that the edges do not measure ends the run with a reason") {
  const auto document = opened(
      "fedavg-blobs", {R"(stop={"any": [{"metric": "edges/personal_loss_mean", "at_most": 0.1}]})",
                       "evaluate.edges={}", "data.split.client_test=0.2"});
  const auto setup = experiments::set_up(document);
  REQUIRE(setup.ok());
  const auto run = experiments::simulate(document, *setup, {});
  REQUIRE(run.ok());
  CHECK(run->record.failed);
  CHECK(run->record.stop_reason ==
        "the edges measured their models, and \"edges/personal_loss_mean\" is not among the "
        "results: nothing else can end the run");
}

TEST_CASE("a run that comes to the end of virtual time says so") {
  const std::string slow = R"(world.edges=[{"device": "phone", "link": {"latency": "365 d"}}])";
  struct Case {
    std::string name;
    std::vector<std::string> overrides;
  };
  const Case cases[] = {
      {"fedavg-blobs", {slow, R"(stop={"any": [{"rounds": 1000}]})", "evaluate.every.rounds=1000"}},
      {"joint-blobs", {slow, "requests.count=10", R"(requests.interval="36500 d")"}},
  };
  for (const auto& [name, overrides] : cases) {
    INFO(name);
    const auto document = opened(name, overrides);
    const auto setup = experiments::set_up(document);
    INFO(setup.message());
    REQUIRE(setup.ok());
    const auto run = experiments::simulate(document, *setup, {});
    REQUIRE(run.ok());
    REQUIRE(run->fault.has_value());
    CHECK(run->fault->kind == host::RunFault::Kind::kTime);
    CHECK(run->fault->text.starts_with("virtual time ends after 292 years, and the next thing"));
  }
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

TEST_CASE("a command that no run of the scenario could hear is refused with its place") {
  CHECK(
      problems_of("fedavg-blobs", {R"(world.commands=[{"at": "1 s", "command": "stop"},
                                                        {"at": "1 s", "command": "rollback"}])"}) ==
      shipped("fedavg-blobs").string() +
          ": /world/commands/1/command: nobody in this run knows \"rollback\"; there is \"stop\"");
  const auto document = opened("incremental-canary-blobs",
                               {R"(world.commands=[{"at": "1000 h", "command": "rollback"}])"});
  const auto setup = experiments::set_up(document);
  REQUIRE(setup.message() == "");
  const auto run = experiments::simulate(document, *setup, {});
  CHECK_THAT(run.message(),
             Catch::StartsWith(
                 shipped("incremental-canary-blobs").string() +
                 ": /world/commands/0/at: is 1000 h 00 min, and the run is over after 2 h 00 min"));
  CHECK(run.failure().of_input);
  const auto facts = experiments::facts_of(*setup);
  CHECK(std::ranges::any_of(facts, [](const role::Fact& fact) {
    return fact.name == "command" && fact.words == "rollback at 1000 h 00 min";
  }));
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
    CHECK_FALSE(simulated->record.failed);
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

TEST_CASE("a run that stands still keeps what it has: its metrics and its model") {
  const auto document = opened(
      "fedavg-blobs", {R"(world.faults=[{"kind": "crash", "nodes": ["cloud"], "at": "200 ms"}])"});
  const auto setup = experiments::set_up(document);
  REQUIRE(setup.ok());
  const auto run = experiments::simulate(document, *setup, {});
  REQUIRE(run.ok());
  CHECK(run->record.failed);
  CHECK(run->record.stop_reason.starts_with("stands still after step "));
  CHECK(run->record.result.find("model") != nullptr);
  CHECK_FALSE(run->record.metrics.empty());
  CHECK(run->record.nothing_learnt == "");
}

TEST_CASE("an attack by nobody and a name that no terminal can show are refused") {
  const std::string file = shipped("fedavg-blobs").string();
  CHECK(problems_of("fedavg-blobs", {R"(world.attack={"name": "sign_flip", "share": 0.01})"}) ==
        file + ": /world/attack/share: 0.01 of 30 edges is nobody");
  CHECK(problems_of("fedavg-blobs", {"name=\"a\\u0000b\""}) ==
        file + ": /name: has a control character");
}

/// Names of paradigms and, of metrics, what stands before the slash: what no file of experiments/
/// may spell out.
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

}  // namespace
}  // namespace skerry
