#include "scenarios/parts/model_source.hpp"

#include "datasets/npz.hpp"
#include "scenarios/host/plugin_file.hpp"
#include "scenarios/parts/outline.hpp"
#include "scenarios/parts/training.hpp"
#include "scenarios/schema/json.hpp"
#include "tests/catch.hpp"
#include "tests/datasets/scratch_folder.hpp"

namespace skerry::parts {
namespace {

/// Sources of a softmax model for 90 generated examples of 4 classes and 8 features.
struct Sources {
  Registry registry = host::built_in_plugins();
  std::shared_ptr<const datasets::NodeData> data;
  Problems problems;

  Sources() {
    Problems none;
    datasets::DataConfig config;
    FieldReader(registry, none)
        .read(*schema::parse_json(R"({"source": {"name": "synthetic_blobs", "classes": 4,
                                      "features": 8, "samples": 90, "test_samples": 10}})"),
              config, "");
    REQUIRE(none.text("") == "");
    data =
        *datasets::NodeData::make(config, registry, datasets::DataEnvironment::of_process(1), 3, 1);
  }
  role::ParadigmContext context(bool edges_only = false) const {
    return {.registry = registry,
            .data = *data,
            .seeds = {.init = 4, .sampling = 5},
            .edges = 3,
            .edges_only = edges_only};
  }
  std::unique_ptr<ModelSource> make(const std::string& text, bool edges_only = false) {
    ModelConfig config;
    FieldReader(registry, problems).read(*schema::parse_json(text), config, "/m");
    check_model(config, outline_of(context(edges_only)), "/m", problems);
    return ModelSource::make(config, context(edges_only), "/m", problems);
  }
};

role::Job job_with_key(Round round) {
  role::Job job;
  job.node = NodeId::cloud();
  job.key = {5, NodeId::cloud(), round};
  return job;
}

std::vector<float> made_by(const role::JobKind& kind, const role::Job& job) {
  Workspace workspace;
  const role::JobResult result = kind.run(job, workspace);
  const auto values = result.outputs.at(0).payload.at("model").f32();
  return {values.begin(), values.end()};
}

const char* const kTrained = R"({"model": "softmax", "train": {"batch_size": 20, "epochs": 3,
                                 "optimizer": {"name": "sgd", "learning_rate": 0.1}}})";

TEST_CASE("a model is trained on the cloud from the job's key, at the cost of its steps") {
  Sources sources;
  const auto source = sources.make(kTrained);
  REQUIRE(source != nullptr);
  const role::JobKind kind = source->prepare({.job = "prepare", .init = "init"});
  const auto made = made_by(kind, job_with_key(1));
  CHECK(made.size() == 4 * 8 + 4);
  CHECK(made == made_by(kind, job_with_key(1)));
  CHECK(made != made_by(kind, job_with_key(2)));  // other batches
  const role::JobKind other = source->prepare({.job = "prepare", .init = "init_cloud"});
  CHECK(made != made_by(other, job_with_key(1)));  // another start
  // 90 examples, 20 a step, three times.
  const role::Work work = kind.work(job_with_key(1));
  CHECK(work.charged);
  CHECK(work.flops == 15 * source->learner().cost(Phase::kTrain, 20).flops);
  CHECK(work.flops == training_work(source->learner(), {.batch_size = 20, .epochs = 3}, 90).flops);
}

TEST_CASE("a model from a file is the file's, in the order of the layout, and costs nothing") {
  Sources sources;
  const datasets::ScratchFolder folder;
  std::vector<float> weights(32), biases(4);
  for (std::size_t i = 0; i < 32; ++i) weights[i] = static_cast<float>(i);
  biases[2] = -1;
  const auto bytes = [](const std::vector<float>& v) { return std::as_bytes(std::span(v)); };
  const auto path = folder / "model.npz";
  REQUIRE(datasets::write_npz(path, {{"fc1.bias", {4}, DType::kFloat32, bytes(biases)},
                                     {"fc1.weight", {4, 8}, DType::kFloat32, bytes(weights)}})
              .ok());
  ModelConfig config;
  Problems none;
  FieldReader(sources.registry, none)
      .read(*schema::parse_json(R"({"model": "softmax"})"), config, "/m");
  std::ifstream file(path, std::ios::binary);
  const std::string content((std::istreambuf_iterator<char>(file)), {});
  const auto read = std::as_bytes(std::span(content));
  config.file = {path.string(), {read.begin(), read.end()}};
  const auto source = ModelSource::make(config, sources.context(), "/m", none);
  REQUIRE(none.text("") == "");
  const role::JobKind kind = source->prepare({.job = "prepare", .init = "init"});
  const auto made = made_by(kind, job_with_key(0));
  CHECK(made[31] == 31);
  CHECK(made[34] == -1);
  CHECK_FALSE(kind.work(job_with_key(0)).charged);
}

TEST_CASE("a model comes from one place, and on edges from none") {
  Sources sources;
  CHECK(sources.make(R"({"model": "softmax"})") == nullptr);
  CHECK(sources.problems.text("") == ": /m: says exactly one of \"train\" and \"file\"\n");
  const auto on_edge = sources.make(R"({"model": "softmax"})", true);
  REQUIRE(on_edge != nullptr);
  CHECK(on_edge->shape()[0].layout->size() == 36);
}

}  // namespace
}  // namespace skerry::parts
