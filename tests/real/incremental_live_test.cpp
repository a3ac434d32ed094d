#include "tests/catch.hpp"
#include "tests/real/live_run.hpp"

namespace skerry {
namespace {

/// A learning loop whose experiences last that long. The first one is history; some 600 examples
/// come after it.
std::string loop(const char* experience, const char* tick) {
  return R"({"version": 1, "name": "loop", "paradigm": "incremental", "seed": 5,
    "data": {"source": {"name": "sea", "samples": 800, "test_samples": 10},
             "stream": {"name": "drift", "experiences": 4, "every": ")" +
         std::string(experience) + R"("}},
    "model": "softmax", "check": ")" +
         tick + R"(",
    "serve": {"every": ")" +
         tick + R"(", "threshold": 0.1, "sample": 0.2},
    "labels": {"delay": "20 ms"},
    "trigger": {"metric": "samples/new", "at_least": 60},
    "train": {"optimizer": {"name": "sgd", "learning_rate": 0.05}, "policy": "window",
              "window": 200},
    "deploy": "always", "rollout": {"canary": 0.5, "hold": ")" +
         tick + R"("},
    "nodes": {"edges": 3}})";
}

double sum(const host::RunRecord& run, std::string_view metric) {
  double all = 0;
  for (const host::MetricRow& row : run.metrics) all += row.name == metric ? row.value : 0;
  return all;
}

double last(const host::RunRecord& run, std::string_view metric) {
  double value = -1;
  for (const host::MetricRow& row : run.metrics) value = row.name == metric ? row.value : value;
  return value;
}

}  // namespace

TEST_CASE("a live loop answers everything that comes, trains and deploys") {
  LiveRun live(loop("1 s", "100 ms"), 3);
  live.start_cloud();
  live.start_edges();
  const int code = live.finish();
  INFO(live.cloud().output());
  CHECK(code == 0);
  CHECK(live.cloud().output().find("the stream is over") != std::string::npos);
  const auto run = live.results();
  CHECK(sum(run, "served/requests") == sum(live.simulated(), "served/requests"));
  CHECK(last(run, "loop/deployments") >= 1);
  CHECK(last(run, "loop/refused") == 0);
}

TEST_CASE("a live loop survives the death of its cloud and of an edge", "[.long]") {
  LiveRun live(loop("3 s", "500 ms"), 3);
  const auto state = [&](const char* name) {
    return std::vector<std::string>{"--state", live.folder(name).string()};
  };
  const std::vector<std::string> of_cloud{"--state", live.folder("cloud").string(), "--record"};
  live.start_cloud(of_cloud);
  for (std::uint32_t k = 0; k < 3; ++k) live.start_edge(k, state(std::to_string(k).c_str()));
  REQUIRE(live.wait_for_round(4));
  live.edge(1).kill();
  live.start_edge(1, state("1"));
  REQUIRE(live.wait_for_round(8));
  live.cloud().kill();
  live.start_cloud(of_cloud);
  const int code = live.finish();
  INFO(live.cloud().output());
  CHECK(code == 0);
  const auto run = live.results();
  CHECK(sum(run, "served/requests") + sum(run, "served/missed") ==
        sum(live.simulated(), "served/requests"));
  CHECK(last(run, "loop/deployments") >= 1);
  // What was recorded gives the same model again.
  Process replay = live.command({"replay", live.folder("cloud").string()});
  CHECK(replay.wait() == 0);
  CHECK(live.model_of(replay.output()) == live.model());
}

}  // namespace skerry
