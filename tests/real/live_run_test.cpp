#include "tests/real/live_run.hpp"

#include <unistd.h>

#include <chrono>
#include <fstream>
#include <sstream>
#include <thread>

#include "experiments/results/run_folder.hpp"
#include "tests/catch.hpp"

namespace skerry {
namespace {

/// Federated averaging on small generated data. With a large `hidden`, rounds take long enough to
/// be interrupted.
std::string fedavg(int rounds, int hidden, const std::string& more_rounds = "",
                   const std::string& update = "{}") {
  return R"({"version": 1, "name": "live", "paradigm": "federated", "seed": 5,
    "data": {"source": {"name": "synthetic_blobs", "samples": 800, "test_samples": 200}},
    "model": {"name": "mlp", "hidden": [)" +
         std::to_string(hidden) + R"(]},
    "local": {"method": "plain", "optimizer": {"name": "sgd", "learning_rate": 0.1},
              "batch_size": 10, "epochs": 1},
    "server": {"reduce": {"name": "mean", "weight": "samples"},
               "optimizer": {"name": "sgd", "learning_rate": 1.0}},
    "update": )" +
         update + R"(,
    "select": {"name": "uniform", "fraction": 0.5},
    "rounds": {"mode": "sync")" +
         more_rounds + R"(},
    "stop": {"any": [{"rounds": )" +
         std::to_string(rounds) + R"(}]},
    "evaluate": {"every": {"rounds": 5}},
    "nodes": {"edges": 8}})";
}

constexpr const char* kHeld =
    "every node joined first, none was lost and no timer decided anything";

TEST_CASE("a cloud and eight edges end in the bit-identical model of the simulation") {
  LiveRun live(fedavg(10, 16), 8);
  live.start_cloud();
  live.start_edges();
  INFO(live.cloud().output());
  CHECK(live.finish() == 0);
  INFO(live.cloud().output());
  CHECK(live.cloud().output().find(kHeld) != std::string::npos);
  CHECK(live.model().size() == 64);
  CHECK(live.model() == live.simulated_model());
  std::ostringstream manifest;
  manifest << std::ifstream(live.folder("results") / "manifest.json").rdbuf();
  CHECK(manifest.str().find(live.model()) != std::string::npos);
  CHECK(manifest.str().find("fingerprints") == std::string::npos);
  for (std::uint32_t k = 0; k < 8; ++k) {
    INFO(live.edge(k).output());
    CHECK(live.edge(k).wait() == 0);
  }
}

TEST_CASE("a live run whose updates and models are encoded ends in the simulation's model") {
  LiveRun live(fedavg(6, 16, "", R"({"up": [{"name": "top_k", "fraction": 0.2}, "float16"],
                                     "down": ["float16"]})"),
               8);
  live.start_cloud();
  live.start_edges();
  INFO(live.cloud().output());
  CHECK(live.finish() == 0);
  CHECK(live.cloud().output().find(kHeld) != std::string::npos);
  CHECK(live.model() == live.simulated_model());
}

/// The metrics that must agree: all except times.
std::vector<std::string> answers_of(const host::RunRecord& run) {
  std::vector<std::string> lines;
  for (const host::MetricRow& row : run.metrics) {
    if (row.name.starts_with("joint/") && row.name.find("latency") == std::string::npos) {
      lines.push_back(row.name + " " + std::to_string(row.step) + " " + std::to_string(row.value));
    }
  }
  std::sort(lines.begin(), lines.end());
  return lines;
}

TEST_CASE("joint inference without a deadline gives the simulation's answers, and its models") {
  LiveRun live(R"({"version": 1, "name": "joint", "paradigm": "joint_inference", "seed": 2,
    "data": {"source": {"name": "synthetic_blobs", "samples": 1000, "test_samples": 400}},
    "edge_model": {"model": {"name": "mlp", "hidden": [3]},
                   "train": {"optimizer": {"name": "sgd", "learning_rate": 0.1}, "epochs": 2}},
    "cloud_model": {"model": {"name": "mlp", "hidden": [32]},
                    "train": {"optimizer": {"name": "sgd", "learning_rate": 0.1}, "epochs": 3}},
    "mine": "cross_entropy", "thresholds": [0.05, 0.2, 0.5],
    "requests": {"count": 30, "arrivals": "poisson", "interval": "10 ms"},
    "nodes": {"edges": 4}})",
               4);
  live.start_cloud();
  live.start_edges();
  const int code = live.finish();
  INFO(live.cloud().output());
  CHECK(code == 0);
  CHECK(live.model() == live.simulated_model());
  const auto answers = answers_of(live.results());
  CHECK(answers.size() > 20);
  CHECK(answers == answers_of(live.simulated()));
}

