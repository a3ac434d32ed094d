// A run in which a plugin never returns still ends after a signal, says whose job it was, and can
// go on from its last checkpoint.
#include <signal.h>

#include <chrono>
#include <optional>
#include <thread>

#include "tests/experiments/program/program.hpp"

namespace skerry {
namespace {

namespace fs = std::filesystem;
using datasets::ScratchFolder;
using Clock = std::chrono::steady_clock;

constexpr int kGivenUp = 4, kInterrupted = 130;

/// Four edges with small generated data, five rounds. From the third round on, the training of
/// edge-2 does not return while the file `stuck` exists.
class EndlessRun {
 public:
  /// @param stubborn  the selector does not return, instead of the training.
  explicit EndlessRun(const std::string& threads, const Words& more = {}, bool stubborn = false)
      : words_(skerry_words({})) {
    const std::string file = R"("file": ")" + stuck().string() + R"("})";
    const std::string method =
        stubborn ? R"("plain")" : R"({"name": "endless", "edge": 2, "round": 3, )" + file;
    const std::string select =
        stubborn ? R"({"name": "stubborn", "round": 3, )" + file : R"({"name": "all"})";
    folder_.put("scenario.json", R"({"version": 1, "name": "endless", "paradigm": "federated",
      "data": {"source": {"name": "synthetic_blobs", "samples": 200, "test_samples": 50}},
      "model": {"name": "mlp", "hidden": [8]},
      "local": {"method": )" + method +
                                     R"(,
                "optimizer": {"name": "sgd", "learning_rate": 0.1}, "batch_size": 10, "epochs": 1},
      "server": {"reduce": "mean", "optimizer": {"name": "sgd", "learning_rate": 1.0}},
      "select": )" + select + R"(, "rounds": {"mode": "sync"},
      "stop": {"any": [{"rounds": 5}]}, "evaluate": {"every": {"rounds": 1}},
      "nodes": {"edges": 4}})");
    folder_.put("stuck", "");
    for (const char* word : {"run", "scenario.json", "--plugin", SKERRY_ENDLESS_PLUGIN,
                             "--checkpoint-every", "0", "--out", "out", "--threads"}) {
      words_.emplace_back(word);
    }
    words_.push_back(threads);
    words_.insert(words_.end(), more.begin(), more.end());
    running_.emplace(folder_.path(), words_);
  }

  /// Waits until the job that never returns has begun.
  void wait_until_stuck() {
    while (!fs::exists(stuck().string() + ".began") && !running_->over()) pause();
    REQUIRE_FALSE(running_->over());
  }
  void send(int signal) { running_->send(signal); }
  /// Waits until the process has taken that signal, which was sent to it as a whole.
  void wait_until_taken(int signal) {
    while (running_->has_pending(signal) && !running_->over()) pause();
  }
  void let_go() { fs::remove(stuck()); }
  bool over() const { return running_->over(); }
  Ended wait() { return running_->wait(); }
  /// Repeats the command with --resume when nothing is stuck any more. @return what it recorded.
  std::string resumed() {
    let_go();
    Words resume = words_;
    resume.emplace_back("--resume");
    good(run_in(folder_.path(), resume));
    return text_of_file(folder_ / "out/metrics.csv");
  }
  /// What an undisturbed run records.
  std::string undisturbed() {
    let_go();
    Words whole = words_;
    *std::find(whole.begin(), whole.end(), "out") = "whole";
    good(run_in(folder_.path(), whole));
    return text_of_file(folder_ / "whole/metrics.csv");
  }
  bool has_results() const { return fs::exists(folder_ / "out/manifest.json"); }

  static void pause() { std::this_thread::sleep_for(std::chrono::milliseconds(5)); }

 private:
  fs::path stuck() const { return folder_ / "stuck"; }

  ScratchFolder folder_;
  Words words_;
  std::optional<Running> running_;
};

constexpr const char* kWhose = "skerry: the job \"train\" of edge-2 has not returned for ";
constexpr const char* kEnd = ": given up; what is durable is kept\n";
constexpr const char* kAdvice =
    "the same command with --resume --out out goes on from the last checkpoint\n";

