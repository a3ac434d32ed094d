// Samples and labels that come from outside the run.
#include <map>
#include <utility>

#include "tests/scenarios/incremental/incremental_run.hpp"

namespace skerry::incremental {
namespace {

using role::LabelsArrived;
using role::SamplesArrived;

const NodeId kCloud = NodeId::cloud();
const NodeId kEdge = NodeId::edge(0);

Duration at_s(std::int64_t s) { return Duration::seconds(s); }

/// Rows of the edge's stream, as if they came from outside.
SamplesArrived samples(const IncrementalRun& run, std::uint32_t first, std::uint32_t count) {
  static std::uint64_t number = 0;
  std::vector<std::uint32_t> scratch;
  View view = run.staged.data->view(kEdge, Split::kTrain, scratch);
  view.rows = view.rows.subspan(first, count);
  const parts::ExampleFormat format(run.staged.data->schema());
  std::vector<float> inputs(count * run.staged.data->schema().input_size());
  view.samples->inputs(view.rows, inputs);
  SamplesArrived arrived{.labels = std::vector<std::int32_t>(count)};
  view.samples->labels(view.rows, arrived.labels);
  arrived.inputs =
      role::PayloadRef::of({99, ++number}, {format.write(*view.samples, view.rows, inputs), {}});
  return arrived;
}

/// People who label what they are asked after that time.
struct People {
  IncrementalRun& run;
  Duration take = at_s(30);
  std::function<std::int32_t(std::int32_t truth)> say = [](std::int32_t truth) { return truth; };
  std::uint64_t asked = 0;

