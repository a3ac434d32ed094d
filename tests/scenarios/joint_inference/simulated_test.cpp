#include "scenarios/host/payload_table.hpp"
#include "tests/scenarios/joint_inference/joint_run.hpp"
#include "tests/scenarios/simulated_scenario.hpp"

namespace skerry::joint_inference {

namespace {

using role::SimulatedScenario;
using role::values;

const char* const kAllToCloud = R"({"mine": "cloud_only", "threshold": 0, "thresholds": null)";

}  // namespace

TEST_CASE("simulated joint inference has the same bits on any number of threads") {
  const SimulatedScenario scenario(kScenario);
  const auto one = scenario.run(1);
  const auto three = scenario.run(3);
  CHECK(one.stop_reason == "all requests answered");
  CHECK(one.schedule_fingerprint == three.schedule_fingerprint);
  CHECK(one.numerics_fingerprint == three.numerics_fingerprint);
  CHECK(one.metrics == three.metrics);
  CHECK(values(one, "joint/requests") == std::vector<double>{90, 90, 90});
}

TEST_CASE("the simulator and the hand-driven roles agree on every answer where no time decides") {
  JointRun driven;
  driven.run();
  const auto simulated = SimulatedScenario(kScenario).run();
  for (const char* name : {"joint/accuracy", "joint/edge_accuracy", "joint/cloud_accuracy",
                           "joint/offloaded", "joint/bytes_up", "joint/bytes_down"}) {
    CHECK(values(simulated, name) == driven.driver.values(name));
  }
}

TEST_CASE("a simulated joint run goes on from any of its saved states to the same end") {
  const SimulatedScenario scenario(kScenario, R"({"thresholds": [0.1, 0.3, 0.5, 0.7, 0.9]})");
  const auto whole = scenario.run();
  std::vector<ByteWriter> saved;
  sim::Simulation::Options options;
  options.checkpoint = [&saved](sim::Simulation& simulation) {
    simulation.save(saved.emplace_back());
  };
  sim::Simulation first(*scenario.staged.paradigm, *scenario.world, scenario.staged.registry,
                        options);
  first.start();
  REQUIRE(first.run());
  REQUIRE(saved.size() >= 2);
  for (const ByteWriter& state : saved) {
    host::PayloadTable payloads;
    for (const auto& held : state.held()) {
      payloads.add(role::PayloadRef(std::static_pointer_cast<role::PayloadCell>(held)));
    }
    const auto again = scenario.simulation();
    ByteReader reader(state.bytes(), &payloads);
    again->load(reader);
    REQUIRE(reader.finished());
    again->run();
    const auto record = again->record();
    CHECK(record.schedule_fingerprint == whole.schedule_fingerprint);
    CHECK(record.numerics_fingerprint == whole.numerics_fingerprint);
  }
}

TEST_CASE("simulated, the edges answer by themselves while the cloud is down") {
  // Without a deadline: that the cloud is gone is noticed after the detection time.
  const SimulatedScenario scenario(kScenario,
                                   std::string(kAllToCloud) + R"(, "requests": {"count": 200},
        "world": {"detection": "300 ms",
                  "faults": [{"kind": "crash", "nodes": ["cloud"], "at": "3 s"},
                             {"kind": "restart", "nodes": ["cloud"], "at": "6 s"}]}})");
  const auto record = scenario.run();
  CHECK(values(record, "joint/requests") == std::vector<double>{600});
  const double fallbacks = values(record, "joint/fallbacks").at(0);
  CHECK(fallbacks > 100);
  CHECK(fallbacks < 300);
  // Those sent before it was noticed waited up to the detection time.
  CHECK(values(record, "joint/latency_p99_s").at(0) > 0.1);
  CHECK(values(record, "joint/latency_p99_s").at(0) < 0.5);
}

TEST_CASE("simulated, an edge cut off answers by itself and reports when it is back") {
  const SimulatedScenario scenario(kScenario,
                                   std::string(kAllToCloud) + R"(, "requests": {"count": 100},
        "world": {"detection": "200 ms",
                  "faults": [{"kind": "partition", "nodes": ["edge-1"], "at": "2 s",
                              "until": "4 s"}]}})");
  const auto record = scenario.run();
  CHECK(values(record, "joint/requests") == std::vector<double>{300});
  const double fallbacks = values(record, "joint/fallbacks").at(0);
  CHECK(fallbacks > 20);
  CHECK(fallbacks < 60);
}

