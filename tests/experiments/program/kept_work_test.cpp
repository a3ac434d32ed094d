// Computed work is never lost and never taken for another run's; a run goes on from it if asked to.
#include <signal.h>

#include <chrono>
#include <thread>

#include "tests/experiments/program/program.hpp"

namespace skerry {
namespace {

namespace fs = std::filesystem;
using datasets::ScratchFolder;

constexpr int kUserError = 2, kWorldFailed = 3, kInterrupted = 130;

/// A folder with a small scenario, `t`, of four edges and three rounds.
class Place {
 public:
  Place() {
    folder_.put("s.json", text(R"({"name": "synthetic_blobs", "classes": 4, "features": 5,
                                           "samples": 200, "test_samples": 50})"));
  }

  static std::string text(const std::string& source) {
    return R"({"version": 1, "name": "t", "paradigm": "federated", "data": {"source": )" + source +
           R"(}, "model": {"name": "softmax"},
      "local": {"method": "plain", "optimizer": {"name": "sgd", "learning_rate": 0.1},
                "batch_size": 10, "epochs": 1},
      "server": "fedavg", "select": {"name": "uniform", "fraction": 1.0},
      "stop": {"any": [{"rounds": 3}]}, "nodes": {"edges": 4}})";
  }

  fs::path operator/(const std::string& name) const { return folder_ / name; }
  void put(const std::string& name, const std::string& text) const { folder_.put(name, text); }
  static Words words(const Words& more) {
    Words all{"run", "s.json", "--threads", "1"};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
  static Words of_rounds(int rounds, const Words& more) {
    Words all = words(more);
    all.insert(all.end(),
               {"--set", R"(stop={"any": [{"rounds": )" + std::to_string(rounds) + "}]}"});
    return all;
  }
  Ended run(const Words& more) const { return skerry_in(folder_.path(), words(more)); }
  Ended skerry(const Words& arguments) const { return skerry_in(folder_.path(), arguments); }
  /// Starts an endless run and interrupts it once it has a checkpoint.
  void interrupt(const std::string& out) const {
    Running running(folder_.path(),
                    skerry_words(of_rounds(1'000'000, {"--out", out, "--checkpoint-every", "0"})));
    while (checkpoints(out).empty() && !running.over()) {
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    running.send(SIGINT);
    const Ended ended = running.wait();
    REQUIRE(ended.code == kInterrupted);
    REQUIRE(has(ended.err, "goes on from here"));
  }
  /// The names of an interrupted run's checkpoints.
  std::vector<std::string> checkpoints(const std::string& out) const {
    std::vector<std::string> names;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(folder_ / (out + ".checkpoints"), error)) {
      if (entry.path().extension() == ".bin") names.push_back(entry.path().filename());
    }
    std::sort(names.begin(), names.end());
    return names;
  }
  std::string read(const std::string& file) const { return text_of_file(folder_ / file); }
  /// The line of the manifest that starts with that key.
  std::string of_manifest(const std::string& out, const std::string& key) const {
    const std::string manifest = read(out + "/manifest.json");
    const auto at = manifest.find("\"" + key + "\"");
    REQUIRE(at != std::string::npos);
    return manifest.substr(at, manifest.find('\n', at) - at);
  }
  const fs::path& path() const { return folder_.path(); }

 private:
  ScratchFolder folder_;
};

TEST_CASE("resuming takes a finished run for done only where it is the same run") {
  const Place place;
  good(place.run({"--out", "o"}));
  const std::string manifest = place.read("o/manifest.json");
  CHECK(has(place.run({"--out", "o", "--resume"}).err, "o: is done already"));
  check_complaint(place.run({"--out", "o", "--resume", "--set", "local.optimizer.learning_rate=9"}),
                  kUserError,
                  "o: is of another run: /local/optimizer/learning_rate is 0.1 there and 9.0 here");
  check_complaint(place.run({"--out", "o", "--resume", "--seed", "2"}), kUserError,
                  "o: is of another run: /seed is 1 there and 2 here");
  check_complaint(place.run({"--out", "o", "--resume", "--plugin", SKERRY_ENDLESS_PLUGIN}),
                  kUserError, "o: is of another run: the files of the plugins are not the same");
  check_complaint(place.skerry(Place::of_rounds(2, {"--out", "o", "--resume"})), kUserError,
                  "o: its run ends otherwise: /stop/any/0/rounds is 3 there and 2 here");
  check_complaint(place.run({"--out", "o", "--resume", "--seeds", "1..2"}), kUserError,
                  "o: holds one run; several seeds need a folder of their own");
  CHECK(place.read("o/manifest.json") == manifest);
}

TEST_CASE("resuming notices that the data are other data") {
  const Place place;
  place.put("d.csv", "a,label\n1,0\n2,1\n3,0\n4,1\n");
  place.put("s.json", Place::text(R"({"name": "csv", "train": "d.csv", "test": "d.csv"})"));
  good(place.run({"--out", "o"}));
  place.put("d.csv", "a,label\n1,0\n2,1\n3,0\n5,1\n");
  check_complaint(place.run({"--out", "o", "--resume"}), kUserError,
                  "o: is of another run: the data's hash is ");
}

TEST_CASE("the checkpoints of an interrupted run are neither taken for another run's nor removed") {
  const Place place;
  place.interrupt("o");
  const auto kept = place.checkpoints("o");
  CHECK_FALSE(fs::exists(place / "o/manifest.json"));
  check_complaint(place.run({"--out", "o"}), kUserError,
                  "o.checkpoints: holds the checkpoints of an interrupted run; --resume goes on "
                  "with it, or remove the folder to start again");
  check_complaint(place.skerry(Place::of_rounds(1'000'000, {"--out", "o", "--resume", "--set",
                                                            "local.optimizer.learning_rate=9"})),
                  kUserError,
                  "o.checkpoints: is of another run: /local/optimizer/learning_rate is 0.1 there "
                  "and 9.0 here");
  check_complaint(place.run({"--out", "o", "--resume"}), kUserError,
                  "o.checkpoints: its run ends otherwise: /stop/any/0/rounds is 1000000 there and "
                  "3 here");
  CHECK(place.checkpoints("o") == kept);
}

TEST_CASE("a run goes on from its end to a later one and ends in the same bits") {
  const Place place;
  const Words method = GENERATE(Words{}, Words{"--set", "local.method=scaffold"});
  const auto run = [&](int rounds, const std::string& out, const Words& more = {}) {
    Words all{"--out", out};
    all.insert(all.end(), method.begin(), method.end());
    all.insert(all.end(), more.begin(), more.end());
    return place.skerry(Place::of_rounds(rounds, all));
  };
  good(run(3, "o"));
  good(run(6, "whole"));
  place.put("o/notes.txt", "mine");
  good(run(6, "o", {"--resume"}));
  for (const char* file : {"/metrics.csv", "/spans.csv", "/scenario.json", "/model.npz"}) {
    INFO(file);
    CHECK(place.read(std::string("o") + file) == place.read(std::string("whole") + file));
  }
  for (const char* key : {"fingerprints", "stop_reason", "virtual_ns"}) {
    CHECK(place.of_manifest("o", key) == place.of_manifest("whole", key));
  }
  CHECK(place.read("o/notes.txt") == "mine");
  CHECK(has(run(6, "o", {"--resume"}).err, "is done already"));

  // It went on from the checkpoint in the results: without that file it could not.
  const fs::path kept = fs::directory_iterator(place / "o/checkpoint")->path();
  fs::resize_file(kept, fs::file_size(kept) / 2);
  const Ended damaged = run(9, "o", {"--resume"});
  CHECK(damaged.code == kWorldFailed);
  CHECK(has(damaged.err, "o/checkpoint: no checkpoint can be used"));
  CHECK(place.read("o/metrics.csv") == place.read("whole/metrics.csv"));
}

TEST_CASE("several seeds go on together, and more can join them") {
  const Place place;
  good(place.run({"--out", "o", "--seeds", "1..2"}));
  good(place.skerry(Place::of_rounds(5, {"--out", "o", "--seeds", "1..3", "--resume"})));
  good(place.skerry(Place::of_rounds(5, {"--out", "whole", "--seeds", "1..3"})));
  CHECK(place.read("o/summary.csv") == place.read("whole/summary.csv"));
}

TEST_CASE("one seed goes on, or joins, in the folder that it has among several") {
  const Place place;
  good(place.run({"--out", "o", "--seeds", "1..2"}));
  const Ended done = place.run({"--out", "o", "--seed", "2", "--resume"});
  CHECK(done.code == 0);
  CHECK(done.err == "o/seed2: is done already\n");
  good(place.run({"--out", "o", "--seed", "3", "--resume"}));
  CHECK(has(place.read("o/summary.json"), "seed3"));
  good(place.run({"--out", "whole", "--seeds", "1..3"}));
  CHECK(place.read("o/summary.csv") == place.read("whole/summary.csv"));
  good(place.skerry(Place::of_rounds(5, {"--out", "o", "--seed", "1", "--resume"})));
  good(place.skerry(Place::of_rounds(5, {"--out", "one", "--seed", "1"})));
  CHECK(place.read("o/seed1/metrics.csv") == place.read("one/metrics.csv"));
}

TEST_CASE("resuming nothing says so and starts") {
  const Place place;
  const Ended ended = place.run({"--out", "o", "--resume"});
  CHECK(ended.code == 0);
  CHECK(ended.err == "skerry: o: there is nothing to go on from; the run starts\n");
}

TEST_CASE("a checkpoint that cannot be written ends no run") {
  const Place place;
  place.put("o.checkpoints", "");
  const Ended ended = place.run({"--out", "o", "--checkpoint-every", "0"});
  CHECK(ended.code == 0);
  CHECK(std::count(ended.err.begin(), ended.err.end(), '\n') == 1);
  CHECK(has(ended.err, "the run goes on without this checkpoint"));
  CHECK(fs::exists(place / "o/model.npz"));
}

TEST_CASE("a folder that cannot take results is refused before anything is computed") {
  const Place place;
  place.put("file", "");
  place.put("full/x", "");
  for (const auto& [out, why] :
       {std::pair("file", "file: exists and is not a folder"), std::pair("file/o", "file: "),
        std::pair("full", "full: exists and is not empty"), std::pair("/proc/o", "/proc/o: "),
        std::pair("/proc/self", "/proc: results cannot be made there: ")}) {
    check_complaint(place.skerry(Place::of_rounds(1'000'000, {"--out", out})), kUserError, why);
  }
}

TEST_CASE("runs at once never choose the same folder") {
  const Place place;
  {
    Running first(place.path(), skerry_words(Place::words({})));
    Running second(place.path(), skerry_words(Place::words({})));
    Running third(place.path(), skerry_words(Place::words({})));
    for (Running* running : {&first, &second, &third}) good(running->wait());
  }
  for (const char* name : {"runs/t-seed1", "runs/t-seed1-2", "runs/t-seed1-3"}) {
    CHECK(fs::exists(place / name / "manifest.json"));
  }
  Running first(place.path(), skerry_words(Place::of_rounds(1'000'000, {"--out", "o"})));
  while (!fs::exists(place / "o") && !first.over()) {
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  check_complaint(place.run({"--out", "o"}), kUserError, "o: another run writes there");
}

TEST_CASE("several seeds have a folder that is named after them") {
  const Place place;
  good(place.run({"--seeds", "1..3"}));
  good(place.run({"--seeds", "1,4,7"}));
  CHECK(fs::exists(place / "runs/t-seeds1..3/seed2/manifest.json"));
  CHECK(fs::exists(place / "runs/t-seeds1,4,7/seed7/manifest.json"));
}

TEST_CASE("the scenario of a run can be run again from anywhere") {
  const Place place;
  place.put("data/d.csv", "a,label\n1,0\n2,1\n3,0\n4,1\n");
  place.put("data/s.json", Place::text(R"({"name": "csv", "train": "d.csv", "test": "d.csv"})"));
  good(place.skerry({"run", "data/s.json", "--out", "o"}));
  place.put("elsewhere/empty", "");
  good(skerry_in(place / "elsewhere", {"run", "../o/scenario.json", "--out", "again"}));
  CHECK(place.of_manifest("elsewhere/again", "fingerprints") ==
        place.of_manifest("o", "fingerprints"));
}

TEST_CASE("a report does not take runs of two scenarios for seeds of one") {
  const Place place;
  good(place.run({"--out", "o/a"}));
  good(place.run({"--out", "o/b", "--seed", "2", "--set", "local.optimizer.learning_rate=9"}));
  check_complaint(
      place.skerry({"report", "o"}), kUserError,
      "o: holds runs of two scenarios, a (there) and b (here): "
      "/local/optimizer/learning_rate is 0.1 there and 9.0 here; name the runs one by one");
}

}  // namespace
}  // namespace skerry