TEST_CASE("MNIST over eight edges ends in the model of its simulation") {
  std::string scenario = R"({"version": 1, "name": "mnist", "paradigm": "federated", "seed": 1,
    "data": {"source": "mnist"}, "model": {"name": "mlp", "hidden": [200, 200]},
    "local": {"method": "plain", "optimizer": {"name": "sgd", "learning_rate": 0.1},
              "batch_size": 10, "epochs": 1},
    "server": {"reduce": {"name": "mean", "weight": "samples"},
               "optimizer": {"name": "sgd", "learning_rate": 1.0}},
    "select": {"name": "uniform", "fraction": 0.25},
    "stop": {"any": [{"rounds": 2}]}, "nodes": {"edges": 8}})";
  LiveRun live(scenario, 8);
  live.start_cloud();
  if (!live.cloud().says("listening on port")) {
    WARN("MNIST is not on this machine: " << live.cloud().output());
    return;
  }
  live.start_edges();
  CHECK(live.finish() == 0);
  INFO(live.cloud().output());
  CHECK(live.model() == live.simulated_model());
}

TEST_CASE("a killed cloud goes on where it was and ends in the same model, nothing counted twice") {
  LiveRun live(fedavg(150, 128), 8);
  const std::vector<std::string> state{"--state", live.folder("state").string(), "--record",
                                       "--checkpoint-every", "60"};
  live.start_cloud(state);
  live.start_edges();
  for (const std::uint64_t round : {3, 20, 50, 90}) {
    INFO(live.cloud().output());
    REQUIRE(live.wait_for_round(round));
    live.cloud().kill();
    live.start_cloud(state);
  }
  const int code = live.finish();
  INFO(live.cloud().output());
  CHECK(code == 0);
  CHECK(live.cloud().output().find(kHeld) != std::string::npos);
  const std::string model = live.simulated_model();
  CHECK(live.model() == model);

  Process replay = live.command({"replay", live.folder("state").string()});
  INFO(replay.output());
  CHECK(replay.wait() == 0);
  CHECK(LiveRun::model_of(replay.output()) == model);
  CHECK(replay.output().find(" 0 reports differ") != std::string::npos);
}

TEST_CASE("nodes killed while large payloads wait in their files go on to the same model",
          "[.long]") {
  LiveRun live(fedavg(24, 7000), 8);  // 1.2 MB
  const std::vector<std::string> cloud{
      "--state", live.folder("state").string(), "--checkpoint-every", "25", "--grace", "60"};
  const std::vector<std::string> edge{"--state", live.folder("edge-state").string()};
  live.start_cloud(cloud);
  live.start_edge(0, edge);
  for (std::uint32_t k = 1; k < 8; ++k) live.start_edge(k);
  for (const std::uint64_t round : {2, 5, 9}) {
    INFO(live.cloud().output());
    REQUIRE(live.wait_for_round(round));
    live.cloud().kill();
    live.edge(0).kill();
    live.start_cloud(cloud);
    live.start_edge(0, edge);
  }
  const int code = live.finish();
  INFO(live.cloud().output());
  CHECK(code == 0);
  CHECK(live.cloud().output().find(kHeld) != std::string::npos);
  CHECK(live.model() == live.simulated_model());
}

