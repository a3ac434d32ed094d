#include <chrono>
#include <fstream>
#include <sstream>
#include <thread>

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

namespace {

/// A table of history; what is answered comes from outside, and people label it.
std::string watched_loop(const std::filesystem::path& history) {
  return R"({"version": 1, "name": "watched", "paradigm": "incremental", "seed": 3,
    "data": {"source": {"name": "csv", "train": ")" +
         history.string() + R"("}},
    "model": "softmax", "check": "100 ms", "until": "1000 h",
    "serve": {"every": "50 ms", "mine": "random", "threshold": 0, "sample": 0.3},
    "trigger": {"metric": "samples/new", "at_least": 10},
    "train": {"optimizer": {"name": "sgd", "learning_rate": 0.1}, "epochs": 20},
    "deploy": "always", "nodes": {"edges": 1}})";
}

/// Rows of two features; the larger one says the class.
std::string rows(int first, int count) {
  std::string text;
  for (int i = first; i < first + count; ++i) {
    const int a = i * 7 % 10, b = i * 3 % 11;
    text += std::to_string(a) + "," + std::to_string(b) + (a > b ? ",up\n" : ",down\n");
  }
  return text;
}

void append(const std::filesystem::path& path, const std::string& text) {
  std::ofstream(path, std::ios::app) << text;
}

std::string text_of(const std::filesystem::path& path) {
  std::stringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

double metric_of(const real::RunStatus& status, std::string_view name) {
  for (const auto& metric : status.metrics) {
    if (metric.name == name) return metric.value;
  }
  return 0;
}

/// Labels each question that it has not labelled before, as the truth is.
void label_questions(const std::filesystem::path& desk, std::size_t& labelled) {
  std::stringstream questions(text_of(desk / "to_label.csv"));
  std::string line;
  for (std::size_t k = 0; std::getline(questions, line); ++k) {
    if (k == 0 || k <= labelled) continue;
    std::stringstream cells(line);
    std::string id, answered, a, b;
    std::getline(std::getline(std::getline(std::getline(cells, id, ','), answered, ','), a, ','),
                 b);
    append(desk / "labels.csv", id + (std::stod(a) > std::stod(b) ? ",up\n" : ",down\n"));
    labelled = k;
  }
}

}  // namespace

TEST_CASE(
    "rows that are appended are answered once each, though the edge is killed, and people label") {
  const ScratchDirectory place;
  const auto history = place / "history.csv", watched = place / "rows.csv";
  append(history, "a,b,label\n" + rows(0, 60));
  append(watched, "a,b,label\n" + rows(100, 20));
  append(place / "labels.csv", "id,label\n");
  LiveRun live(watched_loop(history), 1);
  const std::vector<std::string> of_cloud{"--labels", (place / "labels.csv").string(), "--state",
                                          live.folder("cloud").string(), "--record"};
  const std::vector<std::string> of_edge{"--watch", watched.string(), "--state",
                                         live.folder("edge").string()};
  live.start_cloud(of_cloud);
  live.start_edge(0, of_edge);
  const auto bought = [&](double least) {
    return live.wait_until([least](const real::RunStatus& status) {
      return metric_of(status, "labels/bought") >= least;
    });
  };
  REQUIRE(bought(5));
  append(watched, rows(120, 20) + "1,x,up\n" + rows(140, 20));
  live.edge(0).kill();
  append(watched, rows(160, 20) + "7,2");
  live.start_edge(0, of_edge);
  append(watched, ",up\n" + rows(180, 20));
  std::size_t labelled = 0;
  REQUIRE(live.wait_until([&](const real::RunStatus& status) {
    label_questions(place.path(), labelled);
    return metric_of(status, "loop/deployments") >= 1;
  }));
  append(place / "labels.csv", "edge-0:1,up\nedge-0:77,sideways\n");
  append(watched, rows(200, 19));
  REQUIRE(live.wait_until([&](const real::RunStatus& status) {
    return metric_of(status, "labels/unasked") >= 1 && metric_of(status, "labels/faulty") >= 1;
  }));
  REQUIRE(bought(120));  // everything is asked about
  REQUIRE(live.command({"status", live.address(), "--keys", live.folder("keys").string(), "--stop"})
              .wait() == 0);
  INFO(live.cloud().output());
  INFO(live.edge(0).output());
  CHECK(live.finish() == 0);
  const auto run = live.results();
  CHECK(sum(run, "served/requests") == 120);
  CHECK(sum(run, "served/live") == 120);
  CHECK(last(run, "served/mean_accuracy") > 0.8);
  CHECK(sum(run, "served/faulty") == 1);
  CHECK(last(run, "labels/given") == labelled);
  CHECK(last(run, "loop/refused") == 0);
  CHECK_THAT(live.cloud().output(), Catch::Contains("edge-0:1: nobody asked about it"));
  CHECK_THAT(live.cloud().output(), Catch::Contains("\"sideways\" is none of the 2 classes"));
  Process replay = live.command({"replay", live.folder("cloud").string()});
  CHECK(replay.wait() == 0);
  CHECK(live.model_of(replay.output()) == live.model());
}

TEST_CASE("an edge that is killed again and again answers each row once", "[.long]") {
  const ScratchDirectory place;
  const auto history = place / "history.csv", watched = place / "rows.csv";
  append(history, "a,b,label\n" + rows(0, 60));
  append(watched, "a,b,label\n");
  LiveRun live(watched_loop(history), 1);
  const std::vector<std::string> of_edge{"--watch", watched.string(), "--state",
                                         live.folder("edge").string()};
  live.start_cloud();
  live.start_edge(0, of_edge);
  int count = 0;
  for (int kill = 0; kill < 12; ++kill) {
    for (int part = 0; part < 20 + kill; ++part, ++count) {
      append(watched, rows(count, 1));
      std::this_thread::sleep_for(std::chrono::milliseconds(20 + kill));
    }
    // What it writes when it is killed, and what it has read, differ each time.
    live.edge(0).kill();
    if (kill % 3 == 0) append(watched, rows(count++, 1));
    live.start_edge(0, of_edge);
  }
  REQUIRE(live.wait_until(
      [&](const real::RunStatus& status) { return metric_of(status, "labels/bought") >= count; }));
  REQUIRE(live.command({"status", live.address(), "--keys", live.folder("keys").string(), "--stop"})
              .wait() == 0);
  CHECK(live.finish() == 0);
  const auto run = live.results();
  CHECK(sum(run, "served/requests") == count);
  CHECK(sum(run, "served/missed") == 0);
  CHECK(last(run, "labels/bought") == count);
}

}  // namespace skerry
