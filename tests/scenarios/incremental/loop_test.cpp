#include "tests/scenarios/incremental/incremental_run.hpp"

namespace skerry::incremental {

using parts::Installed;
using parts::InstallOrder;
using parts::RolloutKind;

TEST_CASE(
    "every example that comes is answered once, and what is deployed changes again and again") {
  IncrementalRun run;
  run.run();
  // A quarter of the stream is history.
  CHECK(run.sum("served/requests") == 900);
  CHECK(run.sum("served/missed") == 0);
  CHECK(run.last("loop/trainings") >= 3);
  CHECK(run.last("loop/deployments") == run.last("loop/trainings"));
  CHECK(run.last("model/deployed") == run.last("loop/trainings") + 1);
  CHECK(run.last("loop/refused") == 0);
  // Each model went to both edges, and both took it.
  const auto installed = run.orders<Installed>(RolloutKind::kInstalled);
  CHECK(installed.size() == 2 * (run.last("loop/deployments") + 1));
  CHECK(std::ranges::all_of(installed, [](const Installed& one) { return one.fault.empty(); }));
  const auto stopped = run.driver.stopped;
  REQUIRE(stopped.has_value());
  CHECK(stopped->reason == "the stream is over");
  CHECK(stopped->model == run.driver.deployed.at(NodeId::edge(0)).model);
}

TEST_CASE("a check period that is longer makes trainings rarer") {
  IncrementalRun often, rarely(R"({"check": "8 min"})");
  CHECK(often.run().last("loop/trainings") > rarely.run().last("loop/trainings"));
  CHECK(rarely.last("loop/trainings") >= 1);
}

TEST_CASE("a model that is rejected is never what the next training starts from") {
  // Nothing is ever so much better.
  IncrementalRun run(R"({"deploy": {"name": "threshold", "gain": 0.99}})");
  std::vector<role::PayloadRef> bases;
  const std::uint16_t retrain = run.incremental().kinds().retrain;
  run.fails = [&](const role::Job& job) {
    if (job.kind == retrain) bases.push_back(job.inputs[0]);
    return false;
  };
  run.run();
  CHECK(run.last("loop/rejected") == run.last("loop/trainings"));
  CHECK(run.last("loop/deployments") == 0);
  REQUIRE(bases.size() >= 2);
  for (const auto& base : bases) CHECK(base == bases.front());
  CHECK(run.last("model/deployed") == 1);
}

TEST_CASE("a training or a trial that fails leaves the deployed model, and the loop goes on") {
  for (const bool trial : {false, true}) {
    IncrementalRun run;
    const auto& kinds = run.incremental().kinds();
    int failures = 0;
    run.fails = [&](const role::Job& job) {
      return job.kind == (trial ? kinds.compare : kinds.retrain) && failures++ == 0;
    };
    run.run();
    CHECK(run.last("loop/failed") == 1);
    CHECK(run.last("loop/deployments") == run.last("loop/trainings") - 1);
  }
}

TEST_CASE("a first model that cannot be made ends the run with the reason") {
  IncrementalRun run;
  const std::uint16_t prepare = run.incremental().kinds().prepare;
  run.fails = [&](const role::Job& job) { return job.kind == prepare; };
  run.run();
  CHECK(run.driver.stopped->failed);
  CHECK_THAT(run.driver.stopped->reason, Catch::Contains("out of memory"));
}

TEST_CASE("a run that cannot end as it should ends with the reason") {
  IncrementalRun run;
  const std::uint16_t check = run.incremental().kinds().check;
  run.fails = [&](const role::Job& job) {
    return job.kind == check && job.node == NodeId::edge(1);
  };
  run.run();
  CHECK(run.driver.stopped->failed);
  CHECK_THAT(run.driver.stopped->reason,
             Catch::Contains("an edge has not answered what came to it"));
  CHECK(run.last("loop/failed_loads") > 1);
}

TEST_CASE("edges that are all away for a while are waited for, and what they missed is counted") {
  IncrementalRun run;
  for (std::uint32_t k = 0; k < 2; ++k) {
    const NodeId edge = NodeId::edge(k);
    run.driver.at(Duration::seconds(300), NodeId::cloud(), role::PeerLost{edge});
    run.driver.at(Duration::seconds(300), [&run, edge] { run.driver.crash(edge); });
    run.driver.at(Duration::seconds(700), [&run, edge] { run.driver.restart(edge); });
    run.driver.at(Duration::seconds(700), NodeId::cloud(), role::PeerJoined{edge, 600});
  }
  run.run();
  CHECK(run.driver.stopped->reason == "the stream is over");
  CHECK(run.sum("served/missed") > 100);
  CHECK(run.sum("served/requests") + run.sum("served/missed") == 900);
}

TEST_CASE("edges that never come back end the run some checks after the stream, with the truth") {
  for (const std::uint32_t gone : {1, 2}) {
    IncrementalRun run;
    for (std::uint32_t k = 0; k < gone; ++k) {
      const NodeId edge = NodeId::edge(k);
      run.driver.at(Duration::seconds(300), NodeId::cloud(), role::PeerLost{edge});
      run.driver.at(Duration::seconds(300), [&run, edge] { run.driver.crash(edge); });
    }
    run.run();
    CHECK_THAT(run.driver.stopped->reason,
               Catch::Contains(std::to_string(gone) + " of 2 edges were away to the end"));
    CHECK(run.driver.stopped->failed == (gone == 2));
    CHECK(run.driver.now() > SimTime::at(Duration::seconds(1800)));
    CHECK(run.sum("served/requests") + run.sum("served/missed") == 900);
  }
}

TEST_CASE("trainings that all fail have taught nothing") {
  IncrementalRun run;
  const std::uint16_t retrain = run.incremental().kinds().retrain;
  run.fails = [&](const role::Job& job) { return job.kind == retrain; };
  run.run();
  CHECK_FALSE(run.driver.stopped->failed);
  CHECK_THAT(run.driver.stopped->nothing_learnt, Catch::Contains("failed"));
}

TEST_CASE("a change is counted from the beginning of the run") {
  IncrementalRun run(R"({"trigger": {"metric": "labels/bought", "compare": "change"}})");
  CHECK(run.run().last("loop/trainings") >= 2);
}

TEST_CASE("policies differ in what they learn from and where they start") {
  const auto first_inputs = [](const char* policy, const char* deploy = R"("always")") {
    IncrementalRun run(std::string(R"({"train": {"window": null, "policy": ")") + policy +
                       R"("}, "deploy": )" + deploy + "}");
    std::vector<std::size_t> sizes;
    run.fails = [&](const role::Job& job) {
      if (job.kind == run.incremental().kinds().retrain) sizes.push_back(job.body.size());
      return false;
    };
    run.run();
    REQUIRE(sizes.size() >= 3);
    return std::vector(sizes.begin(), sizes.begin() + 3);
  };
  const auto fine_tune = first_inputs("fine_tune"), window = first_inputs("window"),
             cumulative = first_inputs("cumulative"), scratch = first_inputs("from_scratch");
  CHECK(window[2] > fine_tune[2]);
  CHECK(cumulative[2] > cumulative[1]);
  CHECK(cumulative == scratch);
  // What a rejected model has learnt is learnt again.
  const auto rejected = first_inputs("fine_tune", R"({"name": "threshold", "gain": 0.99})");
  CHECK(rejected[1] > fine_tune[1]);
  CHECK(rejected[2] > rejected[1]);
}

