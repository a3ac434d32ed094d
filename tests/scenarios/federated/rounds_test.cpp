#include <set>

#include "tests/scenarios/federated/federated_run.hpp"

namespace skerry::federated {

TEST_CASE("rounds of a cohort train, aggregate and measure until the scenario is over") {
  FederatedRun run;
  run.run();
  CHECK(run.driver.stopped->reason == "3 rounds");
  CHECK(run.driver.values("round/accepted") == std::vector<double>{4, 4, 4});
  CHECK(run.driver.values("round/seconds").front() == Approx(0.12 + 0.2));
  CHECK(run.driver.values("test/accuracy").size() == 4);
  CHECK(run.driver.values("test/loss").back() < run.driver.values("test/loss").front());
  CHECK(run.driver.count(RoundMessage::kTrain, true) == 12);
  CHECK(run.driver.count(RoundMessage::kUpdate, false) == 12);
  CHECK(run.refusals().empty());
}

TEST_CASE("a cohort is made of different edges, and differs from round to round") {
  FederatedRun run;
  run.run();
  const auto nodes = run.ordered(RoundMessage::kTrain);
  std::vector<std::set<NodeId>> cohorts;
  for (std::size_t i = 0; i < nodes.size(); i += 4) {
    cohorts.emplace_back(nodes.begin() + static_cast<long>(i),
                         nodes.begin() + static_cast<long>(i) + 4);
    CHECK(cohorts.back().size() == 4);
  }
  CHECK((cohorts[0] != cohorts[1] || cohorts[1] != cohorts[2]));
}

TEST_CASE("the order in which updates arrive changes no bit of the model") {
  FederatedRun even;
  even.run();
  const std::uint64_t seed = 12;
  INFO("seed " << seed);
  RandomStream random(seed, "test");
  FederatedRun mixed;
  mixed.updates([&random](role::Message&) {
    return std::vector{Duration::nanoseconds(static_cast<std::int64_t>(random.below(1'000'000)))};
  });
  mixed.run();
  CHECK(mixed.model() == even.model());
}

TEST_CASE("bytes are those of the messages, measurements left out") {
  FederatedRun run(R"({"evaluate": {"edges": {"every": {"rounds": 1}}}})");
  run.run();
  double up = 0, down = 0;
  for (const auto& [at, message] : run.driver.sent) {
    if (message.measurement) continue;
    const auto bytes = static_cast<double>(role::bytes_of(message).wire);
    (message.from.is_cloud() ? down : up) += bytes;
  }
  CHECK(run.last("bytes/wire_up") == up);
  CHECK(run.last("bytes/wire_down") == down);
}

TEST_CASE("live, the first round begins when enough edges have joined") {
  FederatedRun run(R"({"rounds": {"start_with": 5}})");
  for (std::uint32_t k = 0; k < 8; ++k) {
    run.driver.at(Duration::seconds(k + 1), NodeId::cloud(), role::PeerJoined{NodeId::edge(k), 20});
  }
  run.driver.start(false);
  REQUIRE(run.driver.run());
  const auto first =
      std::find_if(run.driver.sent.begin(), run.driver.sent.end(),
                   [](const auto& s) { return is(s.message, RoundMessage::kTrain); });
  CHECK(first->at == SimTime::at(Duration::seconds(5)));
}

TEST_CASE("over-selection asks more edges and closes the round when the cohort is full") {
  FederatedRun run(R"({"rounds": {"over_select": 0.5}})");
  run.updates([](role::Message& message) {
    return std::vector{Duration::milliseconds(10 * (1 + message.from.index()))};
  });
  run.run();
  CHECK(run.driver.count(RoundMessage::kTrain, true) == 18);
  CHECK(run.driver.values("round/accepted") == std::vector<double>{4, 4, 4});
  CHECK(run.last("updates/late") == 6);
  CHECK(run.last("updates/lost") == 0);
  CHECK_FALSE(run.driver.last("updates/refused/stale round").has_value());
  // Later answers from the others are out of date, not errors.
  for (const Refusal refusal : run.refusals()) CHECK(refusal == Refusal::kStaleRound);
}

TEST_CASE("a run stops at a metric, a time, a number of bytes, or all of several conditions") {
  const auto reason = [](const char* stop) {
    FederatedRun run(std::string(R"({"stop": )") + stop + "}");
    run.run();
    return run.driver.stopped->reason;
  };
  CHECK(reason(R"({"any": [{"metric": "test/accuracy", "at_least": 0.5}, {"rounds": 50}]})") ==
        "test/accuracy >= 0.5");
  CHECK(reason(R"({"any": [{"virtual_time": "1 s"}, {"rounds": 50}]})") == "time limit 1 s");
  CHECK(reason(R"({"any": [{"bytes": "6 kB"}, {"rounds": 50}]})").starts_with("byte limit 6 kB"));
  CHECK(reason(R"({"any": [], "all": [{"rounds": 2}, {"virtual_time": "3 s"}]})") ==
        "2 rounds and time limit 3 s");
}

TEST_CASE(
    "a metric that can end the run is waited for, and the model is the one it was measured on") {
  FederatedRun run(
      R"({"stop": {"any": [{"metric": "test/accuracy", "at_least": 0.6}, {"rounds": 40}]}})");
  run.run();
  Workspace workspace;
  role::Job job;
  job.kind = run.kinds().evaluate;
  job.inputs = {run.driver.stopped->model};
  job.body = to_bytes(parts::Evaluator::OnCloud{});
  const auto metrics =
      *from_bytes<role::Metrics>(run.staged.paradigm->jobs().run(job, workspace).report);
  CHECK(metrics[1].second == run.last("test/accuracy"));
  CHECK(metrics[1].second >= 0.6);
}

TEST_CASE("an operator stops the run, which keeps the last model") {
  FederatedRun run(R"({"stop": {"any": [{"rounds": 1000}]}})");
  run.driver.at(Duration::seconds(2), NodeId::cloud(), role::Command{"stop"});
  run.run();
  CHECK(run.driver.stopped->reason == "an operator");
  CHECK(run.model().size() == 15);
}

TEST_CASE("edges are surveyed on their own test examples, the final model included") {
  FederatedRun run(R"({"data": {"split": {"client_test": 0.3}},
                       "evaluate": {"edges": {"every": {"rounds": 1}}}})");
  run.run();
  CHECK(run.driver.values("edges/count") == std::vector<double>{8, 8, 8, 8});
  for (const char* name : {"edges/accuracy_mean", "edges/accuracy_sd", "edges/accuracy_p10",
                           "edges/accuracy_worst", "edges/loss_mean"}) {
    CHECK(run.driver.values(name).size() == 4);
  }
  CHECK(run.last("edges/accuracy_worst") <= run.last("edges/accuracy_p10"));
  CHECK(run.last("edges/accuracy_p10") <= run.last("edges/accuracy_mean"));
}

