// Tensors that a scenario freezes, and parameters that a federation starts from.

#include "scenarios/parts/frozen_learner.hpp"

#include <set>

#include "datasets/npz.hpp"
#include "scenarios/federated/federated.hpp"
#include "tests/algorithms/local/points.hpp"
#include "tests/datasets/scratch_folder.hpp"
#include "tests/same_bits.hpp"
#include "tests/scenarios/staged_scenario.hpp"
#include "tests/simulated_run.hpp"

namespace skerry::parts {
namespace {

TEST_CASE("a star in a pattern stands for any characters, or none") {
  CHECK(fits("fc1.weight", "fc1.weight"));
  CHECK(fits("fc1.weight", "fc1.*"));
  CHECK(fits("fc1.weight", "*"));
  CHECK(fits("fc1.weight", "*.weight"));
  CHECK(fits("fc1.weight", "f*w*t"));
  CHECK(fits("fc1.weight", "fc1.weight*"));
  CHECK(fits("layer.1.1.bias", "*.1.bias"));
  CHECK_FALSE(fits("fc1.weight", "fc1"));
  CHECK_FALSE(fits("fc1.weight", "fc2*"));
  CHECK_FALSE(fits("fc1.weight", "*bias"));
  CHECK_FALSE(fits("fc1.weight", ""));
  CHECK_FALSE(fits("", "a"));
}

const Points& points() {
  static const Points made = draw_points({.count = 8, .width = 5, .classes = 3, .seed = 4});
  return made;
}

std::unique_ptr<Learner> network() {
  return learner("mlp", points().schema(), {{"hidden", ConfigNode::Array{4}}});
}

std::unique_ptr<Learner> frozen(const std::vector<std::string>& patterns,
                                const std::string& errors = "") {
  Problems problems;
  auto made = with_frozen(network(), patterns, "/freeze", problems);
  CHECK(problems.text("x.json") == errors);
  CHECK((made == nullptr) == !errors.empty());
  return made;
}

TEST_CASE("a frozen tensor has no gradient, and every other one keeps the learner's own bits") {
  const auto plain = network(), some = frozen({"fc1.*"});
  CHECK(some->layout()->size() == plain->layout()->size());
  CHECK(some->layout()->size(Group::kFrozen) == 5 * 4 + 4);
  CHECK(some->layout()->tensors().front().name == "fc2.weight");
  CHECK(some->make_fused() == nullptr);
  Payload plain_payload, some_payload;
  Record& w = plain_payload.add({"model", plain->layout()});
  Record& v = some_payload.add({"model", some->layout()});
  plain->initialise(RandomStream(1, "init"), w.f32());
  some->initialise(RandomStream(1, "init"), v.f32());
  Record& g = plain_payload.add({"gradient", plain->layout()});
  Record& h = some_payload.add({"gradient", some->layout()});
  BatchBuffer buffer;
  const Batch batch = buffer.fill(points(), std::vector<std::uint32_t>{0, 1, 2, 3, 4});
  const auto step = [&](const Learner& learner, const Record& at, std::span<float> gradient) {
    const auto tape = learner.make_tape();
    const auto scores = learner.forward(at.f32(), batch, Phase::kTrain, *tape).scores;
    std::vector<float> cotangent(scores.size());
    const double loss = learner.loss(scores, batch, cotangent);
    learner.backward(at.f32(), {cotangent}, *tape, gradient, {});
    return loss;
  };
  CHECK(step(*plain, w, g.f32()) == step(*some, v, h.f32()));
  for (const TensorSpec& tensor : some->layout()->tensors()) {
    CAPTURE(tensor.name);
    CHECK(bits(v.f32(tensor.name)) == bits(w.f32(tensor.name)));
    const auto gradient = h.f32(tensor.name);
    if (tensor.group == Group::kShared) {
      CHECK(bits(gradient) == bits(g.f32(tensor.name)));
    } else {
      CHECK(std::ranges::all_of(gradient, [](float x) { return x == 0; }));
    }
  }
}

TEST_CASE("a pattern that fits nothing, and patterns that fit everything, are refused") {
  CHECK(frozen({})->layout()->size(Group::kFrozen) == 0);
  frozen({"fc2.*", "conv*"},
         "x.json: /freeze/1: \"conv*\" fits none of the tensors that are learnt; all: "
         "\"fc1.weight\", \"fc1.bias\", \"fc2.weight\", \"fc2.bias\"\n");
  frozen({"fc2.*", "*"}, "x.json: /freeze: leaves nothing of the model to be learnt\n");
}

const std::string kNetwork =
    R"({"model": {"name": "mlp", "hidden": [6], "smallest": null, "largest": null}})";
const std::string kFrozen = R"({"freeze": ["fc1.weight"]})";

TEST_CASE("what a scenario freezes keeps its first values and does not travel, either way") {
  const auto free = simulated({kNetwork}), run = simulated({kNetwork, kFrozen});
  const double frozen_bytes = 4 * 6 * 12;
  CHECK(last(free, "bytes/tensor_down") - last(run, "bytes/tensor_down") == 5 * 6 * frozen_bytes);
  CHECK(last(free, "bytes/tensor_up") - last(run, "bytes/tensor_up") == 5 * 6 * frozen_bytes);
  const auto model = final_model(run);
  const std::vector<float> kept(model.end() - 72, model.end());
  const auto first = simulated({kNetwork, kFrozen, R"({"stop": {"any": [{"rounds": 1}]}})"});
  const auto earlier = final_model(first);
  CHECK(bits(kept) == bits(std::vector<float>(earlier.end() - 72, earlier.end())));
  CHECK(bits(model) != bits(earlier));
  for (const How& how : {How{.threads = 3}, How{.threads = 1, .saved_every_round = true}}) {
    CHECK(bits(final_model(simulated({kNetwork, kFrozen}, how))) == bits(model));
  }
}

const char* const kScenario = R"({
  "version": 1, "name": "small", "paradigm": "federated",
  "data": {"source": {"name": "synthetic_blobs", "classes": 3, "features": 4, "samples": 160}},
  "model": "softmax", "local": {"optimizer": {"name": "sgd", "learning_rate": 0.05}},
  "server": "fedavg", "stop": {"any": [{"rounds": 3}]}, "nodes": {"edges": 8}})";