TEST_CASE("labels end with the budget, and what was not bought is counted") {
  IncrementalRun run(R"({"labels": {"most": 100}})");
  run.run();
  CHECK(run.last("labels/bought") == 100);
  CHECK(run.last("labels/refused") > 0);
  CHECK(run.last("loop/trainings") <= 1);
}

TEST_CASE("a training begins where a detector or an operator says so, and not otherwise") {
  IncrementalRun labels(
      R"({"serve": {"sample": 0.9}, "detect": "cusum", "trigger": {"metric": null, "at_least": null, "drift": "drift"}})");
  CHECK(labels.run().last("loop/trainings") >= 1);
  IncrementalRun never(R"({"trigger": {"metric": null, "at_least": null, "command": "train"}})");
  CHECK(never.run().last("loop/trainings") == 0);
  IncrementalRun told(R"({"trigger": {"metric": null, "at_least": null, "command": "train"}})");
  told.driver.at(Duration::seconds(900), NodeId::cloud(), role::Command{"train"});
  CHECK(told.run().last("loop/trainings") == 1);
}

TEST_CASE("an order that is lost is given again") {
  IncrementalRun run;
  int lost = 0;
  run.driver.fate = [&](role::Message& message) -> std::vector<Duration> {
    if (run.incremental().rollout_channel().is(message, RolloutKind::kInstall) && lost++ == 0) {
      return {};
    }
    return {Duration::milliseconds(10)};
  };
  run.run();
  // The edge that did not get the first model answered later, and nothing was lost.
  CHECK(run.sum("served/requests") == 900);
}

