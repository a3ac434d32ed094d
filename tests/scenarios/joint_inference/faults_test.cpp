#include "tests/scenarios/joint_inference/joint_run.hpp"

namespace skerry::joint_inference {

namespace {

const char* const kAllToCloud =
    R"({"mine": "cloud_only", "threshold": 0, "thresholds": null, "nodes": {"edges": 2}})";

role::Message from_edge(std::uint32_t edge, MessageKind kind, ByteVector body) {
  role::Message made =
      parts::Channel(0).message(NodeId::edge(edge), NodeId::cloud(), kind, Nothing{});
  made.body = std::move(body);
  return made;
}

}  // namespace

TEST_CASE("while the cloud is down the edge's own answers are given, and counted") {
  JointRun joint(kAllToCloud);
  bool down = false;
  joint.driver.fate = [&down](role::Message&) {
    return down ? std::vector<Duration>{} : std::vector{Duration::milliseconds(10)};
  };
  // Requests come from about 1.01 s on; the cloud is gone from 1.3 s to 2 s.
  joint.driver.at(Duration::milliseconds(1300), [&down] { down = true; });
  joint.driver.at(Duration::milliseconds(2000), [&down] { down = false; });
  for (std::uint32_t k = 0; k < 2; ++k) {
    joint.driver.at(Duration::milliseconds(1320), NodeId::edge(k), role::PeerLost{NodeId::cloud()});
    joint.driver.at(Duration::milliseconds(2000), NodeId::edge(k),
                    role::PeerJoined{NodeId::cloud(), 0});
  }
  joint.run();
  CHECK(joint.driver.answers.size() == 60);
  for (const auto& a : joint.driver.answers) {
    const double at = a.at.in_seconds();
    if (at < 1.3) CHECK(a.answer.from_cloud);
    if (at > 1.32 && at < 2) CHECK_FALSE(a.answer.from_cloud);
    if (at > 2.1) CHECK(a.answer.from_cloud);
  }
  const double fallbacks = joint.last("joint/fallbacks");
  CHECK(fallbacks > 0);
  CHECK(fallbacks < 60);
  CHECK(joint.last("joint/offloaded") < 1);
}

TEST_CASE(
    "a second copy of an answer is neither late nor an answer, whether the first was in time") {
  const double deadline_ms = GENERATE(100, 5);
  JointRun joint(
      R"({"mine": "cloud_only", "threshold": 0, "thresholds": null, "nodes": {"edges": 2},
                     "deadline": ")" +
      std::to_string(deadline_ms) + R"( ms"})");
  joint.driver.fate = [](role::Message& message) {
    std::vector arrivals{Duration::milliseconds(10)};
    if (is(message, MessageKind::kLabel)) arrivals.push_back(Duration::milliseconds(12));
    return arrivals;
  };
  joint.run();
  CHECK(joint.driver.answers.size() == 60);
  if (deadline_ms > 50) CHECK(joint.last("joint/late") == 0);
  CHECK(joint.last("joint/late") <= joint.last("joint/fallbacks"));
}

TEST_CASE("an answer that misses the deadline is the edge's, and the late label is dropped") {
  JointRun joint(R"({"mine": "cloud_only", "threshold": 0, "thresholds": null,
                     "deadline": "100 ms", "nodes": {"edges": 2}})");
  int labels = 0;
  joint.driver.fate = [&labels](role::Message& message) {
    const bool slow = is(message, MessageKind::kLabel) && ++labels % 3 == 0;
    return std::vector{Duration::milliseconds(slow ? 150 : 10)};
  };
  joint.run();
  CHECK(joint.driver.answers.size() == 60);
  const double fallbacks = joint.last("joint/fallbacks");
  CHECK(fallbacks >= 18);
  CHECK(fallbacks <= 20);
  CHECK(joint.last("joint/late") > 0);
  CHECK(joint.last("joint/late") <= fallbacks);
  CHECK(joint.last("joint/offloaded") == 1);
  CHECK(joint.last("joint/from_cloud") == Approx(1 - fallbacks / 60));
  CHECK(joint.last("joint/latency_p99_s") == 0.1);
  double from_edge = 0;
  for (const auto& a : joint.driver.answers) from_edge += a.answer.from_cloud ? 0 : 1;
  CHECK(from_edge == fallbacks);
}