TEST_CASE("a run whose job never returns ends after a signal and a grace, and can be resumed") {
  const std::string threads = GENERATE("1", "2");
  const int signal = threads == "1" ? SIGTERM : SIGINT;
  INFO(threads << " threads");
  EndlessRun run(threads, {"--stop-grace", "300ms"});
  run.wait_until_stuck();
  const auto sent = Clock::now();
  run.send(signal);
  const Ended ended = run.wait();
  const auto took = Clock::now() - sent;
  INFO("standard error: " << ended.err);
  CHECK(ended.code == kGivenUp);
  CHECK(took >= std::chrono::milliseconds(300));
  CHECK(took < std::chrono::seconds(5));
  CHECK(has(ended.err, "skerry: local method \"endless\", in train(), has not returned: given up"));
  CHECK(has(ended.err, kWhose));
  CHECK(has(ended.err, std::string(" ms") + kEnd + kAdvice));
  CHECK(ended.out == "");
  CHECK_FALSE(run.has_results());
  const std::string metrics = run.resumed();
  CHECK(metrics == run.undisturbed());
  CHECK(has(metrics, "test/accuracy"));
}

TEST_CASE("a plugin that never returns outside of a job is named after a signal and a grace") {
  EndlessRun run("2", {"--stop-grace", "200ms"}, true);
  run.wait_until_stuck();
  run.send(SIGTERM);
  const Ended ended = run.wait();
  CHECK(ended.code == kGivenUp);
  CHECK(ended.err == std::string("skerry: selector \"stubborn\", in select(), has not returned") +
                         kEnd + kAdvice);
  CHECK(run.resumed() == run.undisturbed());
}

TEST_CASE("a plugin that fails outside of a job ends the run by its name, with exit status 3") {
  const ScratchFolder folder;
  good(skerry_in(folder.path(), {"new", "scenario", "s"}));
  const Ended ended = skerry_in(
      folder.path(), {"run", "s.json", "--plugin", SKERRY_ENDLESS_PLUGIN, "--out", "out", "--set",
                      R"(select={"name": "stubborn", "round": 3})", "--checkpoint-every", "0"});
  check_complaint(ended, 3,
                  "s.json: the run could not go on: selector \"stubborn\" failed: in select(): it "
                  "has had enough (!config_.file.empty() is false, at ");
  CHECK(has(ended.err, "--resume --out out goes on from the last checkpoint"));
}

TEST_CASE("a second signal ends such a run at once, however long the grace is") {
  EndlessRun run("1", {"--stop-grace", "1 h"});
  run.wait_until_stuck();
  run.send(SIGINT);
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  CHECK_FALSE(run.over());
  run.send(SIGINT);
  const Ended ended = run.wait();
  INFO("standard error: " << ended.err);
  CHECK(ended.code == kGivenUp);
  CHECK(has(ended.err, kWhose));
  CHECK(has(ended.err, kAdvice));
}

TEST_CASE("a run that ends within the grace ends as one that is interrupted") {
  EndlessRun run("2", {"--stop-grace", "1 h"});
  run.wait_until_stuck();
  run.send(SIGTERM);
  run.send(SIGTERM);  // as timeout(1) does
  run.wait_until_taken(SIGTERM);
  run.let_go();
  const Ended ended = run.wait();
  CHECK(ended.code == kInterrupted);
  CHECK(ended.err == "interrupted; the same command with --resume --out out goes on from here\n");
  CHECK(run.resumed() == run.undisturbed());
}

TEST_CASE("a run that still makes its data ends at a signal at once, and leaves nothing") {
  const int signal = GENERATE(SIGINT, SIGTERM);
  const ScratchFolder folder;
  Running running(
      folder.path(),
      skerry_words({"run", std::string(SKERRY_SOURCE_DIR) + "/experiments/fedavg-blobs.json",
                    "--set", R"(data.source={"name": "fedprox_synthetic", "devices": 100000})",
                    "--out", "out"}));
  while (!fs::exists(folder / "out") && !running.over()) EndlessRun::pause();
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  const auto sent = Clock::now();
  running.send(signal);
  const Ended ended = running.wait();
  CHECK(ended.code == kInterrupted);
  CHECK(ended.err == "skerry: interrupted\n");
  CHECK(Clock::now() - sent < std::chrono::seconds(5));
  CHECK(!fs::exists(folder / "out"));
}

TEST_CASE("a grace that is no duration is refused by every command that takes one") {
  for (const Words& words :
       {Words{"run", "s.json"}, Words{"cloud", "s.json", "--plaintext"},
        Words{"edge", "--cloud", "127.0.0.1:1", "--node", "edge-0", "--plaintext"}}) {
    Words all = words;
    for (const char* word : {"--stop-grace", "10"}) all.emplace_back(word);
    const datasets::ScratchFolder folder;
    folder.put("s.json", "{}");
    check_complaint(skerry_in(folder.path(), all), 2,
                    "--stop-grace: \"10\" is not a number with a unit like \"20 ms\"");
  }
}

}  // namespace
}  // namespace skerry
