#include <set>

#include "scenarios/role/encoding.hpp"
#include "tests/scenarios/joint_inference/joint_run.hpp"

namespace skerry::joint_inference {

TEST_CASE("every request of every threshold is answered once, then the run is over") {
  JointRun joint;
  joint.run();
  CHECK(joint.driver.stopped->reason == "all requests answered");
  CHECK(joint.driver.answers.size() == 3 * 3 * 30);
  for (const auto& [asked, given] : joint.answers()) CHECK(given.size() == 3);
  CHECK(joint.driver.values("joint/threshold") == std::vector<double>{0.2, 0.6, 0.9});
  CHECK(joint.driver.values("joint/requests") == std::vector<double>{90, 90, 90});
  for (const char* name :
       {"joint/accuracy", "joint/edge_accuracy", "joint/cloud_accuracy", "joint/offloaded",
        "joint/latency_mean_s", "joint/latency_p50_s", "joint/latency_p95_s", "joint/latency_p99_s",
        "joint/bytes_up", "joint/bytes_down", "joint/fallbacks"}) {
    CHECK(joint.driver.values(name).size() == 3);
  }
  CHECK(joint.driver.values("joint/fallbacks") == std::vector<double>{0, 0, 0});
  CHECK(joint.driver.values("joint/refused") == std::vector<double>{0, 0, 0});
}

TEST_CASE("the result holds both models under names of their own") {
  JointRun joint;
  joint.run();
  const Payload& result = joint.driver.stopped->model.payload();
  CHECK(result.at("model").layout() == *joint.joint().edge_model().learner().layout());
  CHECK(result.at("cloud_model").size() == 8 * 16 + 16 + 16 * 4 + 4);
}

TEST_CASE("a higher threshold never sends more to the cloud, and never less than nothing") {
  JointRun joint(R"({"thresholds": [0.0, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99]})");
  joint.run();
  const auto offloaded = joint.driver.values("joint/offloaded");
  REQUIRE(offloaded.size() == 7);
  CHECK(std::is_sorted(offloaded.rbegin(), offloaded.rend()));
  CHECK(offloaded.front() > 0.9);
  CHECK(offloaded.front() > offloaded[3]);
  CHECK(offloaded.back() < 0.1);
  // The two ends of the curve are the two models alone.
  CHECK(joint.driver.values("joint/accuracy").back() ==
        Approx(joint.last("joint/edge_accuracy")).margin(0.1));
  CHECK(joint.last("joint/cloud_accuracy") > joint.last("joint/edge_accuracy"));
}

TEST_CASE("each threshold is asked the same at the same moments") {
  // What the edge alone answers at once shows when requests came.
  JointRun joint(R"({"mine": "edge_only"})");
  joint.driver.duration = [](const role::Job&) { return Duration(); };
  joint.run();
  const auto began = joint.phases_began();
  REQUIRE(began.size() == 3);
  using Arrival = std::tuple<NodeId, std::uint64_t, std::int64_t>;
  std::vector<std::vector<Arrival>> phases(3);
  for (std::size_t i = 0; i < joint.driver.answers.size(); ++i) {
    const auto& a = joint.driver.answers[i];
    const std::size_t phase = i / 90;
    phases[phase].emplace_back(a.node, a.answer.request, (a.at - began[phase]).count());
  }
  CHECK(phases[0] == phases[1]);
  CHECK(phases[0] == phases[2]);
  std::set<std::int64_t> moments;
  for (const auto& [node, request, moment] : phases[0]) moments.insert(moment);
  CHECK(moments.size() == 90);
  // About the same examples, with the same streams.
  std::map<NodeId, std::vector<ByteVector>> asked;
  for (const role::Job& job : joint.driver.jobs) {
    if (job.kind != joint.joint().kinds().infer) continue;
    asked[job.node].push_back(to_bytes(std::pair(job.body, to_bytes(job.key))));
  }
  for (const auto& [node, jobs] : asked) {
    REQUIRE(jobs.size() == 90);
    for (std::size_t i = 0; i < 60; ++i) CHECK(jobs[i] == jobs[i + 30]);
  }
}

TEST_CASE("a random miner scores a request the same at every threshold") {
  JointRun joint(R"({"mine": "random", "thresholds": [0.5, 0.50000000000001, 0.8]})");
  joint.run();
  const auto offloaded = joint.driver.values("joint/offloaded");
  CHECK(offloaded[0] == offloaded[1]);
  CHECK(offloaded[2] < offloaded[0]);
  for (const auto& [asked, given] : joint.answers()) {
    CHECK(given[0].from_cloud == given[1].from_cloud);
    if (given[2].from_cloud) CHECK(given[0].from_cloud);
  }
}

TEST_CASE("edge_only sends nothing to the cloud, cloud_only everything") {
  JointRun edge(R"({"mine": "edge_only"})");
  edge.run();
  CHECK(edge.driver.count(MessageKind::kOffload, false) == 0);
  CHECK(edge.last("joint/offloaded") == 0);
  CHECK(edge.last("joint/accuracy") == edge.last("joint/edge_accuracy"));
  CHECK(edge.last("joint/bytes_up") == 0);
  CHECK(edge.last("joint/latency_p99_s") < 0.1);

  JointRun cloud(R"({"mine": "cloud_only"})");
  cloud.run();
  CHECK(cloud.driver.count(MessageKind::kOffload, false) == 270);
  CHECK(cloud.last("joint/offloaded") == 1);
  CHECK(cloud.last("joint/accuracy") == cloud.last("joint/cloud_accuracy"));
  CHECK(cloud.last("joint/latency_p50_s") > 0.04);
  CHECK(cloud.last("joint/bytes_down") > 0);
  for (const auto& a : cloud.driver.answers) CHECK(a.answer.from_cloud);
}

TEST_CASE("bytes are those of the examples sent and the labels returned") {
  JointRun joint(R"({"mine": "cloud_only", "threshold": 0.5, "thresholds": null})");
  joint.run();
  double up = 0, down = 0;
  for (const auto& [at, message] : joint.driver.sent) {
    const auto wire = static_cast<double>(role::bytes_of(message).wire);
    if (is(message, MessageKind::kOffload)) up += wire;
    if (is(message, MessageKind::kLabel)) down += wire;
  }
  CHECK(joint.last("joint/bytes_up") == up);
  CHECK(joint.last("joint/bytes_down") == down);
}

TEST_CASE("the size of batches on the cloud changes no answer") {
  const auto answers_with = [](int batch_size) {
    JointRun joint(R"({"mine": "cloud_only", "requests": {"interval": "4 ms", "count": 100},
                       "threshold": 0, "thresholds": null,
                       "cloud": {"max_wait": "50 ms", "batch_size": )" +
                   std::to_string(batch_size) + "}}");
    joint.run();
    std::size_t largest = 0;
    for (const role::Job& job : joint.driver.jobs) {
      if (job.kind == joint.joint().kinds().infer_on_cloud) {
        largest = std::max(largest, job.inputs.size() - 1);
      }
    }
    return std::pair(joint.labels(), largest);
  };
  const auto [alone, one] = answers_with(1);
  const auto [by_seven, seven] = answers_with(7);
  const auto [by_many, many] = answers_with(64);
  CHECK(one == 1);
  CHECK(seven == 7);
  CHECK(many > 7);
  CHECK(alone.size() == 300);
  CHECK(alone == by_seven);
  CHECK(alone == by_many);
}

TEST_CASE("a batch starts when it is full, or when its first example has waited long enough") {
  JointRun joint(R"({"mine": "cloud_only", "threshold": 0, "thresholds": null,
                     "nodes": {"edges": 1}, "cloud": {"batch_size": 4, "max_wait": "200 ms"},
                     "requests": {"count": 6, "interval": "10 ms", "arrivals": "uniform"}})");
  joint.run();
  std::vector<std::size_t> sizes;
  for (const role::Job& job : joint.driver.jobs) {
    if (job.kind == joint.joint().kinds().infer_on_cloud) {
      sizes.push_back(job.inputs.size() - 1);
    }
  }
  CHECK(sizes == std::vector<std::size_t>{4, 2});
  // 5 ms on the edge, 30 ms until the fourth came, 20 ms there and back, 20 ms on the cloud; the
  // fifth waits 200 ms instead.
  CHECK(joint.last("joint/latency_mean_s") ==
        Approx((0.075 + 0.065 + 0.055 + 0.045 + 0.245 + 0.235) / 6).margin(1e-9));
  CHECK(joint.last("joint/latency_p50_s") == Approx(0.065).margin(1e-9));
  CHECK(joint.last("joint/latency_p99_s") == Approx(0.245).margin(1e-9));
}