TEST_CASE("simulated, a crashed edge starts the phase anew") {
  const SimulatedScenario scenario(
      kScenario, R"({"world": {"faults": [{"kind": "crash", "nodes": ["edge-0"], "at": "1 s"},
                                          {"kind": "restart", "nodes": ["edge-0"], "at": "2 s"}]}})");
  const auto record = scenario.run();
  CHECK(values(record, "joint/requests") == std::vector<double>{90, 90, 90});
}

TEST_CASE("simulated, lost, doubled and reordered messages leave no request unanswered") {
  const SimulatedScenario scenario(kScenario, R"({"deadline": "500 ms", "resend_after": "5 s",
        "world": {"messages": {"loss": 0.1, "duplication": 0.1, "reordering": 0.2,
                               "corruption": 0.1, "max_delay": "300 ms"}}})");
  const auto record = scenario.run();
  CHECK(values(record, "joint/requests") == std::vector<double>{90, 90, 90});
  CHECK(values(record, "joint/fallbacks").at(0) > 0);
}

TEST_CASE("simulated, what the cloud answered in time is told from what was sent to it") {
  const auto record = SimulatedScenario(kScenario, std::string(kAllToCloud) + R"(,
        "deadline": "200 ms", "resend_after": "1 s", "world": {"messages": {"loss": 0.5}}})")
                          .run();
  const double requests = values(record, "joint/requests").at(0);
  const double fallbacks = values(record, "joint/fallbacks").at(0);
  CHECK(requests == 90);
  CHECK(values(record, "joint/offloaded").at(0) == 1);
  CHECK(values(record, "joint/from_cloud").at(0) == Approx(1 - fallbacks / requests));
  CHECK(values(record, "joint/from_cloud").at(0) < 0.5);
}

TEST_CASE("simulated, the requests of an edge that is gone for good are counted as lost") {
  const auto record = SimulatedScenario(kScenario, R"({"world": {"detection": "100 ms",
        "faults": [{"kind": "crash", "nodes": ["edge-0"], "at": "1 s"}]}})")
                          .run();
  CHECK(values(record, "joint/requests") == std::vector<double>{60, 60, 60});
  CHECK(values(record, "joint/lost") == std::vector<double>{30, 30, 30});
  CHECK(record.stop_reason == "all requests are over, but 90 were lost with their edges");
}

TEST_CASE("simulated, edges go on by themselves when the cloud is gone for good") {
  const SimulatedScenario scenario(kScenario, R"({"mine": "cloud_only", "thresholds": [0, 0.5],
        "requests": {"count": 100}, "world": {"detection": "300 ms",
        "availability": {"model": "on_off", "mean_on": "1 h", "mean_off": "10 ms"},
        "faults": [{"kind": "crash", "nodes": ["cloud"], "at": "3 s"},
                   {"kind": "crash", "nodes": ["edge-2"], "at": "4 s"}]}})");
  const auto record = scenario.run();
  CHECK(record.stop_reason ==
        "all requests are over, but 200 were lost with their edges; the cloud was gone for good");
  CHECK_FALSE(record.failed);
  CHECK(values(record, "joint/requests") == std::vector<double>{200, 200});
  CHECK(values(record, "joint/from_cloud").at(0) > 0);
  CHECK(values(record, "joint/from_cloud").at(1) == 0);
  CHECK(values(record, "joint/fallbacks").at(1) == 200);
  CHECK(record.numerics_fingerprint == scenario.run(3).numerics_fingerprint);
}

TEST_CASE("a slower uplink makes offloaded requests slower, and changes no answer") {
  const char* const fast = R"({"world": {"edges": [{"link": {"up": "10 Mbit/s"}}]}})";
  const char* const slow = R"({"world": {"edges": [{"link": {"up": "100 kbit/s"}}]}})";
  const auto quick = SimulatedScenario(kScenario, fast).run();
  const auto sluggish = SimulatedScenario(kScenario, slow).run();
  CHECK(values(quick, "joint/accuracy") == values(sluggish, "joint/accuracy"));
  CHECK(values(quick, "joint/latency_p95_s").at(0) + 0.01 <
        values(sluggish, "joint/latency_p95_s").at(0));
}

}  // namespace skerry::joint_inference