TEST_CASE("a label that arrives exactly at the deadline counts") {
  const auto fallbacks = [](const char* deadline) {
    JointRun joint(std::string(R"({"mine": "cloud_only", "threshold": 0, "thresholds": null,
                     "nodes": {"edges": 1}, "cloud": {"batch_size": 1},
                     "requests": {"count": 5, "interval": "1 s"}, "deadline": ")") +
                   deadline + "\"}");
    joint.run();
    return joint.last("joint/fallbacks");
  };
  // 5 ms on the edge, 10 ms there, 20 ms on the cloud, 10 ms back.
  CHECK(fallbacks("45 ms") == 0);
  CHECK(fallbacks("44.999999 ms") == 5);
}

TEST_CASE("an edge that is slower than the deadline does not bother the cloud") {
  JointRun joint(R"({"mine": "cloud_only", "threshold": 0, "thresholds": null,
                     "deadline": "5 ms"})");
  joint.run();
  CHECK(joint.driver.count(MessageKind::kOffload, false) == 0);
  CHECK(joint.last("joint/fallbacks") == 90);
}

TEST_CASE("lost and repeated messages cost answers of the cloud, not the run") {
  // Every kind of message may be lost or doubled: the model, orders, reports, examples, labels.
  const std::uint64_t seed = 77;
  INFO("seed " << seed);
  RandomStream random(seed, "test");
  JointRun joint(R"({"deadline": "200 ms", "resend_after": "3 s"})");
  joint.driver.measurements_too = true;
  joint.driver.fate = [&random](role::Message&) {
    const Duration delay = Duration::milliseconds(static_cast<std::int64_t>(random.below(40)));
    const double what = random.uniform();
    if (what < 0.2) return std::vector<Duration>{};
    if (what < 0.4) return std::vector{delay, delay + Duration::milliseconds(30)};
    return std::vector{delay};
  };
  joint.run();
  CHECK(joint.driver.values("joint/requests") == std::vector<double>{90, 90, 90});
  CHECK(joint.driver.answers.size() == 270);
  CHECK(joint.driver.values("joint/fallbacks")[0] > 0);
  CHECK(joint.driver.values("joint/refused") == std::vector<double>{0, 0, 0});
}

TEST_CASE("an edge that restarts without its model is given it again and serves the phase anew") {
  JointRun joint(R"({"threshold": 0.5, "thresholds": null})");
  joint.driver.at(Duration::milliseconds(1500),
                  [&joint] { joint.driver.restart(NodeId::edge(1)); });
  joint.driver.at(Duration::milliseconds(1510), NodeId::cloud(),
                  role::PeerJoined{NodeId::edge(1), 0});
  joint.run();
  CHECK(joint.driver.count(MessageKind::kModel, true) == 4);
  CHECK(joint.driver.count(MessageKind::kNoModel, false) == 1);
  CHECK(joint.last("joint/requests") == 90);
}

TEST_CASE("the cloud does not wait for an edge that is lost, and counts those that served") {
  JointRun joint;
  joint.driver.fate = [](role::Message& message) {
    const bool dead = message.from == NodeId::edge(2) || message.to == NodeId::edge(2);
    return dead ? std::vector<Duration>{} : std::vector{Duration::milliseconds(10)};
  };
  joint.driver.measurements_too = true;
  joint.driver.at(Duration::seconds(5), NodeId::cloud(), role::PeerLost{NodeId::edge(2)});
  joint.run();
  CHECK(joint.driver.values("joint/requests") == std::vector<double>{60, 60, 60});
  CHECK(joint.driver.values("joint/lost") == std::vector<double>{30, 30, 30});
  CHECK(joint.driver.stopped->reason == "all requests are over, but 90 were lost with their edges");
}

