#include <cstdlib>

#include "datasets/npz.hpp"
#include "tests/datasets/scratch_folder.hpp"
#include "tests/scenarios/joint_inference/joint_run.hpp"

namespace skerry::joint_inference {

namespace {

std::string problems(const std::string& changes) {
  return role::StagedScenario::problems(kScenario, changes);
}

/// A softmax model for the scenario's data, as a file: [4, 8] weights and [4] biases.
struct ModelFile {
  datasets::ScratchFolder folder;
  std::vector<float> weights = std::vector<float>(32);
  std::vector<float> biases = {0, 3, 0, 0};

  std::string path(Shape weight_shape = {4, 8}) {
    const auto file = folder / "edge.npz";
    const auto bytes = [](const std::vector<float>& v) { return std::as_bytes(std::span(v)); };
    weights.resize(element_count(weight_shape));
    REQUIRE(
        datasets::write_npz(file, {{"fc1.weight", weight_shape, DType::kFloat32, bytes(weights)},
                                   {"fc1.bias", {4}, DType::kFloat32, bytes(biases)}})
            .ok());
    return file.string();
  }
};

std::string with_file(const std::string& path) {
  return R"({"edge_model": {"train": null, "file": ")" + path + "\"}}";
}

}  // namespace

TEST_CASE("a joint scenario that contradicts itself is refused with the place and the reason") {
  CHECK(problems(R"({"thresholds": null})") ==
        ": /: says exactly one of \"threshold\" and \"thresholds\"\n");
  CHECK(problems(R"({"threshold": 0.5})") ==
        ": /: says exactly one of \"threshold\" and \"thresholds\"\n");
  CHECK(problems(R"({"thresholds": []})") == ": /thresholds: is empty\n");
  CHECK(problems(R"({"thresholds": [0.5, 0.25, 0.5]})") == ": /thresholds: lists 0.5 twice\n");
  CHECK(problems(R"({"thresholds": [0.5, 1]})").find("/thresholds/1: ") != std::string::npos);
  CHECK(problems(R"({"edge_model": {"train": null}})") ==
        ": /edge_model: says exactly one of \"train\" and \"file\"\n");
  CHECK(problems(R"({"requests": {"duration": "1 s"}})") ==
        ": /requests: says exactly one of \"count\" and \"duration\"\n");
  CHECK(problems(R"({"requests": {"interval": "0 s"}})") ==
        ": /requests/interval: must be longer than nothing\n");
  CHECK(
      problems(R"({"requests": {"count": null, "duration": "1 d", "interval": "1 us"}})") ==
      ": /requests/duration: brings more than 10 million requests to each edge, one every 1 us\n");
  CHECK(problems(R"({"resend_after": "1 ns"})") == ": /resend_after: must be at least 1 ms\n");
  CHECK(problems(R"({"data": {"source": {"test_samples": 0}}})") ==
        ": /data: has no test examples to ask about: take a source with a test set, or give "
        "\"split\": {\"client_test\": 0.2}\n");
  CHECK(problems(R"({"cloud_model": {"model": "cnn"}})")
            .starts_with(": /cloud_model/model: cnn needs images"));
}

TEST_CASE("several thresholds beside a miner whose scores are all alike are remarked on") {
  const auto remarks = [](const char* changes) {
    return role::StagedScenario(kScenario, changes).paradigm->remarks();
  };
  CHECK(remarks(R"({"mine": "cloud_only"})") ==
        std::vector<std::string>{"/thresholds: \"cloud_only\" scores all examples alike: no "
                                 "threshold makes a difference"});
  CHECK(remarks("{}") == std::vector<std::string>{});
}

TEST_CASE("a scenario that was read reads its own echo") {
  const role::StagedScenario staged(kScenario);
  Problems again;
  const auto echo = schema::resolved(staged.scenario);
  const auto read = schema::read_scenario(echo, staged.registry, ".", again);
  CHECK(again.text("") == "");
  CHECK(schema::resolved(read) == echo);
}

TEST_CASE("an edge is sent no parameters and no training, and needs neither") {
  ModelFile file;
  const role::StagedScenario staged(kScenario, with_file(file.path()));
  const ConfigNode sent = schema::for_edges(staged.scenario, staged.registry, *staged.data);
  for (const char* model : {"edge_model", "cloud_model"}) {
    CHECK(sent.find(model)->find("model") != nullptr);
    CHECK(sent.find(model)->find("file") == nullptr);
    CHECK(sent.find(model)->find("train") == nullptr);
  }
  Problems problems;
  const auto read = schema::read_scenario(sent, staged.registry, ".", problems);
  const auto factory = staged.registry.make(read.paradigm);
  const auto build = [&](bool edges_only) {
    return factory->build({.registry = staged.registry,
                           .data = *staged.data,
                           .seeds = read.run_seeds(),
                           .edges = read.nodes.edges,
                           .edges_only = edges_only},
                          problems);
  };
  CHECK(build(true) != nullptr);
  CHECK(problems.text("") == "");
  CHECK(build(false) == nullptr);
  CHECK(problems.text("").starts_with(": /edge_model: says exactly one of"));
}

TEST_CASE("a model from a file answers as the file says, without being trained") {
  ModelFile file;
  JointRun joint(with_file(file.path()));
  joint.driver.start();
  REQUIRE(joint.driver.run());
  const Payload result = joint.driver.stopped->model.payload();
  const auto& model = result.at("model");
  CHECK(model.f32("fc1.bias")[1] == 3);
  CHECK(model.f32("fc1.weight")[5] == 0);
  // Zero weights: every example is of class 1 with the same score, 0.38.
  CHECK(joint.last("joint/edge_accuracy") == Approx(0.25).margin(0.1));
  CHECK(joint.driver.values("joint/offloaded") == std::vector<double>{1, 0, 0});
  Workspace workspace;
  const auto work = joint.joint().jobs().work(joint.driver.jobs[0]);
  CHECK_FALSE(work.charged);
  CHECK(joint.joint().jobs().work(joint.driver.jobs[1]).charged);
}

TEST_CASE("a model file that does not fit is refused with the tensor and both shapes") {
  ModelFile file;
  CHECK(problems(with_file(file.path({8, 4}))) ==
        ": /edge_model/file: \"fc1.weight\" has shape [8, 4]; the model needs [4, 8]\n");
  const std::string fits = file.path();
  CHECK(problems(R"({"edge_model": {"model": {"name": "mlp", "hidden": [3]}, "train": null,
                     "file": ")" +
                 fits + "\"}}")
            .find("has no array \"fc2.weight\"; it has \"fc1.weight\" and \"fc1.bias\"") !=
        std::string::npos);
  file.biases[2] = INFINITY;
  CHECK(problems(with_file(file.path()))
            .find("\"fc1.bias\" has a value that is not a finite number") != std::string::npos);
  CHECK(problems(with_file("nowhere.npz")).find("/edge_model/file: cannot read") !=
        std::string::npos);
}

TEST_CASE("percentiles are nearest ranks") {
  const std::vector<std::int64_t> values{10, 20, 30, 40};
  CHECK(percentile(values, 0.5) == 20);
  CHECK(percentile(values, 0.51) == 30);
  CHECK(percentile(values, 0.95) == 40);
  CHECK(percentile(values, 1) == 40);
  CHECK(percentile({7}, 0.01) == 7);
}

}  // namespace skerry::joint_inference