/// A file with 12 weights, 0 … 11, and three biases.
std::string written(const std::filesystem::path& path) {
  std::vector<float> weights(12), biases{-1, -2, -3};
  for (std::size_t i = 0; i < 12; ++i) weights[i] = static_cast<float>(i);
  const auto bytes = [](const std::vector<float>& v) { return std::as_bytes(std::span(v)); };
  REQUIRE(datasets::write_npz(path, {{"fc1.bias", {3}, DType::kFloat32, bytes(biases)},
                                     {"fc1.weight", {3, 4}, DType::kFloat32, bytes(weights)}})
              .ok());
  return R"("init": ")" + path.string() + "\"";
}

TEST_CASE("a federation starts from a file's parameters, whatever is frozen") {
  const datasets::ScratchFolder folder;
  const std::string init = written(folder / "model.npz");
  for (const std::string freeze : {"", R"(, "freeze": ["fc1.weight"])"}) {
    CAPTURE(freeze);
    const role::StagedScenario staged(kScenario, "{" + init + freeze + "}");
    const auto& federation =
        dynamic_cast<const federated::Federated&>(*staged.paradigm).federation();
    Workspace workspace;
    const auto made =
        staged.paradigm->jobs().run({.kind = federation.kinds().initialise}, workspace);
    const Record& model = made.outputs[0].payload.at("model");
    for (std::size_t i = 0; i < 12; ++i) CHECK(model.f32("fc1.weight")[i] == static_cast<float>(i));
    CHECK(model.f32("fc1.bias")[2] == -3);

    std::set<std::string> travelling;
    for (const auto& shape :
         {federation.path().wire_down_shape(), federation.path().wire_shape({})}) {
      for (const RecordSpec& spec : shape) {
        for (const TensorSpec& tensor : spec.layout->tensors()) travelling.insert(tensor.name);
      }
    }
    CHECK(travelling.contains("fc1.bias"));
    CHECK(travelling.contains("fc1.weight") == freeze.empty());
    if (freeze.empty()) continue;

    const auto down = role::PayloadRef::of({1, 0}, made.outputs[1]);
    auto wire = staged.paradigm->jobs().run(
        {.kind = federation.kinds().encode_down, .inputs = {down}}, workspace);
    CHECK(wire.outputs[0].payload.tensor_bytes() == 3 * 4);
    const auto opened = staged.paradigm->jobs().run(
        {.kind = federation.kinds().decode_down,
         .inputs = {role::PayloadRef::of({2, 0}, std::move(wire.outputs[0]))}},
        workspace);
    CHECK(bits(opened.outputs[0].payload.at("model").f32()) == bits(model.f32()));
  }
}

TEST_CASE("edges are sent the file only where they must know what is frozen") {
  const datasets::ScratchFolder folder;
  const std::string init = written(folder / "model.npz");
  for (const bool freezes : {false, true}) {
    const role::StagedScenario staged(
        kScenario, "{" + init + (freezes ? R"(, "freeze": ["fc1.weight"])" : "") + "}");
    ConfigNode scenario = ConfigNode::Object{{"init", "a file"}};
    staged.registry.make(staged.scenario.paradigm)->leave_out_for_edges(scenario);
    CHECK((scenario.find("init") != nullptr) == freezes);
  }
}

TEST_CASE(
    "a file that does not suit the model is refused, and so is freezing what is sent anyway") {
  const datasets::ScratchFolder folder;
  const std::string init = written(folder / "model.npz");
  const auto problems = [](const std::string& changes) {
    return role::StagedScenario::problems(kScenario, changes);
  };
  CHECK(problems("{" + init + R"(, "data": {"source": {"features": 5}}})") ==
        ": /init: \"fc1.weight\" has shape [3, 4]; the model needs [3, 5]\n");
  CHECK(
      problems(R"({"freeze": ["fc1.weight"], "update": {"down_sends": "change"}})") ==
      ": /freeze: keeps tensors off the wire, and \"down_sends\": \"change\" sends them all: take "
      "\"model\"\n");
}

TEST_CASE("a finished run whose cosine ended with it does not go on") {
  for (const std::string place : {"local", "server"}) {
    const auto goes_on = [&](const std::string& schedule) {
      const std::string name = place == "server" ? R"("name": "fedavg", )" : "";
      const role::StagedScenario staged(
          kScenario, R"({")" + place + R"(": {)" + name + R"("schedule": )" + schedule + "}}");
      return staged.registry.make(staged.scenario.paradigm)->may_go_on();
    };
    CHECK_FALSE(goes_on(R"("cosine")"));
    CHECK(goes_on(R"({"name": "cosine", "total": 50})"));
    CHECK(goes_on(R"("constant")"));
  }
}

}  // namespace
}  // namespace skerry::parts
