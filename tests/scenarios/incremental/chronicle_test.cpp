// What is recorded of the loop so that it can be pictured.
#include "scenarios/incremental/chronicle.hpp"

#include "tests/scenarios/incremental/incremental_run.hpp"

namespace skerry::incremental {

namespace {

using Steps = std::vector<std::uint64_t>;

/// The steps in which a metric was recorded, in order of time.
Steps steps(const IncrementalRun& run, const std::string& metric) {
  Steps found;
  for (const auto& one : run.driver.metrics) {
    if (one.name == metric) found.push_back(one.step.number);
  }
  return found;
}

/// What a metric was last in that step.
double at_step(const IncrementalRun& run, const std::string& metric, std::uint64_t step) {
  std::optional<double> value;
  for (const auto& one : run.driver.metrics) {
    if (one.name == metric && one.step.number == step) value = one.value;
  }
  INFO(metric << " in step " << step);
  REQUIRE(value.has_value());
  return *value;
}

}  // namespace

TEST_CASE("the phases of a turn follow each other from its trigger to its end") {
  IncrementalRun run(R"({"nodes": {"edges": 6},
      "rollout": {"shadow": true, "canary": 0.4, "hold": "3 min", "examples": 20, "margin": 0.3}})");
  run.run();
  const Steps began = steps(run, "event/training"), deployed = steps(run, "event/deployed");
  REQUIRE(deployed.size() >= 2);
  CHECK(static_cast<double>(began.size()) == run.last("loop/trainings"));
  CHECK(static_cast<double>(deployed.size()) == run.last("loop/deployments"));
  double training_s = 0;
  for (std::uint64_t turn = 1; turn <= deployed.size(); ++turn) {
    double lasted = 0;
    for (const char* phase : {"training", "trial", "shadow", "canary", "everyone"}) {
      lasted += at_step(run, std::string("turn/") + phase + "_s", turn);
    }
    // A check is a minute.
    const auto checks = static_cast<double>(deployed[turn - 1] - began[turn - 1]);
    CHECK(lasted == Approx(60 * checks));
    CHECK(at_step(run, "turn/training_s", turn) == Approx(0.1));
    CHECK(at_step(run, "turn/canary_s", turn) == Approx(180));
    training_s += at_step(run, "turn/training_s", turn);
  }
  CHECK(run.last("turns/training_s") >= Approx(training_s));
  CHECK(run.driver.values("event/drift") == std::vector<double>{1, 2});
  CHECK(steps(run, "event/drift") == Steps{10, 20});
}

TEST_CASE("the shares of models over the edges add up to one, whatever a rollout is at") {
  IncrementalRun run(R"({"nodes": {"edges": 6},
      "rollout": {"canary": 0.4, "hold": "3 min", "examples": 20, "margin": 0.3}})");
  run.run();
  std::map<std::uint64_t, double> shares;
  std::size_t mixed = 0, recorded = 0;
  const auto look = [&] {
    double sum = 0;
    for (const auto& [version, share] : shares) sum += share;
    if (!shares.empty()) CHECK(sum == Approx(1));
    mixed += shares.size() > 1 ? 1 : 0;
  };
  for (const auto& metric : run.driver.metrics) {
    if (metric.name == "edges/with_model") {
      ++recorded;
      shares[metric.step.number] = metric.value;
      if (metric.value == 0) shares.erase(metric.step.number);
    } else if (metric.name == "served/requests") {  // once a check
      look();
    }
  }
  CHECK(mixed >= 3);
  CHECK(shares.size() == 1);
  CHECK(shares.begin()->first == run.last("model/deployed"));
  // Only changes are recorded: two when some edges change, and two when the others do.
  CHECK(recorded <= 1 + 4 * run.last("loop/trainings"));
}

TEST_CASE("a turn that comes to nothing says where it ended") {
  IncrementalRun rejected(R"({"deploy": {"name": "threshold", "gain": 0.99}})");
  rejected.run();
  const auto trainings = static_cast<std::size_t>(rejected.last("loop/trainings"));
  REQUIRE(trainings >= 2);
  CHECK(steps(rejected, "event/rejected").size() == trainings);
  CHECK(steps(rejected, "turn/trial_s").size() == trainings);
  CHECK(steps(rejected, "turn/everyone_s").empty());
  CHECK(steps(rejected, "event/deployed").empty());

  IncrementalRun failing;
  const std::uint16_t retrain = failing.incremental().kinds().retrain;
  failing.fails = [&](const role::Job& job) { return job.kind == retrain; };
  failing.run();
  CHECK(steps(failing, "event/failed").size() == steps(failing, "event/training").size());
  CHECK(steps(failing, "turn/training_s").size() == steps(failing, "event/training").size());
  CHECK(steps(failing, "turn/trial_s").empty());
}

TEST_CASE("a detector's word is an event, once a check") {
  IncrementalRun run(R"({"serve": {"sample": 0.9}, "detect": "cusum",
      "trigger": {"metric": null, "at_least": null, "drift": "drift"}})");
  run.run();
  const Steps detected = steps(run, "event/detection"), began = steps(run, "event/training");
  REQUIRE_FALSE(detected.empty());
  CHECK(std::ranges::adjacent_find(detected) == detected.end());
  for (const std::uint64_t step : began) CHECK(std::ranges::count(detected, step) == 1);
}

}  // namespace skerry::incremental
