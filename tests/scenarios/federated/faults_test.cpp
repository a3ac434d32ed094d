#include <cmath>
#include <limits>

#include "tests/scenarios/federated/federated_run.hpp"

namespace skerry::federated {

namespace {

const char* const kEveryEdge = R"({"select": {"count": 8}, "rounds": {"deadline": "5 s"}})";

/// The model of a run in which one edge's updates never arrive. A refused update must give it, too.
std::vector<float> model_without(NodeId edge) {
  FederatedRun run(kEveryEdge);
  run.updates([edge](role::Message& message) {
    return message.from == edge ? std::vector<Duration>{} : std::vector{Duration::milliseconds(10)};
  });
  run.run();
  return run.model();
}

/// A run in which every update of edge 2 is changed on its way.
template <class Change>
FederatedRun& with_changed_updates(FederatedRun& run, Change change) {
  run.updates([change](role::Message& message) {
    if (message.from == NodeId::edge(2)) change(message);
    return std::vector{Duration::milliseconds(10)};
  });
  return run.run();
}

}  // namespace

TEST_CASE("an update that comes twice counts once") {
  FederatedRun once(kEveryEdge), twice(kEveryEdge);
  once.run();
  twice.updates([](role::Message&) {
    return std::vector{Duration::milliseconds(10), Duration::milliseconds(10)};
  });
  twice.run();
  CHECK(twice.model() == once.model());
  CHECK(twice.driver.values("round/accepted") == std::vector<double>{8, 8, 8});
  const double refused = twice.last("updates/refused/duplicate") +
                         twice.driver.last("updates/refused/stale round").value_or(0);
  CHECK(refused >= 22);
}

TEST_CASE("updates that are not finite are refused, counted, and leave no trace in the model") {
  const auto without = model_without(NodeId::edge(2));
  for (const float wild :
       {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    FederatedRun run(kEveryEdge);
    with_changed_updates(run, [wild](role::Message& message) {
      message.payloads[0] =
          altered(message.payloads[0], "delta", [wild](auto values) { values[3] = wild; });
    });
    CHECK(run.model() == without);
    CHECK(run.last("updates/refused/not finite") == 3);
    CHECK(run.driver.values("round/accepted") == std::vector<double>{7, 7, 7});
  }
  // A rule that gathers refuses them too.
  FederatedRun median(R"({"select": {"count": 8}, "server": "median"})");
  with_changed_updates(median, [](role::Message& message) {
    message.payloads[0] =
        altered(message.payloads[0], "delta", [](auto values) { values[0] = NAN; });
  });
  CHECK(median.driver.values("round/accepted") == std::vector<double>{7, 7, 7});
  for (const float value : median.model()) CHECK(std::isfinite(value));
}

TEST_CASE("updates of a wrong shape are refused, counted, and leave no trace in the model") {
  const auto without = model_without(NodeId::edge(2));
  Payload other;
  other.add({"delta", std::make_shared<const Layout>(Layout::flat("delta", 7))});
  const auto wrong = role::PayloadRef::of({12345, 0}, {other, {}});
  const auto changes = std::vector<std::function<void(role::Message&)>>{
      [&](role::Message& message) { message.payloads = {wrong}; },
      [](role::Message& message) { message.payloads.clear(); },
      [](role::Message& message) { message.payloads[0] = {}; },
      [](role::Message& message) { message.body.resize(2); },
  };
  for (const auto& change : changes) {
    FederatedRun run(kEveryEdge);
    with_changed_updates(run, change);
    CHECK(run.model() == without);
    CHECK(run.last("updates/refused/wrong shape") == 3);
    CHECK(run.last("round/seconds") < 1);  // the round does not wait for the deadline
  }
}

TEST_CASE("a nonsensical message from an edge that has answered takes nothing back") {
  FederatedRun clean(kEveryEdge), run(kEveryEdge);
  clean.run();
  run.updates([&run](role::Message& message) {
    if (message.from == NodeId::edge(2)) {
      role::Message garbage = message;
      garbage.body.resize(1);
      run.driver.at((run.driver.now() + Duration::milliseconds(11)).since_start(), NodeId::cloud(),
                    role::MessageArrived{garbage});
    }
    return std::vector{Duration::milliseconds(message.from == NodeId::edge(7) ? 20 : 10)};
  });
  run.run();
  CHECK(run.model() == clean.model());
  CHECK(run.driver.values("round/accepted") == std::vector<double>{8, 8, 8});
  CHECK(run.last("updates/refused/wrong shape") == 3);
}

TEST_CASE("who was not asked, and who answers for another round, is refused") {
  FederatedRun run(kEveryEdge);
  const auto forged = [&run](NodeId from, Update update) {
    role::Message message;
    message.from = from;
    message.to = NodeId::cloud();
    message.kind = static_cast<std::uint16_t>(RoundMessage::kUpdate);
    message.body = to_bytes(update);
    run.driver.at(Duration::milliseconds(300), NodeId::cloud(), role::MessageArrived{message});
  };
  forged(NodeId::edge(30), {.round = 1, .dispatch = 1});
  forged(NodeId::edge(1), {.round = 9, .dispatch = 9});
  forged(NodeId::edge(1), {.round = 0, .dispatch = 0});
  forged(NodeId::edge(1), {.round = 1, .dispatch = 1, .exchange = {.training = 3}});
  run.run();
  // A node that is not in the scenario gets no answer.
  CHECK(run.refusals() ==
        std::vector<Refusal>{Refusal::kNotInCohort, Refusal::kStaleRound, Refusal::kNotInCohort});
  CHECK(run.last("updates/refused/not in the cohort") == 3);
  CHECK(run.driver.values("round/accepted") == std::vector<double>{8, 8, 8});
}

TEST_CASE("a round closes at its deadline without those that have not answered") {
  FederatedRun run(R"({"select": {"count": 8}, "rounds": {"deadline": "1 s"}})");
  run.updates([](role::Message& message) {
    // Training ends at 110 ms of the round.
    const auto late = Duration::milliseconds(890) + Duration::nanoseconds(1);
    return std::vector{message.from == NodeId::edge(6) ? late : Duration::milliseconds(10)};
  });
  run.run();
  CHECK(run.driver.values("round/accepted") == std::vector<double>{7, 7, 7});
  CHECK(run.model() == model_without(NodeId::edge(6)));
  CHECK(run.last("updates/late") == 3);
  CHECK(run.last("updates/lost") == 0);
  for (const Refusal refusal : run.refusals()) CHECK(refusal == Refusal::kStaleRound);
  CHECK(run.refusals().size() >= 2);
}

TEST_CASE("an update exactly at the deadline counts") {
  FederatedRun run(R"({"select": {"count": 8}, "rounds": {"deadline": "1 s"}})");
  run.updates([](role::Message& message) {
    return std::vector{Duration::milliseconds(message.from == NodeId::edge(6) ? 890 : 10)};
  });
  run.run();
  CHECK(run.driver.values("round/accepted") == std::vector<double>{8, 8, 8});
}

TEST_CASE("a round with fewer updates than the minimum changes nothing") {
  FederatedRun run(R"({"select": {"count": 8}, "rounds": {"deadline": "1 s", "minimum": 5},
                       "evaluate": {"every": {"rounds": 1}}})");
  run.updates([](role::Message& message) {
    const auto round = from_bytes<Update>(message.body)->round;
    const bool lost = round == 2 && message.from.index() >= 4;
    return lost ? std::vector<Duration>{} : std::vector{Duration::milliseconds(10)};
  });
  run.run();
  CHECK(run.driver.values("round/accepted") == std::vector<double>{8, 4, 8});
  CHECK(run.last("updates/abandoned") == 1);
  const auto loss = run.driver.values("test/loss");
  CHECK(loss[1] == loss[2]);
  CHECK(loss[2] != loss[3]);
}

TEST_CASE("a run in which no round made a model says so, with what became of the updates") {
  FederatedRun wild(R"({"local": {"optimizer": {"learning_rate": 1e38}}})");
  wild.run();
  CHECK(wild.driver.stopped->nothing_learnt ==
        "no round changed the model: 3 of 3 were abandoned (updates: 12 refused/not finite)");
  FederatedRun late(R"({"rounds": {"deadline": "1 ms"}})");
  late.run();
  CHECK(late.driver.stopped->nothing_learnt.starts_with(
      "no round changed the model: 3 of 3 were abandoned (updates: "));
  for (const std::string step :
       {R"({"local": {"optimizer": {"learning_rate": 1e-30}}})",
        R"({"server": {"name": "fedavg", "optimizer": {"learning_rate": 1e-30}}})",
        R"({"server": {"name": "fedavg", "optimizer": {"learning_rate": 1e-30}},
                                     "rounds": {"mode": "async"}})"}) {
    FederatedRun still(step);
    still.run();
    CHECK(still.driver.stopped->nothing_learnt ==
          "no round changed the model: 3 of 3 left it exactly as it was");
    CHECK(still.last("updates/unchanged") == 3);
  }
  FederatedRun none(R"({"stop": {"any": [{"virtual_time": "1 ms"}]}})");
  none.run();
  CHECK(none.driver.stopped->nothing_learnt == "no round was completed");
  CHECK(FederatedRun().run().driver.stopped->nothing_learnt.empty());
}

