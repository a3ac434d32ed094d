// How far a run has come, in words, and the estimate of its end.
#include "experiments/progress_line.hpp"

#include <map>

#include "experiments/setup.hpp"
#include "tests/experiments/shipped_run.hpp"

namespace skerry::experiments {
namespace {

using Share = std::optional<double>;

/// A shipped scenario with overrides, as a driver would get it.
class Ready {
 public:
  Ready(const std::string& scenario, std::vector<std::string> overrides)
      : document_(opened(scenario, std::move(overrides))) {
    auto setup = set_up(document_);
    INFO(setup.message());
    REQUIRE(setup.ok());
    setup_.emplace(std::move(*setup));
  }
  /// @param metrics  the last values of some metrics.
  role::Headway headway(std::uint64_t step, const std::map<std::string, double>& metrics = {}) {
    return setup_->paradigm->headway({.step = step,
                                      .now = SimTime::at(Duration::seconds(3)),
                                      .last = [&](std::string_view name) -> std::optional<double> {
                                        const auto found = metrics.find(std::string(name));
                                        if (found == metrics.end()) return std::nullopt;
                                        return found->second;
                                      }});
  }

 private:
  Document document_;
  std::optional<Setup> setup_;
};

TEST_CASE("progress is said in the paradigm's words and leaves out what is not known") {
  ProgressWords words{.step = "round 9/200", .seed = {}, .headline = {}, .seconds_left = {}};
  CHECK(words.text() == "round 9/200");
  words.seed = "seed 1/5";
  words.headline = "test accuracy 0.914";
  words.seconds_left = 11.2;
  CHECK(words.text() == "round 9/200 · seed 1/5 · test accuracy 0.914 · 12 s left");
}

TEST_CASE("the time left follows from what was done here, not from what an earlier process did") {
  const TimeLeft::Clock::time_point start{};
  const auto later = start + std::chrono::seconds(10);
  TimeLeft left;
  left.begin(Share(0.5), start);
  CHECK(left.seconds(Share(0.5), later) == std::nullopt);
  CHECK(left.seconds(std::nullopt, later) == std::nullopt);
  CHECK(*left.seconds(Share(0.75), later) == 10);
  CHECK(*left.seconds(Share(1), later) == 0);
}

TEST_CASE("the time left falls while nothing moves, and is not told when that lasts") {
  const TimeLeft::Clock::time_point start{};
  const auto after = [&](int seconds) { return start + std::chrono::seconds(seconds); };
  TimeLeft left;
  left.begin(Share(0), start);
  CHECK(*left.seconds(Share(0.25), after(10)) == 30);
  CHECK(*left.seconds(Share(0.25), after(14)) == 26);
  CHECK(*left.seconds(Share(0.25), after(20)) == 20);
  CHECK(left.seconds(Share(0.25), after(21)) == std::nullopt);
  CHECK(*left.seconds(Share(0.5), after(40)) == 40);
}

TEST_CASE("a federated run knows its end from its stop rule") {
  struct Row {
    std::string stop;
    std::string words;  // after 9 rounds, 3 s and 40 kB
    Share share;
  };
  const Row row = GENERATE(
      Row{R"({"any": [{"rounds": 36}]})", "round 9/36", 0.25},
      Row{R"({"any": [{"rounds": 36}, {"rounds": 18}]})", "round 9/18", 0.5},
      Row{R"({"any": [{"rounds": 36}, {"virtual_time": "4 s"}]})", "round 9/36", 0.75},
      Row{R"({"any": [{"virtual_time": "12 s"}]})", "round 9, 3 s of 12 s", 0.25},
      Row{R"({"any": [{"bytes": "80 kB"}]})", "round 9", 0.5},
      Row{R"({"any": [{"metric": "test/accuracy", "at_least": 0.9}]})", "round 9", std::nullopt},
      Row{R"({"any": [{"metric": "test/accuracy", "at_least": 0.9}, {"rounds": 36}]})",
          "round 9/36", 0.25},
      Row{R"({"all": [{"rounds": 36}, {"virtual_time": "4 s"}]})", "round 9, 3 s of 4 s", 0.25},
      Row{R"({"all": [{"rounds": 36}, {"metric": "test/accuracy", "at_least": 0.9}]})", "round 9",
          std::nullopt},
      Row{R"({"all": [{"rounds": 18}, {"rounds": 36}]})", "round 9/36", 0.25},
      Row{R"({"any": [{"rounds": 3}]})", "round 9/3", 1.0});
  INFO(row.stop);
  Ready ready("fedavg-blobs", {"stop=" + row.stop});
  const role::Headway come =
      ready.headway(9, {{"bytes/encoded_up", 30e3}, {"bytes/encoded_down", 10e3}});
  CHECK(come.words == row.words);
  CHECK(come.share == row.share);
}

TEST_CASE("joint inference counts the thresholds whose requests are answered") {
  Ready ready("joint-blobs", {"thresholds=[0, 0.2, 0.4, 0.6]"});
  CHECK(ready.headway(0).words == "threshold 0/4");
  CHECK(ready.headway(0).share > 0);  // some requests have come
  CHECK(ready.headway(0).share <= 0.25);
  const role::Headway come = ready.headway(1, {{"joint/threshold", 0.2}});
  CHECK(come.words == "threshold 2/4");
  CHECK(come.share == Share(0.5));
}

}  // namespace
}  // namespace skerry::experiments