TEST_CASE("a run survives an edge killed for good and takes in one that comes late") {
  LiveRun live(fedavg(120, 128, R"(, "start_with": 7)"), 8);
  live.start_cloud({"--grace", "1"});
  for (std::uint32_t k = 0; k < 7; ++k) live.start_edge(k);
  REQUIRE(live.wait_for_round(10));
  live.edge(2).kill();
  live.start_edge(7);
  REQUIRE(live.wait_until([](const real::RunStatus& status) {
    const auto has = [&](const char* name) {
      return std::find(status.joined.begin(), status.joined.end(), name) != status.joined.end();
    };
    return has("edge-7") && !has("edge-2");
  }));
  CHECK(live.finish() == 0);
  INFO(live.cloud().output());
  CHECK(live.cloud().output().find("live: 120 rounds") != std::string::npos);
  CHECK(live.cloud().output().find("a simulation may end in other bits: not every node joined "
                                   "before the first message, 1 edges were lost") !=
        std::string::npos);
}

TEST_CASE("an edge killed with a state folder comes back as itself, and no bit changes") {
  LiveRun live(fedavg(100, 128), 8);
  live.start_cloud();
  const auto state = [&](std::uint32_t k) {
    return std::vector<std::string>{"--state",
                                    live.folder(("edge-state-" + std::to_string(k)).c_str())};
  };
  for (std::uint32_t k = 0; k < 8; ++k) live.start_edge(k, state(k));
  for (const std::uint64_t round : {5, 15, 30}) {
    REQUIRE(live.wait_for_round(round));
    for (const std::uint32_t k : {1u, 4u}) {
      live.edge(k).kill();
      live.start_edge(k, state(k));
    }
  }
  CHECK(live.finish() == 0);
  INFO(live.cloud().output());
  CHECK(live.cloud().output().find(kHeld) != std::string::npos);
  CHECK(live.model() == live.simulated_model());
}

TEST_CASE("an operator sees how a run stands and ends it") {
  LiveRun live(fedavg(1'000'000, 16), 8);
  live.start_cloud();
  live.start_edges();
  REQUIRE(live.wait_for_round(5));
  const std::string keys = live.folder("keys").string();
  Process status = live.command({"status", live.address(), "--keys", keys, "--format", "json"});
  CHECK(status.wait() == 0);
  CHECK(status.output().find("\"edge-7\"") != std::string::npos);
  CHECK(status.output().find("\"test/accuracy\"") != std::string::npos);
  Process refused =
      live.command({"status", live.address(), "--keys", keys, "--name", "edge-0", "--stop"});
  CHECK(refused.wait() == 3);
  CHECK(refused.output().find("PERMISSION_DENIED: only an operator gives commands") !=
        std::string::npos);
  Process stop = live.command({"status", live.address(), "--keys", keys, "--stop"});
  CHECK(stop.wait() == 0);
  CHECK(live.finish() == 0);
  CHECK(live.cloud().output().find("live: an operator") != std::string::npos);
}

TEST_CASE("a terminated cloud says how to go on, and does") {
  LiveRun live(fedavg(60, 128), 8);
  const std::vector<std::string> state{"--state", live.folder("state").string()};
  live.start_cloud(state);
  live.start_edges();
  REQUIRE(live.wait_for_round(5));
  live.cloud().terminate();
  CHECK(live.finish() == 130);
  CHECK(live.cloud().output().find("stopped; the same command goes on with the run") !=
        std::string::npos);
  live.start_cloud(state);
  CHECK(live.finish() == 0);
  CHECK(live.model() == live.simulated_model());
}

TEST_CASE(
    "an edge whose job never returns ends after a signal, and goes on from its state folder") {
  const ScratchDirectory scratch;
  const std::string stuck = (scratch / "stuck").string();
  std::ofstream{stuck};
  std::string scenario = fedavg(5, 16);
  const std::string plain = R"("method": "plain")";
  scenario.replace(
      scenario.find(plain), plain.size(),
      R"("method": {"name": "endless", "edge": 3, "round": 2, "file": ")" + stuck + R"("})");
  const std::string everybody = R"({"name": "uniform", "fraction": 0.5})";
  scenario.replace(scenario.find(everybody), everybody.size(), R"({"name": "all"})");
  LiveRun live(scenario, 8);
  const std::vector<std::string> plugin{"--plugin", SKERRY_ENDLESS_PLUGIN};
  std::vector<std::string> third = plugin;
  third.insert(third.end(), {"--state", live.folder("state").string(), "--stop-grace", "200 ms"});
  live.start_cloud(plugin);
  for (std::uint32_t k = 0; k < 8; ++k) live.start_edge(k, k == 3 ? third : plugin);
  while (!std::filesystem::exists(stuck + ".began") && live.edge(3).running()) usleep(5000);
  live.edge(3).terminate();
  CHECK(live.edge(3).wait(20) == 4);
  const std::string said = live.edge(3).output();
  INFO(said);
  CHECK(said.find("skerry: the job \"train\" of edge-3 has not returned for ") !=
        std::string::npos);
  CHECK(said.find(" ms: given up; what is durable is kept\n"
                  "the same command goes on with the run\n") != std::string::npos);
  std::filesystem::remove(stuck);
  live.start_edge(3, third);
  REQUIRE(live.finish() == 0);
  CHECK(live.model() == live.simulated_model({SKERRY_ENDLESS_PLUGIN}));
}

