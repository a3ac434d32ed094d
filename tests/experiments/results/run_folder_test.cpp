#include "experiments/results/run_folder.hpp"

#include <sys/resource.h>

#include <csignal>
#include <fstream>

#include "datasets/npz.hpp"
#include "experiments/results/folder_claim.hpp"
#include "experiments/results/growing_metrics.hpp"
#include "experiments/results/identity.hpp"
#include "experiments/results/model_file.hpp"
#include "experiments/results/run_log.hpp"
#include "experiments/results/tidy_csv.hpp"
#include "scenarios/schema/json.hpp"
#include "tests/catch.hpp"
#include "tests/datasets/scratch_folder.hpp"
#include "tests/experiments/results/made_up_run.hpp"

namespace skerry::experiments {

using datasets::ScratchFolder;
namespace fs = std::filesystem;

TEST_CASE("a run's folder gives back the run") {
  const ScratchFolder scratch;
  const MadeUpRun made;
  const host::RunRecord record = made.record();
  const auto back = read_run(made.write(scratch / "run"));
  REQUIRE(back.ok());
  CHECK(back->record.metrics == record.metrics);
  CHECK(to_bytes(back->record.spans) == to_bytes(record.spans));
  CHECK(back->record.scenario == record.scenario);
  CHECK(back->record.stop_reason == record.stop_reason);
  CHECK(back->record.ended == record.ended);
  CHECK(back->record.wall_seconds == record.wall_seconds);
  CHECK(back->record.schedule_fingerprint == record.schedule_fingerprint);
  CHECK(back->record.numerics_fingerprint == record.numerics_fingerprint);
  CHECK(back->record.data_hash == record.data_hash);
  CHECK(to_node(back->manifest) == to_node(made.manifest(record)));
}

TEST_CASE("metrics come back from metrics.h5 where metrics.csv is gone") {
  const ScratchFolder scratch;
  const MadeUpRun made;
  const fs::path folder = made.write(scratch / "run");
  fs::remove(folder / "metrics.csv");
  const auto back = read_run(folder);
  REQUIRE(back.ok());
  CHECK(back->record.metrics == made.record().metrics);
  fs::remove(folder / "metrics.h5");
  CHECK(read_run(folder).message() == folder.string() + ": has neither metrics.csv nor metrics.h5");
}

TEST_CASE("a missing or damaged file of a run is named") {
  const ScratchFolder scratch;
  const fs::path folder = MadeUpRun().write(scratch / "run");
  const auto damage = [&](const std::string& file, const std::string& text) {
    const fs::path copy = scratch / ("damaged-" + file);
    fs::copy(folder, copy, fs::copy_options::recursive);
    if (text.empty()) fs::remove(copy / file);
    if (!text.empty()) std::ofstream(copy / file) << text;
    const std::string message = read_run(copy).message();
    const std::string place = (copy / file).string() + ": ";
    return message.starts_with(place) ? message.substr(place.size()) : "elsewhere: " + message;
  };
  CHECK(damage("manifest.json", "") == "No such file or directory");
  CHECK(damage("scenario.json", "") == "No such file or directory");
  CHECK(damage("spans.csv", "") == "No such file or directory");
  CHECK(damage("metrics.csv", "name,node,step,time_s,value\nx") ==
        "line 2: is cut short or misquoted");
}

TEST_CASE("a damaged manifest says which key is wrong") {
  const host::RunRecord record = MadeUpRun().record();
  ConfigNode node = to_node(MadeUpRun().manifest(record));
  const auto fault = [&](const std::string& key, ConfigNode value) {
    ConfigNode changed = node;
    changed.set(key, std::move(value));
    return manifest_from_node(changed).message();
  };
  CHECK(fault("seed", "one") == "/seed: must be a whole number");
  CHECK(fault("format", 7) == "/format: is 7, this program reads 1");
  CHECK(fault("data", ConfigNode::Object{{"origin", ""}, {"hash", "12"}}) ==
        "/data/hash: must be 16 hexadecimal digits");
  CHECK(fault("host", 1) == "/host: must be an object");
  CHECK(manifest_from_node(ConfigNode()).message() == "/format: must be a whole number");
}

TEST_CASE("the manifest says how a run came to be") {
  const host::RunRecord record = MadeUpRun().record();
  const Manifest manifest = MadeUpRun().manifest(record);
  CHECK(manifest.command == "skerry run 'made up.json'");
  CHECK(manifest.started_utc == "2024-05-01T12:00:00Z");
  CHECK(manifest.seed == 1);
  CHECK(manifest.kernels == "plain");
  CHECK(manifest.model_sha256 == sha256(record.result.at("model").bytes()));
  CHECK_FALSE(manifest.compiler.empty());
  CHECK_FALSE(manifest.commit.empty());
  for (const auto& [name, version] : manifest.libraries) {
    INFO(name);
    CHECK_FALSE(version.empty());
  }
}

TEST_CASE("plugin files are hashed, and one that is gone is an error") {
  const ScratchFolder scratch;
  const host::RunRecord record = MadeUpRun().record();
  Circumstances circumstances;
  circumstances.plugins = {scratch.put("abc.so", "abc")};
  const auto manifest = make_manifest(record, circumstances);
  REQUIRE(manifest.ok());
  // FIPS 180-2, appendix B.1
  CHECK(manifest->plugins.front().sha256 ==
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  circumstances.plugins = {scratch / "gone.so"};
  CHECK(make_manifest(record, circumstances).message() ==
        (scratch / "gone.so").string() + ": No such file or directory");
}

TEST_CASE("results are never overwritten and a refusal leaves nothing behind") {
  const ScratchFolder scratch;
  const fs::path folder = MadeUpRun().write(scratch / "run");
  const std::size_t files = scratch.files();
  const host::RunRecord record = MadeUpRun{.seed = 2}.record();
  const Status second = write_run(folder, record, MadeUpRun{.seed = 2}.manifest(record));
  CHECK(second.message() ==
        folder.string() + ": exists and is not empty; results are never overwritten");
  CHECK(scratch.files() == files);
  CHECK(read_run(folder).value().manifest.seed == 1);
  const fs::path file = scratch.put("file", "x");
  CHECK(check_free(file).message() == file.string() + ": exists and is not a folder");
}

TEST_CASE("what a run left that never ended is no result, and a folder of such is free") {
  const ScratchFolder scratch;
  const RunLog log(scratch.put("run/metrics.csv", "name,node,step,time_s,value\n").parent_path() /
                   "log.txt");
  const fs::path folder = scratch / "run";
  CHECK_FALSE(check_free(folder).ok());  // it holds a table of the user's
  REQUIRE(log.add("started: here\nand there").ok());
  CHECK(is_run_log(folder / "log.txt"));
  CHECK(check_free(folder).ok());
  CHECK(check_free(scratch.path()).ok());  // several seeds
  scratch.put("run/notes.txt", "mine");
  CHECK_FALSE(check_free(folder).ok());
  MadeUpRun().write(folder);  // the run began there, and its user added a file meanwhile
  CHECK(is_run_folder(folder));
  std::ifstream lines(folder / "log.txt");
  std::string line;
  std::getline(lines, line);
  CHECK_THAT(line, Catch::EndsWith("Z started: here and there"));
  CHECK(fs::exists(folder / "notes.txt"));
  CHECK_FALSE(check_free(folder).ok());
}

TEST_CASE("growing metrics are a beginning of the table at every moment") {
  const ScratchFolder scratch;
  const fs::path file = scratch / "metrics.csv";
  const auto text = [&] {
    std::ifstream stream(file);
    return std::string(std::istreambuf_iterator<char>(stream), {});
  };
  host::MetricLog log;
  log.add({"a", NodeId::cloud(), SimTime(), 1, 0.5});
  const std::size_t later = log.reserve();
  log.add({"c", NodeId::cloud(), SimTime(), 2, 0.25});
  GrowingMetrics growing(file);
  REQUIRE(growing.begin().ok());
  REQUIRE(growing.take(log).ok());
  CHECK(text() == metrics_csv({log.at(0).front()}));
  log.fill(later,
           {{"b", NodeId::cloud(), SimTime(), 1, 1}, {"b", NodeId::edge(2), SimTime(), 1, 2}});
  REQUIRE(growing.take(log).ok());
  CHECK(text() == metrics_csv(log.rows()));
  // The run goes on from before the second row.
  host::MetricLog again;
  again.add(log.at(0).front());
  REQUIRE(growing.begin().ok());
  REQUIRE(growing.take(again).ok());
  CHECK(text() == metrics_csv(again.rows()));
}

TEST_CASE("an empty folder is filled") {
  const ScratchFolder scratch;
  fs::create_directory(scratch / "run");
  MadeUpRun().write(scratch / "run");
  CHECK(is_run_folder(scratch / "run"));
}

TEST_CASE("a run for which the disk has no room leaves nothing") {
  const ScratchFolder scratch;
  const host::RunRecord record = MadeUpRun().record();
  const Manifest manifest = MadeUpRun().manifest(record);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  rlimit before{};
  ::getrlimit(RLIMIT_FSIZE, &before);
  const rlim_t enough_for_tables = metrics_csv(record.metrics).size() + 100;
  const rlimit narrow{enough_for_tables, before.rlim_max};
  ::setrlimit(RLIMIT_FSIZE, &narrow);
  const Status status = write_run(scratch / "run", record, manifest);
  ::setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);
  CHECK_THAT(status.message(), Catch::EndsWith("metrics.h5: could not be written whole"));
  CHECK(fs::is_empty(scratch.path()));
}

TEST_CASE("a default folder is named after scenario and seed and never taken twice") {
  const ScratchFolder scratch;
  CHECK(default_stem("fedavg-mnist", {3}) == "fedavg-mnist-seed3");
  CHECK(default_stem("../a b", {3}) == "-.-a-b-seed3");
  CHECK(default_stem("", {1, 2, 3}) == "run-seeds1..3");
  CHECK(default_stem("t", {3, 1, 2}) == "t-seeds3,1,2");
  CHECK(default_stem("t", {1000001, 1000003, 1000005, 1000007}) == "t-4-seeds");
  const auto claim = [&] { return FolderClaim::first_free(scratch.path(), "t-seed3"); };
  {
    const auto first = claim(), second = claim();
    REQUIRE((first.ok() && second.ok()));
    CHECK(first->folder() == scratch / "t-seed3");
    CHECK(second->folder() == scratch / "t-seed3-2");
    MadeUpRun().write(second->folder());
  }
  CHECK_FALSE(fs::exists(scratch / "t-seed3"));  // nothing came of the first
  CHECK(fs::exists(scratch / "t-seed3-2"));
  fs::create_directory(checkpoints_of(scratch / "t-seed3"));
  CHECK(claim()->folder() == scratch / "t-seed3-3");
}

TEST_CASE("a folder is claimed once, and what was there before a claim stays") {
  const ScratchFolder scratch;
  fs::create_directory(scratch / "mine");
  {
    const auto claim = FolderClaim::of(scratch / "mine/");
    REQUIRE(claim.ok());
    CHECK(claim->folder() == scratch / "mine");
    CHECK(FolderClaim::of(scratch / "mine").message() ==
          (scratch / "mine").string() + ": another run writes there");
    MadeUpRun().write(claim->folder());
  }
  CHECK(FolderClaim::of(scratch / "mine").ok());
  CHECK(is_run_folder(scratch / "mine"));
  CHECK(FolderClaim::of("").message() == "the folder of the results has no name");
}

TEST_CASE("a limit that is larger ends a run later, any other difference otherwise") {
  const auto change = [](const std::string& earlier, const std::string& later,
                         bool may_go_on = true) {
    const auto scenario = [&](const std::string& stop) {
      return schema::parse_json(R"({"stop": )" + stop + "}").value();
    };
    return stop_change(scenario(earlier), scenario(later), may_go_on);
  };
  const std::string rounds = R"({"any": [{"rounds": 3}]})", more = R"({"any": [{"rounds": 4}]})";
  CHECK(change(rounds, rounds) == StopChange::kNone);
  CHECK(change(rounds, more) == StopChange::kLater);
  CHECK(change(more, rounds) == StopChange::kOther);
  CHECK(change(rounds, more, false) == StopChange::kOther);
  CHECK(change(rounds, R"({"all": [{"rounds": 4}]})") == StopChange::kOther);
  CHECK(change(rounds, R"({"any": [{"rounds": 4}, {"rounds": 9}]})") == StopChange::kOther);
  const auto metric = [](const char* name, const char* limit, const char* value) {
    return R"({"any": [{"metric": ")" + std::string(name) + R"(", ")" + limit + R"(": )" + value +
           "}]}";
  };
  CHECK(change(metric("a", "at_least", "0.5"), metric("a", "at_least", "0.6")) ==
        StopChange::kLater);
  CHECK(change(metric("a", "at_most", "0.5"), metric("a", "at_most", "0.6")) == StopChange::kOther);
  CHECK(change(metric("a", "at_least", "0.5"), metric("b", "at_least", "0.6")) ==
        StopChange::kOther);
  CHECK(change(R"({"any": [{"bytes": "1 MB"}]})", R"({"any": [{"bytes": "2 MB"}]})") ==
        StopChange::kLater);
  CHECK(change(R"({"any": [{"virtual_time": "1 s"}]})", R"({"any": [{"virtual_time": "2 s"}]})") ==
        StopChange::kOther);
}

TEST_CASE("what a run is keeps its identity on the disk, and names what differs") {
  const RunIdentity run{
      schema::parse_json(R"({"a": {"b": [1, 0.5]}, "stop": 1})").value(), 42, "native-1", {"00ff"}};
  const auto back =
      identity_from_node(schema::parse_json(schema::write_json(to_node(run))).value());
  REQUIRE(back.ok());
  CHECK_FALSE(difference(run, *back));
  CHECK(hash_of(run) == hash_of(*back));
  RunIdentity other = run;
  other.scenario = schema::parse_json(R"({"a": {"b": [1.0, 0.25]}, "stop": 2})").value();
  CHECK(difference(run, other) == "/a/b/1 is 0.5 there and 0.25 here");
  other.scenario = schema::parse_json(R"({"a": {"b": [1.0, 0.5], "c": "x"}})").value();
  CHECK(difference(run, other) == "/a/c is missing there and \"x\" here");
  other = run;
  other.numerics = "native-2";
  CHECK(difference(run, other) == "the numerics rule is \"native-1\" there and \"native-2\" here");
  other.data_hash = 43;
  CHECK(difference(run, other) ==
        "the data's hash is 000000000000002a there and 000000000000002b here");
  other = run;
  other.plugins.clear();
  CHECK(difference(run, other) == "the files of the plugins are not the same");
}

TEST_CASE("the model comes back under its tensors' names") {
  const ScratchFolder scratch;
  const MadeUpRun made;
  const host::RunRecord record = made.record();
  const fs::path file = made.write(scratch / "run") / "model.npz";
  const auto arrays = datasets::read_npz(file);
  REQUIRE(arrays.ok());
  CHECK(arrays->at("fc1.weight").shape() == Shape{3, 4});
  const auto payload = read_model(file, made.manifest(record));
  REQUIRE(payload.ok());
  const auto back = payload->at("model").f32();
  const auto before = record.result.at("model").f32();
  CHECK(std::equal(back.begin(), back.end(), before.begin(), before.end()));

  Manifest other = made.manifest(record);
  other.model_sha256[0] = other.model_sha256[0] == '0' ? '1' : '0';
  CHECK(read_model(file, other).message() ==
        file.string() + ": is not the model of this run (its SHA-256 differs)");
  other.model_tensors.front().shape = {12};
  CHECK_THAT(read_model(file, other).message(), Catch::Contains("the manifest says float32[12]"));
}

TEST_CASE("a run without a model is written without one") {
  const ScratchFolder scratch;
  host::RunRecord record = MadeUpRun().record();
  record.result = Payload();
  REQUIRE(write_run(scratch / "run", record, MadeUpRun().manifest(record)).ok());
  CHECK_FALSE(fs::exists(scratch / "run" / "model.npz"));
  CHECK(read_run(scratch / "run").value().manifest.model_sha256.empty());
}

TEST_CASE("a command line splits into the same arguments again") {
  CHECK(shell_line({"skerry", "run", "a b", "", "it's", "--set=x=1"}) ==
        "skerry run 'a b' '' 'it'\\''s' --set=x=1");
}

}  // namespace skerry::experiments