TEST_CASE("an update counts for no more examples than its edge has") {
  const auto weighted = [](float claimed) {
    FederatedRun run(kEveryEdge);
    with_changed_updates(run, [claimed](role::Message& message) {
      message.payloads[0] =
          altered(message.payloads[0], "report", [claimed](auto values) { values[0] = claimed; });
    });
    return run.model();
  };
  FederatedRun honest(kEveryEdge);
  honest.run();
  CHECK(weighted(1e9f) == honest.model());
  CHECK(weighted(-5) == weighted(0));
  CHECK(weighted(0) != honest.model());
}

TEST_CASE("a round in which everybody is lost is abandoned, and the run waits for somebody") {
  FederatedRun run(kEveryEdge);
  for (std::uint32_t k = 0; k < 8; ++k) {
    run.driver.at(Duration::milliseconds(50), NodeId::cloud(), role::PeerLost{NodeId::edge(k)});
    run.driver.at(Duration::seconds(100 + k), NodeId::cloud(),
                  role::PeerJoined{NodeId::edge(k), 20});
  }
  run.run();
  CHECK(run.driver.values("round/accepted") == std::vector<double>{0, 1, 1});
  CHECK(run.last("updates/abandoned") == 1);
  CHECK(run.driver.now() > SimTime::at(Duration::seconds(100)));
}