TEST_CASE("a live cloud whose plugin fails outside of a job says which, and so after a restart") {
  std::string scenario = fedavg(5, 16);
  const std::string everybody = R"({"name": "uniform", "fraction": 0.5})";
  scenario.replace(scenario.find(everybody), everybody.size(),
                   R"({"name": "stubborn", "fraction": 0.5, "round": 2})");
  LiveRun live(scenario, 8);
  const std::vector<std::string> options{"--plugin", SKERRY_ENDLESS_PLUGIN, "--state",
                                         live.folder("state").string()};
  const std::string said =
      "skerry: the run could not go on: selector \"stubborn\" failed: in select(): it has had "
      "enough ";
  live.start_cloud(options);
  for (std::uint32_t k = 0; k < 8; ++k) live.start_edge(k, {"--plugin", SKERRY_ENDLESS_PLUGIN});
  CHECK(live.cloud().wait(30) == 3);
  CHECK(live.cloud().output().find(said) != std::string::npos);
  live.start_cloud(options);
  CHECK(live.cloud().wait(30) == 3);
  CHECK(live.cloud().output().find(said) != std::string::npos);
}

TEST_CASE("attacks are for simulations only") {
  std::string scenario = fedavg(10, 16);
  scenario.insert(scenario.rfind('}'), R"(, "world": {"attack": {"name": "sign_flip"}})");
  LiveRun live(scenario, 0);
  const std::string file = live.folder("scenario.json").string();
  Process cloud = live.command(
      {"cloud", file, "--keys", live.folder("keys").string(), "--listen", "127.0.0.1:0"});
  CHECK(cloud.wait() == 2);
  CHECK(cloud.output() == "skerry: " + file +
                              ": /world/attack: attacks are for simulations only; "
                              "remove it, or say --set world.attack=null\n");
}

TEST_CASE("a state folder is of one run and of one process") {
  LiveRun live(fedavg(10, 16), 8);
  const std::string state = live.folder("state").string();
  live.start_cloud({"--state", state});
  REQUIRE(live.cloud().says("listening on port"));
  const std::string keys = live.folder("keys").string();
  const auto cloud = [&](const char* seed) {
    return live.command({"cloud", live.folder("scenario.json").string(), "--keys", keys, "--listen",
                         "127.0.0.1:0", "--state", state, "--seed", seed});
  };
  Process second = cloud("5");
  CHECK(second.wait() == 3);
  CHECK(second.output() == "skerry: " + state + ": another process works in it\n");
  live.cloud().kill();
  Process other = cloud("6");
  CHECK(other.wait() == 2);
  CHECK(other.output() == "skerry: " + state +
                              ": holds another run: /seed is 5 there and 6 here; "
                              "choose another folder or remove it\n");
}

TEST_CASE("an edge is told that it was given something wrong") {
  LiveRun live(fedavg(1'000'000, 16), 8);
  live.start_cloud();
  const auto [given, says] = GENERATE(
      std::pair(R"({"name": "csv", "train": "gone.csv"})", "gone.csv: No such file or directory"),
      std::pair(R"({"name": "synthetic_blobs", "samples": 90, "features": 7})",
                "the edge's data has another shape"));
  live.start_edge(0, {"--data", given});
  CHECK(live.edge(0).wait(20) == 2);
  CHECK_THAT(live.edge(0).output(), Catch::Contains(says));
}

