// The models of a live run: what its folder says of them, and what an operator does with them.
#include "experiments/models/model_store.hpp"
#include "experiments/results/run_folder.hpp"
#include "real/deployment.hpp"
#include "real/node_driver.hpp"
#include "real/run_identity.hpp"
#include "scenarios/host/plugin_file.hpp"
#include "tests/catch.hpp"
#include "tests/experiments/models/made_up_models.hpp"
#include "tests/real/live_run.hpp"

namespace skerry {
namespace {

using experiments::StoredModels;

/// A learning loop in which a training begins when an operator says so. It ends long after.
const char* const kLoop = R"({"version": 1, "name": "loop", "paradigm": "incremental", "seed": 5,
    "data": {"source": {"name": "sea", "samples": 3000, "test_samples": 10},
             "stream": {"name": "drift", "experiences": 4, "every": "10 s"}},
    "model": "softmax", "check": "50 ms",
    "serve": {"every": "50 ms", "threshold": 0.1, "sample": 0.5},
    "labels": {"delay": "10 ms"},
    "trigger": {"command": "train"},
    "train": {"optimizer": {"name": "sgd", "learning_rate": 0.05}, "policy": "window",
              "window": 200},
    "deploy": "always",
    "nodes": {"edges": 2}})";

std::filesystem::path models_of(const LiveRun& live) {
  return live.folder("results") / experiments::kModelsName;
}

/// Runs a command of the operator's. @return its exit code and what it printed.
std::pair<int, std::string> operate(const LiveRun& live, std::vector<std::string> words) {
  for (const std::string& more : {std::string("--keys"), live.folder("keys").string()}) {
    words.push_back(more);
  }
  Process process = live.command(words);
  const std::string output = process.output();
  return {process.wait(), output.substr(0, output.find_last_not_of('\n') + 1)};
}

/// The registry of the role whose inputs a state folder has recorded, with parameters.
struct Replayed {
  Registry plugins = host::built_in_plugins();
  std::shared_ptr<const real::Deployment> deployment;
  std::unique_ptr<real::NodeDriver> driver;

  explicit Replayed(const std::filesystem::path& state) {
    const auto identity = real::load_identity(state, NodeId::cloud());
    REQUIRE((identity && identity.value()));
    auto made =
        real::deploy(identity.value()->scenario, plugins, NodeId::cloud(), real::LocalData());
    REQUIRE(made.message() == "");
    deployment = std::move(*made);
    driver = std::make_unique<real::NodeDriver>(
        *deployment->paradigm, real::NodeDriver::Options{.self = NodeId::cloud(),
                                                         .edges = identity.value()->edges,
                                                         .state = state,
                                                         .run = identity.value()->run});
    REQUIRE(driver->replay().message() == "");
  }
};

bool deployed(const LiveRun& live, double version) {
  const auto status = real::ask_status(live.address(), live.keys("operator"));
  if (!status) return false;
  return std::ranges::any_of(status->metrics, [&](const auto& metric) {
    return metric.name == "model/deployed" && metric.value == version;
  });
}

}  // namespace

TEST_CASE("an operator tags the models of a live run and goes back, whatever is killed") {
  LiveRun live(kLoop, 2);
  const std::vector<std::string> kept{"--state", live.folder("state").string(), "--record"};
  live.start_cloud(kept);
  live.start_edges();
  REQUIRE(live.wait_until([](const real::RunStatus& run) {
    return std::ranges::any_of(run.metrics, [](const auto& metric) {
      return metric.name == "labels/bought" && metric.value > 20;
    });
  }));
  const auto train = real::send_command(live.address(), live.keys("operator"), "train");
  REQUIRE(train.message() == "");
  CHECK(train->text == "the trigger will see it at the next check");
  const auto dance = real::send_command(live.address(), live.keys("operator"), "dance");
  REQUIRE(dance.message() == "");
  CHECK_FALSE(dance->done);
  CHECK(dance->text == "nobody in this run knows the command \"dance\"");
  REQUIRE(live.wait_until([&](const real::RunStatus&) { return deployed(live, 2); }));

  CHECK(operate(live, {"model", "tag", live.address(), "2", "night"}) ==
        std::pair(0, std::string("model 2 has the tag \"night\"")));
  CHECK(operate(live, {"model", "rollback", live.address()}) ==
        std::pair(0, std::string("every edge goes back to model 1; model 2 will not answer any "
                                 "more")));
  CHECK(operate(live, {"model", "rollback", live.address(), "--to", "night"}).first == 2);
  REQUIRE(live.wait_until([&](const real::RunStatus&) { return deployed(live, 1); }));

  // What was answered survives a kill, and is listed once the run goes on.
  live.cloud().kill();
  live.start_cloud(kept);
  REQUIRE(live.wait_until([](const real::RunStatus&) { return true; }));
  CHECK(operate(live, {"model", "rollback", live.address()}).second ==
        "skerry: refused: model 1 is deployed, and no other one was before it");
  const auto found = experiments::read_models(models_of(live));
  REQUIRE(found.message() == "");
  REQUIRE(found->catalogue.models.size() == 2);
  CHECK(found->catalogue.models[1].tags == std::set<std::string>{"night", "rolled back"});
  CHECK(found->parameters.size() == 2);
  CHECK(live.command({"model", "list", live.folder("state").string()}).wait() == 0);

  CHECK(operate(live, {"status", live.address(), "--stop"}).second == "told to stop: the run ends");
  CHECK(live.finish() == 0);
  // In the end the store says what the role knows: made anew from all its inputs.
  const Replayed replayed(live.folder("state"));
  const auto last = experiments::read_models(models_of(live));
  REQUIRE(last.message() == "");
  CHECK(experiments::words_of(last->catalogue) ==
        experiments::words_of(*replayed.driver->catalogue()));
}

TEST_CASE("a live run and its simulation list the same final model") {
  LiveRun live(R"({"version": 1, "name": "rounds", "paradigm": "federated", "seed": 3,
      "data": {"source": {"name": "synthetic_blobs", "samples": 60, "test_samples": 30}},
      "model": "softmax",
      "local": {"optimizer": {"name": "sgd", "learning_rate": 0.1}, "batch_size": 10},
      "server": {"reduce": "mean", "optimizer": "sgd"}, "select": {"name": "uniform", "fraction": 1},
      "stop": {"any": [{"rounds": 2}]}, "nodes": {"edges": 2}})",
               2);
  live.start_cloud();
  live.start_edges();
  REQUIRE(live.finish() == 0);
  const std::string simulated = live.folder("simulated").string();
  REQUIRE(live.command({"run", live.folder("scenario.json").string(), "--out", simulated}).wait() ==
          0);
  auto here = experiments::read_models(models_of(live));
  auto there = experiments::read_models(live.folder("simulated") / experiments::kModelsName);
  REQUIRE(here.message() == "");
  REQUIRE(there.message() == "");
  REQUIRE(here->catalogue.models.size() == 1);
  CHECK(here->parameters == there->parameters);
  CHECK(here->parameters.at(1) == live.model());
  for (auto* models : {&*here, &*there}) models->catalogue.models[0].made = SimTime();
  const auto& live_row = here->catalogue.models[0];
  CHECK(live_row.metrics.at("test/accuracy") ==
        there->catalogue.models[0].metrics.at("test/accuracy"));
  CHECK(live_row.hash == there->catalogue.models[0].hash);
  CHECK(live_row.data_hash == there->catalogue.models[0].data_hash);
}

}  // namespace skerry
