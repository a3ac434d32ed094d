#include <set>

#include "tests/scenarios/federated/federated_run.hpp"

namespace skerry::federated {

namespace {

const char* const kBuffered =
    R"({"server": {"reduce": {"name": "buffered", "size": 3},
                   "optimizer": {"name": "sgd", "learning_rate": 1.0}},
        "rounds": {"mode": "async", "concurrency": 4}, "stop": {"any": [{"rounds": 6}]}})";

std::vector<parts::UpdateEntry> accumulated(const FederatedRun& run) {
  std::vector<parts::UpdateEntry> entries;
  for (const role::Job& job : run.driver.jobs) {
    if (job.kind != run.kinds().accumulate) continue;
    const auto body = *from_bytes<parts::AccumulateBody>(job.body);
    entries.insert(entries.end(), body.updates.begin(), body.updates.end());
  }
  return entries;
}

}  // namespace

TEST_CASE("a buffer makes a model of every few updates, whoever sent them") {
  FederatedRun run(kBuffered);
  run.updates([](role::Message& message) {
    return std::vector{Duration::milliseconds(10 + 37 * message.from.index())};
  });
  run.run();
  CHECK(run.driver.stopped->reason == "6 rounds");
  for (const double accepted : run.driver.values("round/accepted")) CHECK(accepted >= 3);
  CHECK(run.driver.values("test/loss").back() < run.driver.values("test/loss").front());
}

TEST_CASE("no more edges train at a time than allowed, and none twice at once") {
  FederatedRun run(kBuffered);
  run.updates([](role::Message& message) {
    return std::vector{Duration::milliseconds(10 + 37 * message.from.index())};
  });
  std::set<NodeId> training;
  std::size_t most = 0;
  run.run();
  std::vector<std::pair<SimTime, std::pair<bool, NodeId>>> events;
  for (const auto& [at, message] : run.driver.sent) {
    if (is(message, RoundMessage::kTrain)) events.push_back({at, {true, message.to}});
    if (is(message, RoundMessage::kUpdate)) {
      const auto arrives = at + Duration::milliseconds(10 + 37 * message.from.index());
      events.push_back({arrives, {false, message.from}});
    }
  }
  std::stable_sort(events.begin(), events.end(), [](const auto& a, const auto& b) {
    return std::pair(a.first, a.second.first) < std::pair(b.first, b.second.first);
  });
  for (const auto& [at, event] : events) {
    if (event.first) {
      CHECK(training.insert(event.second).second);
    } else {
      training.erase(event.second);
    }
    most = std::max(most, training.size());
  }
  CHECK(most == 4);
}

TEST_CASE("staleness counts the models made since an edge was given its own") {
  FederatedRun run(kBuffered);
  run.updates([](role::Message& message) {
    return std::vector{Duration::milliseconds(message.from == NodeId::edge(0) ? 2000 : 10)};
  });
  run.run();
  // Which model version was in force when each order left, by dispatch.
  std::map<std::uint32_t, Round> version_at;
  for (const auto& s : run.driver.sent) {
    if (!is(s.message, RoundMessage::kTrain)) continue;
    const auto order = *from_bytes<TrainOrder>(s.message.body);
    version_at[order.dispatch] = order.round - 1;
  }
  Round version = 0;
  std::size_t in_model = 0, stale = 0;
  for (const parts::UpdateEntry& entry : accumulated(run)) {
    const Round now = version_at.at(entry.dispatch) + entry.staleness;
    CHECK(now >= version);
    version = now;
    stale += entry.staleness > 0 ? 1 : 0;
    ++in_model;
  }
  CHECK(in_model >= 18);
  CHECK(stale > 0);
}

TEST_CASE("orders name the version they carry also while a metric is waited for") {
  FederatedRun run(
      R"({"server": {"reduce": {"name": "buffered", "size": 2},
                     "optimizer": {"name": "sgd", "learning_rate": 1.0}},
          "rounds": {"mode": "async", "concurrency": 6},
          "stop": {"any": [{"metric": "test/loss", "at_most": 0}, {"rounds": 8}]}})");
  run.updates([](role::Message& message) {
    return std::vector{Duration::milliseconds(10 + 13 * message.from.index())};
  });
  run.run();
  // Every payload is one version: orders that carry the same one say the same.
  std::map<role::PayloadId, std::set<Round>> rounds;
  for (const auto& s : run.driver.sent) {
    if (!is(s.message, RoundMessage::kTrain)) continue;
    rounds[s.message.payloads[0].id()].insert(from_bytes<TrainOrder>(s.message.body)->round);
  }
  CHECK(rounds.size() > 3);
  for (const auto& [payload, said] : rounds) CHECK(said.size() == 1);
}