/// The steps at which a metric was recorded.
std::vector<std::uint64_t> steps_of(const FederatedRun& run, std::string_view name) {
  std::vector<std::uint64_t> steps;
  for (const role::RecordMetric& metric : run.driver.metrics) {
    if (metric.name == name) steps.push_back(metric.step.number);
  }
  return steps;
}

using Steps = std::vector<std::uint64_t>;

TEST_CASE("the last model is measured, however seldom models are and whatever ends the run") {
  const std::string seldom = R"({"data": {"split": {"client_test": 0.3, "server_validation": 0.1}},
    "evaluate": {"every": {"rounds": 5}, "edges": {"every": {"rounds": 4}}},)";
  for (const std::string more : {"", R"("rounds": {"mode": "async", "concurrency": 4},
                                     "server": {"reduce": {"name": "buffered", "size": 4},
                                                "optimizer": {"name": "sgd", "learning_rate": 1.0}},)"}) {
    CAPTURE(more);
    FederatedRun rounds(seldom + more + R"("stop": {"any": [{"rounds": 3}]}})");
    rounds.run();
    for (const char* name : {"test/accuracy", "validation/loss"}) {
      CHECK(steps_of(rounds, name) == Steps{0, 3});
    }
    CHECK(steps_of(rounds, "edges/accuracy_mean") == Steps{0, 3});
    // Time is up: the edges are asked nothing more.
    FederatedRun time(seldom + more + R"("stop": {"any": [{"virtual_time": "500 ms"}]}})");
    time.run();
    const std::uint64_t last = steps_of(time, "round/accepted").back();
    REQUIRE(last % 5 != 0);
    CHECK(steps_of(time, "test/accuracy") == Steps{0, last});
    CHECK(steps_of(time, "edges/accuracy_mean") == Steps{0});
  }
}

