// Requests that programs outside the run send to an edge.
#include "tests/scenarios/joint_inference/joint_run.hpp"

namespace skerry::joint_inference {

namespace {

const char* const kAllToCloud = R"({"mine": "cloud_only", "threshold": 0, "thresholds": null})";
const char* const kAllOnEdge = R"({"mine": "edge_only", "threshold": 0, "thresholds": null})";

/// A run in which the scenario's own requests come, too.
constexpr Duration moment(std::int64_t ms) { return Duration::milliseconds(1200 + ms); }

/// Row `row` of an edge's test view, as a stranger would send it.
role::PayloadRef row_of(const JointRun& joint, std::uint32_t row) {
  std::vector<std::uint32_t> scratch;
  const View view = joint.joint().requests().view(NodeId::edge(0), scratch);
  std::vector<float> values(view.samples->schema().input_size());
  view.samples->inputs(view.rows.subspan(row, 1), values);
  return example_of(values, row);
}

/// The prediction for that example by a model of the run's result.
std::vector<float> scores_of(const JointRun& joint, const Learner& learner, const char* record,
                             const role::PayloadRef& example) {
  const Payload result = joint.driver.stopped->model.payload();
  const Payload sent = example.payload();
  const auto tape = learner.make_tape();
  const auto scores =
      learner.predict(result.at(record).f32(), {.size = 1, .inputs = sent.at("input").f32()}, *tape)
          .scores;
  return {scores.begin(), scores.end()};
}

std::vector<float> prediction_in(const role::Answer& answer) {
  REQUIRE(answer.prediction);
  const Payload prediction = answer.prediction.payload();
  const auto scores = prediction.at("prediction").f32();
  return {scores.begin(), scores.end()};
}

}  // namespace

TEST_CASE("a stranger is answered with the label and the scores of the model that gave it") {
  JointRun edge(kAllOnEdge), cloud(kAllToCloud);
  const auto large =
      edge.staged.registry.make(edge.joint().config().cloud_model.model)
          ->build({.schema = edge.staged.data->schema(),
                   .loss = usual_loss(edge.staged.registry, edge.staged.data->schema())});
  for (JointRun* joint : {&edge, &cloud}) {
    for (std::uint32_t i = 0; i < 5; ++i) {
      joint->ask(moment(40 * i), NodeId::edge(0), i, row_of(*joint, 10 * i));
    }
    joint->run();
    const bool by_cloud = joint == &cloud;
    for (std::uint32_t i = 0; i < 5; ++i) {
      const role::Answer& given = joint->answer_to(i).answer;
      const auto scores = by_cloud
                              ? scores_of(*joint, **large, "cloud_model", row_of(*joint, 10 * i))
                              : scores_of(*joint, joint->joint().edge_model().learner(), "model",
                                          row_of(*joint, 10 * i));
      CHECK(given.from_cloud == by_cloud);
      CHECK(given.refusal == "");
      CHECK(prediction_in(given) == scores);
      CHECK(given.label == best_class(scores));
    }
  }
}

TEST_CASE(
    "what strangers ask is counted nowhere and changes nothing of the scenario's own answers") {
  JointRun quiet(kAllToCloud), joint(kAllToCloud);
  quiet.run();
  for (std::uint32_t i = 0; i < 20; ++i) {
    joint.ask(moment(7 * i), NodeId::edge(i % 3), i, row_of(joint, i));
  }
  joint.run();
  CHECK(joint.driver.answers.size() == quiet.driver.answers.size() + 20);
  std::erase_if(joint.driver.answers,
                [](const auto& given) { return (given.answer.request & role::kFromOutside) != 0; });
  CHECK(joint.labels() == quiet.labels());
  for (const char* name : {"joint/requests", "joint/accuracy", "joint/bytes_up", "joint/bytes_down",
                           "joint/refused"}) {
    CHECK(joint.driver.values(name) == quiet.driver.values(name));
  }
}

TEST_CASE("an example that does not fit is refused with words, at once") {
  JointRun joint(kAllOnEdge);
  const std::vector<float> three(3), eight(8);
  std::vector<float> wild(8);
  wild[5] = INFINITY;
  Payload named;
  named.add({"picture", std::make_shared<const Layout>(Layout::flat("picture", 8))});
  Payload whole;
  whole.add({"input", std::make_shared<const Layout>(Layout::flat("input", 8, DType::kInt64))});
  const std::string fits = "the example must be one record \"input\" of 8 values, uint8 or float32";
  joint.ask(moment(0), NodeId::edge(0), 0, example_of(three, 1));
  joint.ask(moment(1), NodeId::edge(0), 1, role::PayloadRef::of({99, 2}, {named, {}}));
  joint.ask(moment(2), NodeId::edge(0), 2, role::PayloadRef::of({99, 3}, {whole, {}}));
  joint.ask(moment(3), NodeId::edge(0), 3, {});
  joint.ask(moment(4), NodeId::edge(0), 4, example_of(wild, 4));
  joint.ask(moment(5), NodeId::cloud(), 5, example_of(eight, 5));
  joint.run();
  for (std::uint64_t i = 0; i < 4; ++i) {
    CHECK(joint.answer_to(i).at == SimTime::at(moment(static_cast<std::int64_t>(i))));
    CHECK(joint.answer_to(i).answer.refusal == fits);
    CHECK(joint.answer_to(i).answer.label == -1);
    CHECK_FALSE(joint.answer_to(i).answer.prediction);
  }
  CHECK(joint.answer_to(4).answer.refusal == "the example has a value that is not a finite number");
  CHECK(joint.answer_to(5).answer.refusal ==
        "the cloud answers no requests of its own: ask an edge");
  CHECK(joint.driver.stopped->reason == "all requests answered");
}

TEST_CASE("more than the scenario allows are refused, not stored, and later ones are taken again") {
  JointRun joint(R"({"mine": "edge_only", "threshold": 0, "thresholds": null,
                     "requests": {"count": 5, "interval": "1 s", "waiting": 3}})");
  for (std::uint64_t i = 0; i < 50; ++i) {
    joint.ask(moment(0), NodeId::edge(0), i, row_of(joint, 0));
  }
  joint.ask(moment(100), NodeId::edge(0), 50, row_of(joint, 0));
  joint.run();
  for (std::uint64_t i = 0; i <= 50; ++i) {
    const role::Answer& given = joint.answer_to(i).answer;
    const bool taken = i < 3 || i == 50;
    CHECK(given.refusal == (taken ? "" : "3 requests are under way: ask again later"));
    CHECK((given.label >= 0) == taken);
  }
}