TEST_CASE("a model that never arrives ends the run as failed, with the reason") {
  JointRun joint(R"({"deadline": "200 ms"})");
  joint.driver.fate = [](role::Message&) { return std::vector<Duration>{}; };
  joint.run();
  CHECK(joint.driver.stopped->failed);
  CHECK(joint.driver.stopped->reason ==
        "no edge answers: its model was sent 1000 times in a row in vain");
}

TEST_CASE("a cloud without an edge that could answer repeats nothing") {
  JointRun joint;
  joint.driver.fate = [](role::Message&) { return std::vector<Duration>{}; };
  for (std::uint32_t k = 0; k < 3; ++k) {
    joint.driver.at(Duration::milliseconds(500), NodeId::cloud(), role::PeerLost{NodeId::edge(k)});
  }
  joint.run_dry();
  CHECK(joint.driver.count(MessageKind::kModel, true) == 0);
  CHECK(joint.driver.now() == SimTime::at(Duration::seconds(1)));  // when both models are made
}

TEST_CASE("a cloud that is gone for good leads edges through the phases and answers nothing") {
  const auto gone_at = [](int ms, JointRun& joint) {
    joint.driver.at(Duration::milliseconds(ms), NodeId::cloud(), role::PeerLost{NodeId::cloud()});
    for (std::uint32_t k = 0; k < 3; ++k) {
      joint.driver.at(Duration::milliseconds(ms + 20), NodeId::edge(k),
                      role::PeerLost{NodeId::cloud()});
    }
  };
  JointRun joint(R"({"mine": "cloud_only", "thresholds": [0, 0.5]})");
  gone_at(2300, joint);
  joint.run();
  CHECK_FALSE(joint.driver.stopped->failed);
  CHECK(joint.driver.stopped->reason == "all requests answered; the cloud was gone for good");
  CHECK(joint.driver.values("joint/requests") == std::vector<double>{90, 90});
  CHECK(joint.driver.values("joint/from_cloud").at(0) > 0);
  CHECK(joint.driver.values("joint/from_cloud").at(1) == 0);
  CHECK(joint.driver.values("joint/fallbacks").at(1) == 90);
  for (const auto& [at, message] : joint.driver.sent) {
    if (at > SimTime::at(Duration::milliseconds(2300)) && message.from.is_cloud()) {
      CHECK(message.measurement);
    }
  }
  for (const auto& [ms, before] :
       {std::pair(500, "both models were made"), std::pair(1005, "any edge had its model")}) {
    JointRun early;
    gone_at(ms, early);
    early.run();
    CHECK(early.driver.stopped->failed);
    CHECK(early.driver.stopped->reason ==
          std::string("the cloud was gone for good before ") + before);
  }
}