  void begin() {
    run.driver.at(Duration(), kCloud, LabelsArrived{});
    run.driver.on_ask = [this](const role::AskLabels& questions) {
      LabelsArrived labels{.source = "labels.csv"};
      std::vector<std::uint32_t> scratch;
      for (const auto& one : questions.questions) {
        const View view = run.staged.data->view(one.node, Split::kTrain, scratch);
        std::int32_t truth = 0;
        view.samples->labels({&view.rows[one.position], 1}, {&truth, 1});
        labels.labels.push_back({one.node, one.position, say(truth), ++asked});
      }
      run.driver.at(run.driver.now().since_start() + take, kCloud, labels);
    };
  }
};

TEST_CASE("people who are as quick and as right as the oracle make the same models") {
  IncrementalRun oracle;
  oracle.run();
  IncrementalRun run;
  People people{run};
  people.begin();
  run.run();
  CHECK(people.asked > 100);
  CHECK(run.last("labels/given") == people.asked);
  CHECK(run.last("labels/bought") == oracle.last("labels/bought"));
  CHECK(run.last("loop/deployments") == oracle.last("loop/deployments"));
  const Payload made = run.driver.stopped->model.payload();
  const Payload expected = oracle.driver.stopped->model.payload();
  CHECK(std::ranges::equal(made.at("model").f32(), expected.at("model").f32()));
}

TEST_CASE("a budget bounds what people are asked, and so does how much may wait for them") {
  IncrementalRun bound(R"({"labels": {"most": 50}, "trigger": {"at_least": 30}})");
  People few{bound};
  few.begin();
  bound.run();
  CHECK(few.asked == 50);
  CHECK(bound.last("labels/refused") > 0);
  IncrementalRun waiting(R"({"labels": {"waiting": 10}, "until": "20 min"})");
  waiting.driver.at(Duration(), kCloud, LabelsArrived{});
  waiting.run();  // nobody ever labels
  CHECK(waiting.last("labels/bought") == 10);
  CHECK(waiting.last("labels/open") == 10);
}

TEST_CASE("labels that answer no question change nothing, are counted, and some are named") {
  IncrementalRun run(R"({"until": "25 min"})");
  std::vector<role::AskLabels::Question> asked;
  run.driver.at(Duration(), kCloud, LabelsArrived{.labels = {}, .source = "", .faulty = 2});
  run.driver.on_ask = [&](const role::AskLabels& questions) {
    asked.insert(asked.end(), questions.questions.begin(), questions.questions.end());
  };
  run.driver.at(at_s(200), [&] {
    REQUIRE(asked.size() >= 2);
    const auto label = [&](std::size_t which, std::int32_t what, std::uint64_t line) {
      return LabelsArrived::Label{asked[which].node, asked[which].position, what, line};
    };
    LabelsArrived labels{.source = "labels.csv"};
    labels.labels = {label(0, 1, 2),           label(0, 1, 3),
                     label(0, 0, 4),           {NodeId::edge(7), 3, 0, 5},
                     label(1, 9, 6),           {kEdge, 4'000'000, 0, 7},
                     {kEdge, 4'000'001, 0, 8}, label(1, 0, 9)};
    run.driver.at(run.driver.now().since_start(), kCloud, labels);
  });
  run.run();
  CHECK(run.last("labels/given") == 2);
  CHECK(run.last("labels/again") == 1);
  CHECK(run.last("labels/contradicting") == 1);
  CHECK(run.last("labels/unasked") == 3);
  CHECK(run.last("labels/faulty") == 3);
  const std::string first = "labels.csv: line 4: " + to_string(asked[0].node) + ":" +
                            std::to_string(asked[0].position) + ": ";
  CHECK(run.driver.remarks ==
        std::vector<std::string>{
            first + "was labelled \"1\" before, now \"0\"; the first label stands",
            "labels.csv: line 5: edge-7:3: nobody asked about it",
            "labels.csv: line 6: " + to_string(asked[1].node) + ":" +
                std::to_string(asked[1].position) + ": there is no class 9",
            "labels.csv: and 2 more labels that answer no question"});
  // Whoever sent them is told of each.
  const role::LabelsHeard& heard = run.driver.heard.back();
  CHECK(heard.taken == 2);
  CHECK(heard.again == 1);
  std::vector<std::uint64_t> lines;
  for (const auto& objection : heard.objections) lines.push_back(objection.line);
  CHECK(lines == std::vector<std::uint64_t>{4, 5, 6, 7, 8});
  CHECK(heard.objections[4].why == "edge-0:4000001: nobody asked about it");
}

TEST_CASE("an example waits for its label from the question to the first answer") {
  IncrementalRun run(R"({"until": "10 min"})");
  role::AskLabels::Question first;
  bool asked = false;
  run.driver.at(Duration(), kCloud, LabelsArrived{});
  run.driver.on_ask = [&](const role::AskLabels& questions) {
    if (!std::exchange(asked, true)) first = questions.questions.front();
  };
  const auto waits = [&] {
    return run.driver.role(kCloud).awaits_label(first.node, first.position);
  };
  run.driver.at(at_s(200), [&] {
    REQUIRE(asked);
    CHECK(waits());
    CHECK_FALSE(run.driver.role(kCloud).awaits_label(kEdge, 4'000'000));
    run.driver.at(run.driver.now().since_start(), kCloud,
                  LabelsArrived{.labels = {{first.node, first.position, 1, 2}}, .source = "x"});
  });
  run.driver.at(at_s(201), [&] { CHECK_FALSE(waits()); });
  run.run();
}

/// Everything is history: what is answered comes from outside.
const char* const kOutside =
    R"({"initial": {"experiences": 4}, "until": "40 min", "labels": {"delay": "1 s"}})";

TEST_CASE("samples from outside are answered once each, mined and learnt from") {
  IncrementalRun run(kOutside);
  run.driver.at(Duration(), kEdge, SamplesArrived{});
  for (std::uint32_t k = 0; k < 6; ++k) {
    run.driver.at(at_s(70 + 300 * k), kEdge, samples(run, 100 * k, 100));
  }
  run.run();
  CHECK(run.driver.stopped->reason == "after 40 min 00 s");
  CHECK(run.sum("served/requests") == 600);
  CHECK(run.sum("served/live") == 600);
  CHECK(run.sum("served/missed") == 0);
  CHECK(run.last("served/mean_accuracy") > 0.7);
  CHECK(run.last("labels/bought") > 60);
  CHECK(run.last("loop/trainings") >= 1);
  CHECK(run.last("loop/refused") == 0);
}

TEST_CASE("samples from outside come beside the stream, and after it the run goes on") {
  IncrementalRun run(R"({"until": "45 min"})");
  for (std::uint32_t k = 0; k < 40; ++k) {
    run.driver.at(at_s(50 * k + 5), kEdge, samples(run, k, 10));
  }
  run.driver.at(at_s(2400), kEdge, samples(run, 0, 10));  // the stream ends after 30 min
  run.run();
  CHECK(run.driver.stopped->reason == "after 45 min 00 s");
  CHECK(run.sum("served/requests") == 900 + 410);
  CHECK(run.sum("served/live") == 410);
  CHECK(run.sum("served/missed") == 0);
}

TEST_CASE(
    "a sample of which nobody knows the class counts in no accuracy, and no oracle labels it") {
  IncrementalRun run(kOutside);
  auto known = samples(run, 0, 100), unknown = samples(run, 100, 200);
  unknown.labels.assign(200, -1);
  run.driver.at(at_s(10), kEdge, unknown);
  run.driver.at(at_s(70), kEdge, known);
  run.run();
  CHECK(run.sum("served/requests") == 300);
  CHECK(run.last("served/mean_accuracy") > 0.7);
  CHECK(run.last("labels/refused") > run.last("labels/bought"));
  CHECK(run.last("labels/bought") > 0);
}

TEST_CASE("a shape or class that does not fit is counted and answered by nobody") {
  IncrementalRun run(kOutside);
  auto wrong_class = samples(run, 0, 3), wrong_count = samples(run, 0, 3);
  wrong_class.labels[1] = 2;
  wrong_count.labels.pop_back();
  run.driver.at(at_s(10), kEdge, wrong_class);
  run.driver.at(at_s(11), kEdge, wrong_count);
  run.driver.at(at_s(12), kEdge, SamplesArrived{.inputs = {}, .labels = {0}, .faulty = 4});
  run.driver.at(at_s(13), kEdge, samples(run, 0, 5));
  run.run();
  CHECK(run.sum("served/faulty") == 3 + 2 + 1 + 4);
  CHECK(run.sum("served/requests") == 5);
}

TEST_CASE("an edge that dies answers the rest of what came to it when it is back") {
  IncrementalRun run(kOutside);
  // One batch is under way when it dies, and is missed; the other waits.
  run.driver.duration = [](const role::Job&) { return at_s(20); };
  run.driver.at(Duration(), kEdge, SamplesArrived{});
  run.driver.at(at_s(130), kEdge, samples(run, 0, 30));
  run.driver.at(at_s(185), kEdge, samples(run, 30, 50));
  run.driver.at(at_s(190), [&] { run.driver.crash(kEdge); });
  run.driver.at(at_s(300), [&] { run.driver.restart(kEdge); });
  run.run();
  CHECK(run.sum("served/requests") + run.sum("served/missed") == 80);
  CHECK(run.sum("served/live") == 80);
  CHECK(run.sum("served/missed") == 30);
}

TEST_CASE("a run without an end waits for an edge to which samples come, though it is away") {
  IncrementalRun run(kOutside);
  run.driver.at(Duration(), kEdge, SamplesArrived{});
  run.driver.at(at_s(100), kCloud, role::PeerLost{kEdge});
  run.driver.at(at_s(100), [&] { run.driver.crash(kEdge); });
  run.driver.at(at_s(2000), [&] { run.driver.restart(kEdge); });
  run.driver.at(at_s(2000), kCloud, role::PeerJoined{kEdge, 600});
  run.driver.at(at_s(2010), kEdge, samples(run, 0, 20));
  run.run();
  CHECK(run.driver.stopped->reason == "after 40 min 00 s");
  CHECK(run.sum("served/requests") == 20);
}

TEST_CASE("a model in the shadow answers samples from outside, too, and many come in batches") {
  IncrementalRun run(
      R"({"initial": {"experiences": 4}, "until": "60 min", "labels": {"delay": "1 s"},
          "serve": {"most": 20}, "check": "2 min",
          "rollout": {"shadow": true, "canary": 0.5, "hold": "5 min"}})");
  for (const NodeId edge : {kEdge, NodeId::edge(1)}) {
    for (std::uint32_t k = 0; k < 10; ++k) {
      run.driver.at(at_s(120 * k + 5), edge, samples(run, 40 * k, 40));
    }
  }
  // More than one batch at a moment.
  for (int k = 0; k < 8; ++k) run.driver.at(at_s(2000), kEdge, samples(run, 0, 600));
  run.run();
  CHECK(run.sum("served/requests") == 2 * 10 * 40 + 8 * 600);
  CHECK(run.last("loop/deployments") >= 1);
  CHECK(run.last("loop/refused") == 0);
}

TEST_CASE("data that is all history needs an end, and says that only what comes is answered") {
  const auto problems = [](const char* changes) {
    return role::StagedScenario::problems(kScenario, changes);
  };
  CHECK(
      problems(R"({"initial": {"experiences": 4}})") ==
      ": /initial/experiences: is 4, and the stream has 4: nothing would be left to answer; where "
      "samples come from outside (skerry edge --watch), say \"until\"\n");
  CHECK(problems(R"({"initial": {"experiences": 5}, "until": "1 h"})") ==
        ": /initial/experiences: is 5, and the stream has 4: nothing would be left to answer\n");
  // Without a stream all is history.
  CHECK(problems(R"({"data": {"stream": null}, "until": "1 h"})") == "");
  const IncrementalRun run(kOutside);
  const auto remarks = run.staged.paradigm->remarks();
  REQUIRE(remarks.size() == 1);
  CHECK_THAT(remarks[0], Catch::StartsWith("/initial/experiences: all of the data is history"));
  CHECK(run.staged.paradigm->why_no_samples() == "");
}

TEST_CASE("edges that train learn from samples that came from outside, by each policy") {
  for (const char* policy : {"window", "fine_tune", "cumulative"}) {
    IncrementalRun run(std::string(R"({"initial": {"experiences": 4}, "until": "40 min",
      "train": {"policy": ")") +
                       policy + R"(", "window": )" +
                       (policy == std::string("window") ? "150" : "null") +
                       R"(, "kept": 200, "federated": {
        "local": {"optimizer": {"name": "sgd", "learning_rate": 0.1}},
        "server": {"reduce": "mean", "optimizer": {"name": "sgd", "learning_rate": 1}},
        "stop": {"any": [{"rounds": 1}]}}},
      "trigger": {"metric": null, "at_least": null, "command": "train"}})");
    const std::uint16_t train = run.incremental().federation()->kinds().train;
    std::vector<std::size_t> learnt;
    run.fails = [&](const role::Job& job) {
      if (job.kind != train || job.node != kEdge) return false;
      std::size_t samples = 0;
      const auto body = from_bytes<parts::TrainBody>(job.body);
      for (const auto& one : body->arrived) {
        samples += one.labels.size();
      }
      learnt.push_back(samples);
      return false;
    };
    run.driver.at(Duration(), kEdge, SamplesArrived{});
    for (std::uint32_t k = 0; k < 5; ++k) {
      run.driver.at(at_s(70 + 60 * k), kEdge, samples(run, 60 * k, 60));
    }
    run.driver.at(at_s(900), kCloud, role::Command{"train"});
    run.driver.at(at_s(1500), kEdge, samples(run, 300, 40));
    run.driver.at(at_s(1800), kCloud, role::Command{"train"});
    run.run();
    CAPTURE(policy);
    CHECK(run.last("loop/deployments") == 2);
    REQUIRE(learnt.size() == 2);
    CHECK(learnt[0] == (policy == std::string("window") ? 150 : 200));
    CHECK(learnt[1] == (policy == std::string("window")      ? 150
                        : policy == std::string("fine_tune") ? 40
                                                             : 200));
  }
}

}  // namespace
}  // namespace skerry::incremental