TEST_CASE("requests come for a given time, or a given number of them") {
  JointRun joint(R"({"requests": {"count": null, "duration": "2 s", "interval": "20 ms"},
                     "threshold": 0.3, "thresholds": null})");
  joint.run();
  const double requests = joint.last("joint/requests");
  // Three Poisson counts with mean 100 each: within 6 deviations.
  CHECK(requests > 300 - 6 * 17.4);
  CHECK(requests < 300 + 6 * 17.4);
  std::uint64_t expected = 0;
  for (std::uint32_t k = 0; k < 3; ++k) expected += joint.joint().requests().count(NodeId::edge(k));
  CHECK(requests == static_cast<double>(expected));
}

TEST_CASE("edges are asked about their own test examples where they hold some") {
  JointRun joint(R"({"data": {"split": {"client_test": 0.25},
                              "source": {"test_samples": 0}}})");
  joint.run();
  CHECK(joint.last("joint/requests") == 90);
  CHECK(joint.last("joint/cloud_accuracy") > 0.25);
}

TEST_CASE("a live edge is asked about the same examples and answers them with the same bits") {
  JointRun simulated;
  simulated.run();
  const auto source = simulated.staged.registry.make(simulated.staged.scenario.data.source);
  for (std::uint32_t k = 0; k < 3; ++k) {
    const NodeId edge = NodeId::edge(k);
    auto data = source->load(datasets::DataEnvironment::of_process(5));
    REQUIRE(data.ok());
    const auto own = datasets::NodeData::own(std::move(*data), {.node = edge});
    Problems problems;
    const auto live =
        simulated.staged.registry.make(simulated.staged.scenario.paradigm)
            ->build({simulated.staged.registry, *own, simulated.staged.scenario.run_seeds(), 3},
                    problems);
    REQUIRE(problems.text("") == "");
    CHECK(dynamic_cast<JointInference&>(*live).requests().rows(edge) ==
          simulated.joint().requests().rows(edge));
    Workspace workspace;
    int compared = 0;
    for (const role::Job& job : simulated.driver.jobs) {
      if (job.kind != simulated.joint().kinds().infer || job.node != edge) continue;
      if (++compared > 30) break;
      const auto here = simulated.joint().jobs().run(job, workspace);
      const auto there = live->jobs().run(job, workspace);
      CHECK(here.report == there.report);
      CHECK(role::Encoding(here.outputs[0]).whole() == role::Encoding(there.outputs[0]).whole());
    }
    CHECK(compared > 0);
  }
}

}  // namespace skerry::joint_inference
