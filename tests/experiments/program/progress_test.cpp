// What a run shows and writes while it goes on.
#include <signal.h>

#include <algorithm>
#include <chrono>
#include <thread>

#include "tests/experiments/program/program.hpp"

namespace skerry {
namespace {

namespace fs = std::filesystem;
using datasets::ScratchFolder;

constexpr const char* kScenario = R"({"version": 1, "name": "t", "paradigm": "federated",
  "data": {"source": {"name": "synthetic_blobs", "classes": 4, "features": 5, "samples": 200,
                      "test_samples": 50}},
  "model": {"name": "mlp", "hidden": [8]},
  "local": {"method": "plain", "optimizer": {"name": "sgd", "learning_rate": 0.1},
            "batch_size": 10, "epochs": 1},
  "server": "fedavg", "select": {"name": "uniform", "fraction": 1.0},
  "stop": {"any": [{"rounds": 3}]}, "nodes": {"edges": 4}})";

constexpr const char* kEndless = R"(stop={"any": [{"rounds": 1000000}]})";

/// A folder with a small scenario, `s.json`, of four edges and three rounds.
class Place {
 public:
  Place() { folder_.put("s.json", kScenario); }

  static Words words(const Words& more) {
    Words all = skerry_words({"run", "s.json", "--threads", "1"});
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
  Ended run(const Words& more) const { return run_in(folder_.path(), words(more)); }
  const fs::path& path() const { return folder_.path(); }
  fs::path operator/(const std::string& name) const { return folder_ / name; }
  std::string read(const std::string& file) const { return text_of_file(folder_ / file); }
  std::size_t lines(const std::string& file) const {
    const std::string text = read(file);
    return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
  }
  /// Kills a run without end once its metrics.csv has so many lines.
  void kill_at(std::size_t rows, const Words& more) const {
    Words endless = words(more);
    endless.insert(endless.end(), {"--set", kEndless, "--out", "o", "--quiet"});
    Running running(folder_.path(), endless);
    while (lines("o/metrics.csv") < rows && !running.over()) {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    running.send(SIGKILL);
    REQUIRE(running.wait().code == 128 + SIGKILL);
  }

 private:
  ScratchFolder folder_;
};

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t times = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++times;
  return times;
}

TEST_CASE("off a terminal a run says its progress in lines on standard error alone") {
  const Place place;
  const Ended ended =
      place.run({"--seeds", "1,7", "--out", "o", "--progress-every", "0", "--format", "json"});
  good(ended);
  INFO(ended.err);
  CHECK(has(ended.err, "round 2/3 · seed 1/2 · test accuracy 0."));
  CHECK(has(ended.err, "round 2/3 · seed 7 (2/2) · test accuracy 0."));
  CHECK(has(ended.err, " left\n"));
  CHECK(ended.err.find('\r') == std::string::npos);
  CHECK(ended.out.starts_with("{"));
  CHECK_FALSE(has(ended.out, "round 2/3"));
  // A short run has no time for a line of the usual kind.
  CHECK(place.run({"--out", "short"}).err == "");
  CHECK(place.run({"--out", "quiet", "--progress-every", "0", "--quiet"}).err == "");
}

TEST_CASE("on a terminal a run writes its progress over one line and takes it away at the end") {
  const Place place;
  std::string command;
  for (const std::string& word : Place::words({"--out", "o"})) command += word + " ";
  const Words words{"script", "-qec", command, "typescript"};
  const Ended ended = run_in(place.path(), words);
  if (ended.code == 127) {
    WARN("there is no script(1): a terminal was not tried");
    return;
  }
  const std::string shown = good(ended);
  INFO(shown);
  CHECK(has(shown, "\r\x1b[Kround "));
  CHECK(has(shown, "/3"));
  // The line is empty when the results are printed.
  const auto last = shown.rfind("\r\x1b[K");
  REQUIRE(last != std::string::npos);
  CHECK_FALSE(has(shown.substr(last), "round "));
  CHECK(has(shown.substr(last), "results: o"));
}

TEST_CASE("metrics and a log grow while a run goes on, and what a kill leaves can be read") {
  const Place place;
  place.kill_at(200, {});
  CHECK_FALSE(fs::exists(place / "o/manifest.json"));
  std::string begun = place.read("o/metrics.csv");
  CHECK(begun.starts_with("name,node,step,time_s,value\n"));
  // The kill may have come in the middle of a write, between two of its pages.
  begun.resize(begun.rfind('\n') + 1);
  CHECK(std::count(begun.begin(), begun.end(), '\n') >= 200);
  const std::string log = place.read("o/log.txt");
  CHECK(has(log, "Z started: skerry "));
  CHECK(has(log, ", seed 1: skerry run s.json"));

  // The folder had no results, so another run may use it; the log is continued.
  good(place.run({"--out", "o"}));
  good(place.run({"--out", "whole"}));
  CHECK(place.read("o/metrics.csv") == place.read("whole/metrics.csv"));
  CHECK(begun.starts_with(place.read("whole/metrics.csv").substr(0, 500)));
  CHECK(count(place.read("o/log.txt"), "started: ") == 2);
  CHECK(has(place.read("o/log.txt"), "ended: 3 rounds; after "));
  check_complaint(place.run({"--out", "o"}), 2, "o: exists and is not empty");
}

TEST_CASE("a run that goes on continues its metrics from its checkpoint, no row twice") {
  const Place place;
  place.kill_at(200, {"--checkpoint-every", "0"});
  const std::string before = place.read("o/metrics.csv");
  place.kill_at(place.lines("o/metrics.csv") + 200, {"--checkpoint-every", "0", "--resume"});
  const std::string after = place.read("o/metrics.csv");
  CHECK(after.size() > before.size());
  CHECK(after.starts_with(before));
  const std::string log = place.read("o/log.txt");
  CHECK(has(log, "checkpoint at round "));
  CHECK(has(log, "goes on from round "));
  fs::remove_all(place / "o");
  fs::remove_all(place / "o.checkpoints");
  place.kill_at(static_cast<std::size_t>(std::count(after.begin(), after.end(), '\n')), {});
  CHECK(place.read("o/metrics.csv").starts_with(after));
}

TEST_CASE("finished results stay whole while their run goes on to a later end") {
  const Place place;
  good(place.run({"--out", "o"}));
  const std::string metrics = place.read("o/metrics.csv");
  Words endless = Place::words({"--out", "o", "--resume", "--set", kEndless, "--quiet"});
  Running running(place.path(), endless);
  while (place.lines("o/metrics-so-far.csv") < 100 && !running.over()) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  CHECK(place.read("o/metrics.csv") == metrics);
  running.send(SIGKILL);
  running.wait();
  CHECK(place.read("o/metrics-so-far.csv").starts_with(metrics));
  good(run_in(place.path(), skerry_words({"report", "o"})));
  const Words more{"--out", "o", "--resume", "--set", R"(stop={"any": [{"rounds": 5}]})"};
  fs::remove_all(place / "o.checkpoints");
  good(place.run(more));
  CHECK(place.read("o/metrics.csv").starts_with(metrics));
  CHECK(place.lines("o/metrics.csv") > static_cast<std::size_t>(count(metrics, "\n")));
  CHECK_FALSE(fs::exists(place / "o/metrics-so-far.csv"));
}

TEST_CASE("the log says what was refused, lost and failed, and why a run stood still") {
  const Place place;
  place.run({"--out", "o", "--set", R"(world.messages={"loss": 0.3})", "--set",
             R"(rounds={"deadline": "20 s"})"});
  const std::string log = place.read("o/log.txt");
  INFO(log);
  CHECK(has(log, "outcomes: updates/"));
  CHECK(has(log, "messages undelivered: "));
  place.run({"--out", "still", "--set",
             R"(world.faults=[{"kind": "crash", "nodes": ["cloud"], "at": "100 ms"}])"});
  CHECK(has(place.read("still/log.txt"), "stands still after step "));
}

TEST_CASE("a live cloud shows and keeps its progress as a run does") {
  const Place place;
  Running cloud(place.path(),
                skerry_words({"cloud", "s.json", "--plaintext", "--listen", "127.0.0.1:0", "--out",
                              "o", "--progress-every", "0", "--set", "nodes.edges=2"}));
  while (!has(cloud.out(), "\n") && !cloud.over()) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  const std::string said = cloud.out();
  const std::string key = "listening on port ";
  REQUIRE(has(said, key));
  const std::string port = said.substr(key.size(), said.find(' ', key.size()) - key.size());
  {
    const auto edge = [&](const char* number) {
      return skerry_words(
          {"edge", "--plaintext", "--cloud", "127.0.0.1:" + port, "--node", number});
    };
    Running first(place.path(), edge("0"));
    Running second(place.path(), edge("1"));
    const Ended ended = cloud.wait();
    good(ended);
    CHECK(has(ended.err, "round 0/3"));
  }
  const std::string log = place.read("o/log.txt");
  INFO(log);
  CHECK(has(log, "Z started: skerry "));
  CHECK(has(log, "ended: 3 rounds; after "));
  CHECK(fs::exists(place / "o/manifest.json"));
}

}  // namespace
}  // namespace skerry