TEST_CASE("without a deadline a round closes when the missing edge is known to be lost") {
  FederatedRun run(R"({"select": {"count": 8}})");
  run.updates([](role::Message& message) {
    return message.from == NodeId::edge(2) ? std::vector<Duration>{}
                                           : std::vector{Duration::milliseconds(10)};
  });
  run.driver.at(Duration::seconds(30), NodeId::cloud(), role::PeerLost{NodeId::edge(2)});
  run.run();
  CHECK(run.model() == model_without(NodeId::edge(2)));
}

TEST_CASE("an edge that restarts before anybody noticed is given its order again") {
  FederatedRun clean(R"({"select": {"count": 8}})"), run(R"({"select": {"count": 8}})");
  clean.run();
  run.driver.at(Duration::milliseconds(60), [&run] { run.driver.restart(NodeId::edge(4)); });
  run.driver.at(Duration::milliseconds(70), NodeId::cloud(), role::PeerJoined{NodeId::edge(4), 20});
  run.run();
  CHECK(run.model() == clean.model());
  CHECK(run.driver.values("round/accepted") == std::vector<double>{8, 8, 8});
}

TEST_CASE("orders that come twice, or late, are not trained for again") {
  FederatedRun clean, run;
  clean.run();
  run.driver.fate = [](role::Message& message) {
    if (!is(message, RoundMessage::kTrain)) return std::vector{Duration::milliseconds(10)};
    return std::vector{Duration::milliseconds(10), Duration::milliseconds(60),
                       Duration::milliseconds(900)};
  };
  run.run();
  CHECK(run.model() == clean.model());
  CHECK(run.driver.count(RoundMessage::kUpdate, false) == 12);
}

TEST_CASE("a state that is cut short is refused, wherever it is cut") {
  FederatedRun run(R"({"local": {"method": "scaffold"}})");
  for (const int moment : {50, 115, 150, 500}) {
    run.driver.at(Duration::milliseconds(moment), [&run] {
      run.driver.check_damaged_states(NodeId::cloud());
      run.driver.check_damaged_states(NodeId::edge(1));
    });
  }
  run.run();
}

TEST_CASE("edges ignore what makes no sense") {
  FederatedRun clean, run;
  clean.run();
  const auto to_edge = [&run](std::uint16_t kind, ByteVector body) {
    role::Message message;
    message.from = NodeId::cloud();
    message.to = NodeId::edge(1);
    message.kind = kind;
    message.body = std::move(body);
    run.driver.at(Duration::milliseconds(20), NodeId::edge(1), role::MessageArrived{message});
  };
  for (std::uint16_t kind = 0; kind < 8; ++kind) {
    to_edge(kind, {});
    to_edge(kind, ByteVector(9, std::byte{0xff}));
    to_edge(kind, to_bytes(TrainOrder{.round = 1, .dispatch = 1}));
  }
  run.run();
  CHECK(run.model() == clean.model());
}

}  // namespace skerry::federated