TEST_CASE("live, the first phase begins when every edge has joined") {
  JointRun joint(R"({"threshold": 0.5, "thresholds": null})");
  for (std::uint32_t k = 0; k < 3; ++k) {
    joint.driver.at(Duration::seconds(10 * (k + 1)), NodeId::cloud(),
                    role::PeerJoined{NodeId::edge(k), 100});
  }
  joint.driver.start(false);
  REQUIRE(joint.driver.run());
  CHECK(joint.phases_began().at(0) == SimTime::at(Duration::milliseconds(30'010)));
  CHECK(joint.last("joint/requests") == 90);
}

TEST_CASE("messages that make no sense are counted and change no answer") {
  JointRun clean(R"({"threshold": 0.3, "thresholds": null})");
  clean.run();
  JointRun joint(R"({"threshold": 0.3, "thresholds": null})");
  const auto moment = [](int i) { return Duration::milliseconds(1100 + i); };
  const auto to_cloud = [&](int i, role::Message message) {
    joint.driver.at(moment(i), NodeId::cloud(), role::MessageArrived{std::move(message)});
  };
  Payload nonsense;
  nonsense.add({"input", std::make_shared<const Layout>(Layout::flat("input", 3))});
  const auto wrong = role::PayloadRef::of({99, 0}, {nonsense, {}});
  to_cloud(0, from_edge(0, MessageKind::kOffload, ByteVector(3)));
  to_cloud(1, from_edge(0, MessageKind::kOffload, to_bytes(Offload{1, 5})));
  role::Message misshapen = from_edge(0, MessageKind::kOffload, to_bytes(Offload{1, 5}));
  misshapen.payloads = {wrong};
  to_cloud(2, misshapen);
  to_cloud(3, from_edge(0, MessageKind::kServed, ByteVector(7)));
  Served boast{.phase = 1, .tally = {.requests = 5, .joint_correct = 9}};
  to_cloud(4, from_edge(0, MessageKind::kServed, to_bytes(boast)));
  to_cloud(5, from_edge(0, MessageKind::kServe, to_bytes(ServeOrder{1})));
  to_cloud(6, from_edge(7, MessageKind::kServed, to_bytes(Served{})));
  to_cloud(7, from_edge(0, static_cast<MessageKind>(99), {}));

  const auto to_edge = [&](int i, role::Message message) {
    message.from = NodeId::cloud();
    message.to = NodeId::edge(1);
    joint.driver.at(moment(i), NodeId::edge(1), role::MessageArrived{std::move(message)});
  };
  to_edge(10, from_edge(1, MessageKind::kLabel, ByteVector(2)));
  to_edge(11, from_edge(1, MessageKind::kLabel, to_bytes(CloudLabel{1, 4})));
  to_edge(12, from_edge(1, MessageKind::kLabel, to_bytes(CloudLabel{1, -1})));
  to_edge(13, from_edge(1, MessageKind::kServe, to_bytes(ServeOrder{2})));
  to_edge(14, from_edge(1, MessageKind::kModel, {}));
  role::Message model = from_edge(1, MessageKind::kModel, {});
  model.payloads = {wrong};
  to_edge(15, model);
  to_edge(16, from_edge(1, MessageKind::kOffload, {}));
  role::Message forged = from_edge(2, MessageKind::kLabel, to_bytes(CloudLabel{1, 0}));
  forged.to = NodeId::edge(1);
  joint.driver.at(moment(17), NodeId::edge(1), role::MessageArrived{forged});
  to_edge(18, from_edge(1, MessageKind::kNoLabel, ByteVector(2)));
  role::Message scores = from_edge(1, MessageKind::kLabel, to_bytes(CloudLabel{1, 0}));
  scores.payloads = {wrong};
  to_edge(19, scores);
  joint.run();
  CHECK(joint.last("joint/refused") == 8 + 10);
  CHECK(joint.labels() == clean.labels());
  CHECK(joint.last("joint/accuracy") == clean.last("joint/accuracy"));
}

TEST_CASE("a state that is cut short is refused, wherever it is cut") {
  JointRun joint(R"({"mine": "cloud_only"})");
  joint.driver.at(Duration::milliseconds(1700), [&joint] {
    joint.driver.check_damaged_states(NodeId::cloud());
    joint.driver.check_damaged_states(NodeId::edge(1));
  });
  joint.run();
}

TEST_CASE("an operator stops the run, and is told what that cuts short") {
  JointRun joint;
  joint.driver.at(Duration::milliseconds(1500), NodeId::cloud(), role::Command{"stop"});
  joint.run();
  CHECK(joint.driver.stopped->reason == "an operator");
  CHECK(joint.driver.stopped->nothing_learnt ==
        "it was stopped before the first threshold was over");
  REQUIRE(joint.driver.remarks.size() == 1);
  CHECK(joint.driver.remarks[0] ==
        "threshold 0.2 was cut short: what edges answered since it began is not counted");
  const Payload result = joint.driver.stopped->model.payload();
  CHECK(result.find("cloud_model") != nullptr);
}

}  // namespace skerry::joint_inference
