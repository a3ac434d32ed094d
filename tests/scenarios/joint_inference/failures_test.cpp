// Jobs that fail.
#include "tests/scenarios/joint_inference/joint_run.hpp"

namespace skerry::joint_inference {

TEST_CASE("an inference that fails is refused and counted, never right, and the phase goes on") {
  JointRun clean(R"({"threshold": 0.3, "thresholds": null})");
  clean.run();
  JointRun joint(R"({"threshold": 0.3, "thresholds": null})");
  std::uint64_t seen = 0;
  joint.fails = [&](const role::Job& job) {
    return job.kind == joint.joint().kinds().infer && ++seen % 6 == 0;
  };
  joint.run();
  CHECK(joint.driver.stopped->reason == "all requests are over, but 15 failed");
  CHECK(joint.last("joint/requests") == 90);
  CHECK(joint.last("joint/failed") == 15);
  double right = 0, refused = 0;
  for (const auto& [asked, given] : joint.answers()) {
    REQUIRE(given.size() == 1);
    if (given[0].refusal.empty()) {
      CHECK(given[0].label == clean.answers().at(asked)[0].label);
      right += 1;
    } else {
      CHECK(given[0].refusal == "the job failed: out of memory");
      CHECK(given[0].label == -1);
      refused += 1;
    }
  }
  CHECK(refused == 15);
  CHECK(right == 75);
  CHECK(joint.last("joint/accuracy") < clean.last("joint/accuracy"));
  CHECK(joint.last("joint/accuracy") <= 75.0 / 90);
  CHECK_FALSE(clean.driver.last("joint/failed").has_value());
}

TEST_CASE("a phase in which every inference fails has no latency and no right answer") {
  JointRun joint(R"({"threshold": 0.3, "thresholds": null})");
  joint.fails = [&](const role::Job& job) { return job.kind == joint.joint().kinds().infer; };
  joint.run();
  CHECK(joint.last("joint/failed") == 90);
  CHECK(joint.last("joint/accuracy") == 0);
  CHECK_FALSE(joint.driver.last("joint/latency_p50_s").has_value());
}

TEST_CASE("edges answer by themselves what a failing batch of the cloud leaves unanswered") {
  JointRun joint(R"({"mine": "cloud_only", "threshold": 0, "thresholds": null})");
  std::size_t examples = 0;
  std::uint64_t batches = 0;
  joint.fails = [&](const role::Job& job) {
    if (job.kind != joint.joint().kinds().infer_on_cloud || ++batches % 2 == 0) return false;
    examples += job.inputs.size() - 1;
    return true;
  };
  joint.run();
  CHECK(examples > 10);
  CHECK(joint.last("joint/requests") == 90);
  CHECK(joint.last("joint/fallbacks") == static_cast<double>(examples));
  CHECK(joint.last("joint/refused") == 0);
  double from_edge = 0;
  for (const auto& given : joint.driver.answers) {
    CHECK(given.answer.refusal == "");
    from_edge += given.answer.from_cloud ? 0 : 1;
  }
  CHECK(from_edge == static_cast<double>(examples));
}

TEST_CASE("a model that cannot be made stops the run as failed, with the reason") {
  JointRun joint;
  joint.fails = [&](const role::Job& job) {
    return job.kind == joint.joint().kinds().prepare_cloud;
  };
  joint.run();
  CHECK(joint.driver.stopped->failed);
  CHECK(joint.driver.stopped->reason == "on the cloud, the job failed: out of memory");
  CHECK_FALSE(joint.driver.stopped->model);
  CHECK(joint.driver.answers.empty());
}

TEST_CASE("a stranger whose inference fails is told why") {
  JointRun joint(R"({"threshold": 0.3, "thresholds": null})");
  joint.fails = [&](const role::Job& job) {
    return job.kind == joint.joint().kinds().infer_on_request;
  };
  const std::vector<float> values(8);
  for (std::uint64_t i = 0; i < 100; ++i) {  // more than may be under way: each is let go
    joint.ask(Duration::milliseconds(1200 + 10 * static_cast<std::int64_t>(i)), NodeId::edge(0), i,
              example_of(values, i));
  }
  joint.run();
  CHECK(joint.answer_to(0).answer.refusal == "the job failed: out of memory");
  CHECK(joint.answer_to(99).answer.refusal == "the job failed: out of memory");
  CHECK(joint.last("joint/requests") == 90);
}

}  // namespace skerry::joint_inference
