// What is known to have gone wrong in other systems' loops, and does not go wrong in this one. Each
// row or case names a defect. Other cases show the absence of others: a base that was rejected, a
// check period that is ignored, labels without a cost, an update of models that stops after the
// first (loop_test), an operator or a metric that is missing (parts/trigger_test), an evaluation
// that a restart loses (simulated_test).
#include "tests/scenarios/incremental/incremental_run.hpp"

namespace skerry::incremental {

using parts::InstallOrder;
using parts::RolloutKind;

TEST_CASE("a condition that cannot be meant is refused with its place, and is never just false") {
  struct Row {
    const char* defect;
    const char* condition;
    const char* expected;
  };
  const Row table[] = {
      {"an operator that nobody knows is false", R"({"metric": "samples/new", "greater": 60})",
       "/trigger/greater: "},
      {"a condition without an operator is false", R"({"metric": "samples/new"})",
       "/trigger/metric: needs exactly one of"},
      {"a metric that nobody records is false", R"({"metric": "samples/old", "at_least": 60})",
       "/trigger/metric: no metric \"samples/old\""},
      {"text counts as 0", R"({"metric": "samples/new", "at_least": "many"})",
       "/trigger/at_least: "},
      {"a number in quotes is converted", R"({"metric": "samples/new", "at_least": "60"})",
       "/trigger/at_least: "},
      {"a truth value counts as 0", R"({"metric": "samples/new", "at_least": true})",
       "/trigger/at_least: "},
      {"a list counts as 0", R"({"metric": "samples/new", "at_least": [60]})",
       "/trigger/at_least: "},
      {"a list of values counts as 0", R"({"metric": "edges/accuracy", "at_most": 0.5})",
       "/trigger/metric: \"edges/accuracy\" is a list of numbers"},
      {"a negative place in a list crashes",
       R"({"metric": "edges/accuracy", "reduce": "[-1]", "at_most": 0.5})", "/trigger/reduce: "},
      {"a time of no format is midnight", R"({"time_of_day": ["", "04:00"]})",
       "/trigger/time_of_day: "},
      {"a place beyond the end of a list crashes",
       R"({"metric": "edges/accuracy", "reduce": "[7]", "at_least": 0.5})",
       "/trigger/reduce: \"edges/accuracy\" has 2 values, from [0]"},
      {"a period in the wrong place is ignored", R"({"every": "1 h", "checkPeriodSeconds": 30})",
       "/trigger/checkPeriodSeconds: "},
  };
  for (const Row& row : table) {
    INFO(row.defect);
    std::string text = kScenario;
    const std::string old = R"("trigger": {"metric": "samples/new", "at_least": 60})";
    const auto place = text.find(old);
    REQUIRE(place != std::string::npos);
    text.replace(place, old.size(), std::string(R"("trigger": )") + row.condition);
    CHECK_THAT(role::StagedScenario::problems(text, "{}"), Catch::Contains(row.expected));
  }
}

TEST_CASE("a time of day that spans midnight lets trainings through on both sides of it") {
  // From 23:50 on, a check a minute: the window holds from the fifth to the fifteenth.
  IncrementalRun run(R"({"begins_at": "23:50", "trigger": {"metric": null, "at_least": null,
      "all": [{"metric": "samples/new", "at_least": 5}, {"time_of_day": ["23:55", "00:05"]}]}})");
  run.run();
  std::size_t before = 0, after = 0;
  for (const auto& metric : run.driver.metrics) {
    if (metric.name != "event/training") continue;
    CHECK(metric.step.number >= 5);
    CHECK(metric.step.number < 15);
    ++(metric.step.number < 10 ? before : after);
  }
  CHECK(before >= 1);
  CHECK(after >= 1);
}

TEST_CASE("an answer that is judged counts once, however often new ones arrive before a trial") {
  IncrementalRun run;
  const std::uint16_t compare = run.incremental().kinds().compare;
  std::size_t trials = 0;
  run.fails = [&](const role::Job& job) {
    if (job.kind != compare) return false;
    ++trials;
    // After both models come the payloads of the examples.
    std::vector<role::PayloadRef> payloads(job.inputs.begin() + 2, job.inputs.end());
    for (std::size_t i = 0; i < payloads.size(); ++i) {
      CHECK(std::count(payloads.begin(), payloads.end(), payloads[i]) == 1);
    }
    return false;
  };
  run.run();
  CHECK(trials >= 3);
  CHECK(run.last("labels/bought") <= 900);  // no label was bought twice
}

TEST_CASE("a new model whose trial has no result is not deployed, and that is counted") {
  // So few answers are sampled that there is nothing to judge by. The rule would deploy anything.
  IncrementalRun run(R"({"serve": {"sample": 1e-9}, "deploy": "always"})");
  run.run();
  REQUIRE(run.last("loop/trainings") >= 1);
  CHECK(run.last("loop/deployments") == 0);
  CHECK(run.last("loop/rejected") == run.last("loop/trainings"));
}

TEST_CASE("two models that come in the same moment, or in the wrong order, end as the newer one") {
  const char* const timed = R"({"trigger": {"metric": null, "at_least": null, "every": "6 min"},
      "rollout": {"resend_after": "1 h"}})";
  const NodeId edge = NodeId::edge(0);
  const auto is_order = [&](const IncrementalRun& run, const role::Message& message,
                            parts::ModelVersion version) {
    return run.incremental().rollout_channel().is(message, RolloutKind::kInstall) &&
           message.to == edge && from_bytes<InstallOrder>(message.body)->version == version;
  };
  const Duration travels = Duration::milliseconds(10);
  IncrementalRun plain(timed);
  plain.run();
  std::optional<Duration> third;
  for (const auto& [at, message] : plain.driver.sent) {
    if (is_order(plain, message, 3)) third = at.since_start();
  }
  REQUIRE(third.has_value());
  for (const Duration late : {Duration(), Duration::milliseconds(1)}) {
    IncrementalRun run(timed);
    run.driver.fate = [&](role::Message& message) {
      const bool second = is_order(run, message, 2);
      return std::vector{second ? *third + travels + late - run.driver.now().since_start()
                                : travels};
    };
    parts::ModelVersion installed = 0;
    run.driver.at(*third - travels, [&] { CHECK(run.driver.deployed.at(edge).version == 1); });
    run.driver.at(*third + Duration::seconds(5),
                  [&] { installed = run.driver.deployed.at(edge).version; });
    run.run();
    CHECK(installed == 3);
    CHECK(run.last("loop/refused") == 0);
  }
}

}  // namespace skerry::incremental