TEST_CASE("an edge that still makes its data ends at a signal at once") {
  LiveRun live(fedavg(1'000'000, 16), 8);
  live.start_cloud();
  REQUIRE(live.cloud().says("listening on port"));
  live.start_edge(0, {"--data", R"({"name": "fedprox_synthetic", "devices": 100000})", "--state",
                      live.folder("edge-state").string()});
  const auto pause = [] { std::this_thread::sleep_for(std::chrono::milliseconds(100)); };
  while (!std::filesystem::exists(live.folder("edge-state") / "run.bin")) pause();
  pause();
  live.edge(0).terminate();
  CHECK(live.edge(0).wait(5) == 130);
  CHECK(live.edge(0).output() == "skerry: interrupted\n");
}

TEST_CASE("a port that is taken is said in one line") {
  LiveRun live(fedavg(1'000'000, 16), 8);
  live.start_cloud();
  REQUIRE(live.cloud().says("listening on port"));
  Process second = live.command({"cloud", live.folder("scenario.json").string(), "--keys",
                                 live.folder("keys").string(), "--listen", live.address(), "--out",
                                 live.folder("other").string()});
  CHECK(second.wait() == 3);
  CHECK(second.output() ==
        "skerry: " + live.address() + ": cannot be listened on: Address already in use\n");
}

std::string text_of(const std::filesystem::path& file) {
  std::ostringstream text;
  text << std::ifstream(file).rdbuf();
  return text.str();
}

TEST_CASE("edges that bring data of their own are named, and no simulation promises their bits") {
  LiveRun live(fedavg(2, 16), 8);
  live.start_cloud();
  const std::string own = R"({"name": "synthetic_blobs", "samples": 90, "test_samples": 20})";
  for (std::uint32_t k = 0; k < 8; ++k) {
    live.start_edge(k,
                    k < 2 ? std::vector<std::string>{"--data", own} : std::vector<std::string>{});
  }
  CHECK(live.finish() == 0);
  INFO(live.cloud().output());
  CHECK(live.cloud().output().find("a simulation may end in other bits: "
                                   "2 edges brought data of their own\n") != std::string::npos);
  const auto run = experiments::read_run(live.folder("results"));
  REQUIRE(run.ok());
  const experiments::Manifest& manifest = run->manifest;
  REQUIRE(manifest.sites.size() == 8);
  for (std::uint32_t k = 0; k < 8; ++k) {
    CHECK(manifest.sites[k].node == "edge-" + std::to_string(k));
    CHECK(manifest.sites[k].own == (k < 2));
    CHECK((manifest.sites[k].hash == manifest.data_hash) == (k >= 2));
  }
}

TEST_CASE("where time or the order of answers decides, no simulation promises a live run's bits") {
  const auto [rounds, reason] = GENERATE(
      std::pair(R"(, "deadline": "1 h")", "a deadline may leave out others in a simulation"),
      std::pair(R"(, "over_select": 0.5)", "the first answers of a round decide"));
  LiveRun live(fedavg(2, 16, rounds), 8);
  live.start_cloud();
  live.start_edges();
  CHECK(live.finish() == 0);
  INFO(live.cloud().output());
  CHECK(live.cloud().output().find(reason) != std::string::npos);
  CHECK(live.cloud().output().find("ends in the same bits") == std::string::npos);
}

TEST_CASE("a cloud that could not write its results is refused before it listens") {
  LiveRun live(fedavg(2, 16), 8);
  std::filesystem::create_directory(live.folder("results"));
  std::ofstream(live.folder("results") / "note") << "mine";
  live.start_cloud();
  CHECK(live.finish() == 2);
  CHECK(live.cloud().output() == "skerry: " + live.folder("results").string() +
                                     ": exists and is not empty; results are never overwritten\n");
}