TEST_CASE("a server step takes as many updates as it needs, also where all come at once") {
  const std::string size = GENERATE("1", "3");
  FederatedRun run(
      R"({"server": {"reduce": {"name": "buffered", "staleness_exponent": 0, "size": )" + size +
      R"(}, "optimizer": {"name": "sgd", "learning_rate": 1.0}},
          "rounds": {"mode": "async", "concurrency": 8}, "stop": {"any": [{"rounds": 12}]}})");
  run.run();
  CHECK(run.driver.values("round/accepted") == std::vector<double>(12, std::stod(size)));
}

TEST_CASE("an edge that misses its deadline makes room for another") {
  FederatedRun run(
      R"({"server": {"reduce": {"name": "buffered", "size": 2},
                     "optimizer": {"name": "sgd", "learning_rate": 1.0}},
          "rounds": {"mode": "async", "concurrency": 2, "deadline": "1 s"},
          "stop": {"any": [{"rounds": 8}]}})");
  run.updates([](role::Message& message) {
    return message.from.index() < 4 ? std::vector<Duration>{}
                                    : std::vector{Duration::milliseconds(10)};
  });
  run.run();
  CHECK(run.last("updates/lost") > 0);
  CHECK(run.driver.values("round/accepted").size() == 8);
}

TEST_CASE("a run without rounds ends when no update comes that counts, and says so") {
  const std::string buffered = R"({"server": {"reduce": {"name": "buffered", "size": 3},
                                              "optimizer": {"name": "sgd", "learning_rate": 1.0}},
                                   "rounds": {"mode": "async")";
  FederatedRun late(buffered + R"(, "deadline": "1 ms"}})");
  late.run();
  CHECK(late.driver.stopped->reason.starts_with(
      "no update comes that counts: 1000 orders in a row were lost, or "));
  CHECK(late.driver.stopped->failed);
  FederatedRun wild(buffered + R"(}, "local": {"optimizer": {"learning_rate": 1e38}}})");
  wild.run();
  CHECK(wild.driver.stopped->reason == "3 rounds");
  CHECK(wild.driver.stopped->nothing_learnt.starts_with(
      "no round changed the model: 3 of 3 were abandoned"));
}

TEST_CASE("a rule that looks at updates one by one makes model after model without rounds") {
  for (const std::string rule : {"median", "trimmed_mean", "krum"}) {
    CAPTURE(rule);
    FederatedRun run(R"({"server": {"reduce": ")" + rule + R"(",
                                    "optimizer": {"name": "sgd", "learning_rate": 1.0}},
                         "rounds": {"mode": "async", "concurrency": 8}})");
    run.run();
    CHECK(run.driver.stopped->reason == "3 rounds");
    CHECK(run.driver.values("round/accepted").size() == 3);
    CHECK(run.driver.values("test/loss").back() < run.driver.values("test/loss").front());
  }
}

TEST_CASE("lost edges are replaced, repeated updates refused, without rounds too") {
  FederatedRun run(kBuffered);
  run.updates([](role::Message&) {
    return std::vector{Duration::milliseconds(10), Duration::milliseconds(12)};
  });
  run.driver.at(Duration::milliseconds(250), NodeId::cloud(), role::PeerLost{NodeId::edge(1)});
  run.driver.at(Duration::milliseconds(350), NodeId::cloud(), role::PeerLost{NodeId::edge(2)});
  run.run();
  CHECK(run.last("updates/refused/stale round") > 10);
  for (const double accepted : run.driver.values("round/accepted")) CHECK(accepted >= 3);
}

TEST_CASE("without rounds too an edge learns that its last update was taken") {
  FederatedRun run(
      R"({"local": {"method": "scaffold"},
          "server": {"reduce": {"name": "buffered", "size": 3},
                     "optimizer": {"name": "sgd", "learning_rate": 1.0}},
          "rounds": {"mode": "async", "concurrency": 8}, "stop": {"any": [{"rounds": 8}]}})");
  run.run();
  std::size_t settled = 0;
  for (const role::Job& job : run.driver.jobs) {
    if (job.kind != run.kinds().train) continue;
    const auto settlement = from_bytes<parts::TrainBody>(job.body)->settlement;
    if (!settlement) continue;
    CHECK(*settlement == Settlement::kAccepted);
    ++settled;
  }
  CHECK(settled > 5);
}

}  // namespace skerry::federated