TEST_CASE("an edge without its model refuses in words, and asks for it once") {
  JointRun joint(kAllOnEdge);
  // The model is there after two seconds or so; edge 1 loses it later on.
  for (std::uint64_t i = 0; i < 3; ++i) {
    joint.ask(Duration::milliseconds(500), NodeId::edge(0), i, row_of(joint, 0));
  }
  joint.driver.at(moment(300), [&joint] { joint.driver.restart(NodeId::edge(1)); });
  joint.ask(moment(310), NodeId::edge(1), 3, row_of(joint, 0));
  joint.ask(moment(311), NodeId::edge(1), 4, row_of(joint, 0));
  joint.ask(moment(400), NodeId::edge(1), 5, row_of(joint, 0));
  joint.run();
  for (std::uint64_t i = 0; i < 5; ++i) {
    CHECK(joint.answer_to(i).answer.refusal == "this edge has no model yet: ask again later");
  }
  CHECK(joint.answer_to(5).answer.label >= 0);
  CHECK(joint.driver.count(MessageKind::kNoModel, false) == 2);
  CHECK(joint.last("joint/refused") == 0);
}

TEST_CASE("while the cloud is silent a stranger gets the edge's own answer at the deadline") {
  JointRun joint(R"({"mine": "cloud_only", "threshold": 0, "thresholds": null,
                     "deadline": "100 ms"})");
  joint.driver.fate = [](role::Message& message) {
    return is(message, MessageKind::kLabel) ? std::vector<Duration>{}
                                            : std::vector{Duration::milliseconds(10)};
  };
  joint.ask(moment(0), NodeId::edge(2), 1, row_of(joint, 7));
  joint.run();
  const auto& given = joint.answer_to(1);
  CHECK(given.at == SimTime::at(moment(100)));
  CHECK_FALSE(given.answer.from_cloud);
  CHECK(prediction_in(given.answer) ==
        scores_of(joint, joint.joint().edge_model().learner(), "model", row_of(joint, 7)));
}

}  // namespace skerry::joint_inference