TEST_CASE("a cloud that is started on a finished run ends under the same command") {
  LiveRun live(fedavg(5, 16), 8);
  const std::vector<std::string> state{"--state", live.folder("state").string(), "--grace", "600"};
  live.start_cloud(state);
  live.start_edges();
  REQUIRE(live.cloud().says("results: "));
  const std::string manifest = text_of(live.folder("results") / "manifest.json");
  const bool written = GENERATE(true, false);
  live.cloud().kill();
  if (!written) std::filesystem::remove_all(live.folder("results"));
  std::filesystem::remove(live.folder("cloud.txt"));  // only the second cloud's words count
  live.start_cloud(state);
  // It is ready at once; then it waits for edges that do not know of the end, until told to stop.
  REQUIRE(live.cloud().says("results: "));
  live.cloud().terminate();
  CHECK(live.cloud().wait(5) == 0);
  const std::string again = text_of(live.folder("results") / "manifest.json");
  CHECK(again.find(live.model()) != std::string::npos);
  if (written) CHECK(again == manifest);
}

TEST_CASE("a signal to a cloud whose run is kept nowhere writes what there is") {
  LiveRun live(fedavg(1'000'000, 16), 8);
  live.start_cloud();
  live.start_edges();
  REQUIRE(live.wait_for_round(3));
  live.cloud().terminate();
  CHECK(live.finish() == 130);
  INFO(live.cloud().output());
  const auto run = experiments::read_run(live.folder("results"));
  REQUIRE(run.ok());
  CHECK(run->manifest.stop_reason == "interrupted");
  CHECK(run->manifest.model_sha256 == live.model());
  CHECK_FALSE(run->record.metrics.empty());
}

TEST_CASE("a live run goes on when its checkpoints cannot be written") {
  LiveRun live(fedavg(40, 64), 8);
  const std::filesystem::path state = live.folder("state");
  live.start_cloud({"--state", state.string(), "--checkpoint-every", "20"});
  live.start_edges();
  REQUIRE(live.wait_for_round(4));
  live.cloud().pause();
  std::filesystem::rename(state / "checkpoints", state / "lost");
  std::ofstream{state / "checkpoints"};
  live.cloud().resume();
  CHECK(live.finish() == 0);
  const std::string said = live.cloud().output();
  INFO(said);
  const std::string words = "; the run goes on without this checkpoint\n";
  REQUIRE(said.find(words) != std::string::npos);
  CHECK(said.find(words) == said.rfind(words));
  CHECK(said.find("live: 40 rounds") != std::string::npos);
  CHECK(std::filesystem::exists(live.folder("results") / "model.npz"));
}

TEST_CASE("an edge's state is of the data that it was made on") {
  LiveRun live(fedavg(1'000'000, 16), 8);
  live.start_cloud();
  const auto edge = [&](const char* samples) {
    return std::vector<std::string>{
        "--state", live.folder("edge-state").string(), "--data",
        R"({"name": "synthetic_blobs", "test_samples": 20, "samples": )" + std::string(samples) +
            "}"};
  };
  live.start_edge(0, edge("90"));
  REQUIRE(live.wait_until([](const real::RunStatus& status) { return !status.joined.empty(); }));
  live.edge(0).kill();
  live.start_edge(0, edge("91"));
  CHECK(live.edge(0).wait(20) == 2);
  CHECK(live.edge(0).output().find(live.folder("edge-state").string() +
                                   ": was made on the data of hash ") != std::string::npos);
}

TEST_CASE("a cloud whose state was put back from an older copy goes on with the same edges") {
  LiveRun live(fedavg(60, 64), 8);
  const std::filesystem::path state = live.folder("state"), copy = live.folder("copy");
  const std::vector<std::string> more{"--state", state.string(), "--checkpoint-every", "20"};
  live.start_cloud(more);
  live.start_edges();
  REQUIRE(live.wait_for_round(4));
  live.cloud().pause();
  std::filesystem::copy(state, copy, std::filesystem::copy_options::recursive);
  live.cloud().resume();
  REQUIRE(live.wait_for_round(20));
  live.cloud().kill();
  std::filesystem::remove_all(state);
  std::filesystem::rename(copy, state);
  live.start_cloud(more);
  CHECK(live.finish() == 0);
  INFO(live.cloud().output());
  CHECK(live.cloud().output().find("live: 60 rounds") != std::string::npos);
  for (std::uint32_t k = 0; k < 8; ++k) {
    INFO(live.edge(k).output());
    CHECK(live.edge(k).wait() == 0);
    CHECK(live.edge(k).output().find("out of turn") == std::string::npos);
  }
}

}  // namespace
}  // namespace skerry