TEST_CASE("messages that come twice change nothing") {
  IncrementalRun once, twice;
  twice.driver.fate = [](role::Message&) {
    return std::vector{Duration::milliseconds(10), Duration::milliseconds(20)};
  };
  once.run();
  twice.run();
  for (const char* name : {"labels/bought", "loop/trainings", "loop/deployments"}) {
    CHECK(once.last(name) == twice.last(name));
  }
  CHECK(once.driver.values("served/accuracy") == twice.driver.values("served/accuracy"));
}

TEST_CASE("an edge that restarts has its model again, and what came meanwhile is missed") {
  IncrementalRun run;
  run.driver.at(Duration::seconds(600), NodeId::cloud(), role::PeerLost{NodeId::edge(1)});
  run.driver.at(Duration::seconds(600), [&] { run.driver.crash(NodeId::edge(1)); });
  run.driver.at(Duration::seconds(1200), [&] { run.driver.restart(NodeId::edge(1)); });
  run.driver.at(Duration::seconds(1200), NodeId::cloud(), role::PeerJoined{NodeId::edge(1), 1200});
  run.run();
  const double missed = run.sum("served/missed");
  CHECK(missed >= 140);  // ten minutes of 15 a minute
  CHECK(missed <= 170);
  CHECK(run.sum("served/requests") + missed == 900);
  CHECK(run.driver.deployed.at(NodeId::edge(1)).version == run.last("model/deployed"));
}

TEST_CASE("nonsense from an edge is refused and counted") {
  IncrementalRun run;
  const parts::Channel reports = run.incremental().channel();
  const auto say = [&](role::Message message) {
    run.driver.at(Duration::seconds(700), NodeId::cloud(), role::MessageArrived{message});
  };
  const NodeId edge = NodeId::edge(0), cloud = NodeId::cloud();
  say(reports.message(edge, cloud, parts::ServingKind::kServed,
                      parts::Served{.version = 99, .requests = 5}));
  say(reports.message(edge, cloud, parts::ServingKind::kServed,
                      parts::Served{.version = 1, .requests = 5, .correct = 6}));
  say(reports.message(edge, cloud, parts::ServingKind::kExamples, parts::ExamplesSent{}));
  say(reports.message(edge, cloud, parts::ServingKind::kDrift, parts::DriftSeen{Drift{9}}));
  say(reports.message(NodeId::edge(77), cloud, parts::ServingKind::kDrift,
                      parts::DriftSeen{Drift::kDrift}));
  say({.from = edge, .to = cloud, .kind = 0x0901});
  say(run.incremental().rollout_channel().message(edge, cloud, RolloutKind::kInstalled,
                                                  Installed{.number = 1u << 30}));
  run.run();
  CHECK(run.last("loop/refused") == 7);
  CHECK(run.sum("served/requests") == 900);
}

TEST_CASE("damaged states of both roles are refused") {
  IncrementalRun run;
  run.driver.at(Duration::seconds(1200), [&] {
    run.driver.check_damaged_states(NodeId::cloud(), 997);
    run.driver.check_damaged_states(NodeId::edge(0), 13);
  });
  run.run();
}

TEST_CASE("whoever asks an edge is answered by the model that is deployed there") {
  IncrementalRun run;
  const auto example = [](std::vector<float> values, std::uint64_t id) {
    Payload payload;
    Record& record = payload.add(
        {"input", std::make_shared<const Layout>(Layout::flat("input", values.size()))});
    std::ranges::copy(values, record.f32().begin());
    return role::PayloadRef::of({99, id}, {std::move(payload), {}});
  };
  const auto ask = [&](Duration at, std::uint64_t number, std::vector<float> values) {
    run.driver.at(at, NodeId::edge(0),
                  role::Request{role::kFromOutside | number, example(std::move(values), number)});
  };
  ask(Duration::milliseconds(1), 1, {0, 0, 0});
  ask(Duration::seconds(600), 2, {0, 1, 0.5f});
  ask(Duration::seconds(600), 3, {0, 1});
  ask(Duration::seconds(601), 4, {0, std::numeric_limits<float>::quiet_NaN(), 0.5f});
  run.run();
  REQUIRE(run.driver.answers.size() == 4);
  const auto& answers = run.driver.answers;
  CHECK_THAT(answers[0].answer.refusal, Catch::Contains("no model yet"));
  CHECK_THAT(answers[1].answer.refusal, Catch::Contains("3 values"));
  CHECK(answers[2].answer.refusal.empty());
  CHECK(answers[2].answer.prediction);
  CHECK_THAT(answers[3].answer.refusal, Catch::Contains("not a finite number"));
  CHECK(run.sum("served/requests") == 900);
}

}  // namespace skerry::incremental