TEST_CASE("an edge without examples takes no part, and a loss counts as often as its examples") {
  FederatedRun alone(R"({"data": {"partition": {"name": "size", "partition_sizes": [40]}},
                         "select": {"count": 1}, "nodes": {"edges": 1}})");
  FederatedRun beside(R"({"data": {"partition": {"name": "size",
                                                  "partition_sizes": [40, 0, 0, 0]}},
                          "select": {"count": null, "fraction": 1.0}, "nodes": {"edges": 4}})");
  alone.run();
  beside.run();
  CHECK(beside.driver.values("round/accepted") == std::vector<double>{1, 1, 1});
  CHECK(beside.driver.values("train/loss") == alone.driver.values("train/loss"));
  CHECK(beside.model() == alone.model());

  FederatedRun uneven(R"({"data": {"partition": {"name": "size", "partition_sizes": [90, 10]}},
                          "select": {"count": 2}, "stop": {"any": [{"rounds": 1}]},
                          "nodes": {"edges": 2}})");
  std::vector<std::pair<float, float>> reports;  // samples, loss
  uneven.updates([&reports](role::Message& message) {
    const Payload update = message.payloads[0].payload();
    const auto report = update.at("report").f32();
    reports.emplace_back(report[0], report[2]);
    return std::vector{Duration::milliseconds(10)};
  });
  uneven.run();
  REQUIRE(reports.size() == 2);
  double sum = 0;
  for (const auto& [samples, loss] : reports) sum += double{samples} * loss;
  CHECK(uneven.last("train/loss") == Approx(sum / 100));
}

TEST_CASE("a survey does not wait for an edge that is lost") {
  FederatedRun run(R"({"data": {"split": {"client_test": 0.3}},
                       "stop": {"any": [{"metric": "edges/accuracy_mean", "at_least": 0.3},
                                        {"rounds": 20}]},
                       "evaluate": {"edges": {"every": {"rounds": 1}}}})");
  run.driver.measurements_too = true;
  run.driver.fate = [](role::Message& message) {
    const bool dead = message.to == NodeId::edge(5) || message.from == NodeId::edge(5);
    return dead ? std::vector<Duration>{} : std::vector{Duration::milliseconds(10)};
  };
  run.driver.at(Duration::seconds(9), NodeId::cloud(), role::PeerLost{NodeId::edge(5)});
  run.run();
  CHECK(run.driver.values("edges/count").front() == 7);
}

TEST_CASE("a run that only a survey can end outlasts one in which every edge was lost") {
  FederatedRun run(R"({"data": {"split": {"client_test": 0.3}},
                       "stop": {"any": [{"metric": "edges/accuracy_mean", "at_least": 0.3}]},
                       "evaluate": {"edges": {"every": {"rounds": 1}}}})");
  run.driver.measurements_too = true;
  run.driver.fate = [&run](role::Message&) {
    const bool cut = run.driver.now() < SimTime::at(Duration::seconds(10));
    return cut ? std::vector<Duration>{} : std::vector{Duration::milliseconds(10)};
  };
  for (std::uint32_t k = 0; k < 8; ++k) {
    run.driver.at(Duration::seconds(9), NodeId::cloud(), role::PeerLost{NodeId::edge(k)});
    run.driver.at(Duration::seconds(20), NodeId::cloud(), role::PeerJoined{NodeId::edge(k), 14});
  }
  run.run();
  CHECK(run.driver.values("edges/count").front() == 0);
  CHECK_FALSE(run.driver.stopped->failed);
  CHECK(run.driver.stopped->reason == "edges/accuracy_mean >= 0.3");
}

TEST_CASE("edges that keep state learn what became of their last update") {
  FederatedRun run(R"({"local": {"method": "scaffold"}, "stop": {"any": [{"rounds": 4}]},
                       "select": {"count": 8}, "rounds": {"deadline": "2 s"}})");
  // Edge 3's update of round 2 is lost on the way.
  run.updates([](role::Message& message) {
    const auto update = *from_bytes<Update>(message.body);
    if (message.from == NodeId::edge(3) && update.round == 2) return std::vector<Duration>{};
    return std::vector{Duration::milliseconds(10)};
  });
  run.run();
  std::map<NodeId, std::vector<std::optional<Settlement>>> settled;
  for (const role::Job& job : run.driver.jobs) {
    if (job.kind != run.kinds().train) continue;
    settled[job.node].push_back(from_bytes<parts::TrainBody>(job.body)->settlement);
  }
  using S = Settlement;
  using Settlements = std::vector<std::optional<S>>;
  CHECK(settled[NodeId::edge(0)] ==
        Settlements{std::nullopt, S::kAccepted, S::kAccepted, S::kAccepted});
  CHECK(settled[NodeId::edge(3)] ==
        Settlements{std::nullopt, S::kAccepted, S::kLost, S::kAccepted});
}

}  // namespace skerry::federated
