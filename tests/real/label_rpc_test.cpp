// Programs of an operator that label for a live run: `skerry label`.
#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>

#include "real/label_client.hpp"
#include "tests/catch.hpp"
#include "tests/real/live_run.hpp"

namespace skerry {
namespace {

/// A learning loop that asks about half of what comes. It ends long after the test.
const char* const kLoop = R"({"version": 1, "name": "loop", "paradigm": "incremental", "seed": 5,
    "data": {"source": {"name": "sea", "samples": 3000, "test_samples": 10},
             "stream": {"name": "drift", "experiences": 4, "every": "10 s"}},
    "model": "softmax", "check": "50 ms",
    "serve": {"every": "50 ms", "threshold": 0.1, "sample": 0.5},
    "trigger": {"command": "train"},
    "train": {"optimizer": {"name": "sgd", "learning_rate": 0.05}},
    "deploy": "always",
    "nodes": {"edges": 1}})";

/// A command with the keys of a node. @return its exit code and what it printed.
std::pair<int, std::string> operate(const LiveRun& live, std::vector<std::string> words,
                                    const std::string& name = "operator") {
  for (const std::string& more :
       {std::string("--keys"), live.folder("keys").string(), std::string("--name"), name}) {
    words.push_back(more);
  }
  Process process = live.command(words);
  const std::string output = process.output();
  return {process.wait(), output};
}

/// Names of examples, in the order of the rows.
std::vector<std::string> names_in(const std::string& csv) {
  std::vector<std::string> names;
  std::stringstream lines(csv);
  std::string line;
  std::getline(lines, line);
  CHECK(line.starts_with("id,answered,"));
  while (std::getline(lines, line)) names.push_back(line.substr(0, line.find(',')));
  return names;
}

double metric_of(const real::RunStatus& status, std::string_view name) {
  for (const auto& metric : status.metrics) {
    if (metric.name == name) return metric.value;
  }
  return 0;
}

}  // namespace

TEST_CASE("a program asks what waits for a label, and labels, whatever is killed") {
  LiveRun live(kLoop, 1);
  const auto file = live.folder("mine.csv").string();
  const std::vector<std::string> kept{"--labels", live.folder("labels.csv").string(), "--state",
                                      live.folder("state").string(), "--record"};
  live.start_cloud(kept);
  live.start_edges();
  REQUIRE(live.wait_until(
      [](const real::RunStatus& run) { return metric_of(run, "labels/bought") >= 5; }));
  const auto questions = [&] {
    const auto [code, csv] = operate(live, {"label", "questions", live.address()});
    CHECK(code == 0);
    return names_in(csv);
  };
  const auto asked = questions();
  REQUIRE(asked.size() >= 5);
  const auto send = [&](const std::string& rows) {
    std::ofstream(file) << rows;
    return operate(live, {"label", "send", live.address(), file});
  };
  const std::string three =
      "id,label\n" + asked[0] + ",0\n" + asked[1] + ",1\n" + asked[2] + ",1\n";
  CHECK(send(three + "\nedge-0:999999,0\n" + asked[3] + ",\nnobody,1\n" + asked[4] + ",seven\n") ==
        std::pair(2, "3 taken, 0 known already, 1 without a label, 3 refused\n" + file +
                         ": line 6: edge-0:999999: nobody asked about it\n" + file +
                         ": line 8: \"nobody\" is no name of an example, such as \"edge-0:17\"\n" +
                         file +
                         ": line 9: label \"seven\" is none of the 2 classes: \"0\" and \"1\"\n"));
  CHECK(send(three) ==
        std::pair(0, std::string("0 taken, 3 known already, 0 without a label, 0 refused\n")));

  live.cloud().kill();
  live.start_cloud(kept);
  REQUIRE(live.wait_until([](const real::RunStatus&) { return true; }));
  const auto left = questions();
  for (int i = 0; i < 3; ++i) CHECK(std::ranges::find(left, asked[i]) == left.end());
  CHECK(std::ranges::find(left, asked[3]) != left.end());
  const auto out = live.folder("mine");
  CHECK(operate(live, {"label", "questions", live.address(), "--out", out.string()}) ==
        std::pair(0, (out / "to_label.csv").string() + "; classes: \"0\" and \"1\"\n"));
  std::stringstream written;
  written << std::ifstream(out / "to_label.csv").rdbuf();
  const auto there = names_in(written.str());
  CHECK(std::ranges::includes(std::set(there.begin(), there.end()),
                              std::set(left.begin(), left.end())));
  CHECK(send("label,id\n0," + asked[1] + "\n") ==
        std::pair(2, "0 taken, 0 known already, 0 without a label, 1 refused\n" + file +
                         ": line 2: " + asked[1] +
                         ": was labelled \"1\" before, now \"0\"; the first label stands\n"));
  const auto [unfit, why] = send("name,class\n" + asked[3] + ",1\n");
  CHECK(unfit == 2);
  CHECK_THAT(why, Catch::StartsWith("skerry: " + file +
                                    ": refused: the header does not fit: no column \"id\""));
  const auto stranger = operate(live, {"label", "send", live.address(), file}, "edge-0");
  CHECK(stranger.first == 3);
  CHECK_THAT(stranger.second, Catch::EndsWith("only an operator gives commands\n"));

  CHECK(operate(live, {"status", live.address(), "--stop"}).first == 0);
  CHECK(live.finish() == 0);
  const auto run = live.results();
  double given = 0;
  for (const auto& row : run.metrics) given = row.name == "labels/given" ? row.value : given;
  CHECK(given == 3);
  Process replay = live.command({"replay", live.folder("state").string()});
  CHECK(replay.wait() == 0);
  CHECK(live.model_of(replay.output()) == live.model());
}

TEST_CASE("a run that the oracle labels takes no labels from programs") {
  LiveRun live(kLoop, 1);
  live.start_cloud();
  live.start_edges();
  REQUIRE(live.wait_until([](const real::RunStatus&) { return true; }));
  const std::string why =
      "nobody labels in this run but the scenario's oracle: its cloud was started without "
      "--labels\n";
  CHECK(operate(live, {"label", "questions", live.address()}) == std::pair(2, "skerry: " + why));
  std::ofstream(live.folder("mine.csv")) << "id,label\n";
  const auto file = live.folder("mine.csv").string();
  CHECK(operate(live, {"label", "send", live.address(), file}) ==
        std::pair(2, "skerry: " + file + ": refused: " + why));
  live.cloud().kill();
}

}  // namespace skerry
