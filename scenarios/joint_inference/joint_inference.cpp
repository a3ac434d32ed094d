#include "scenarios/joint_inference/joint_inference.hpp"

#include <algorithm>

#include "algorithms/sdk/plugin.hpp"
#include "scenarios/joint_inference/cloud_role.hpp"
#include "scenarios/joint_inference/edge_role.hpp"
#include "scenarios/joint_inference/model_file.hpp"

namespace skerry::joint_inference {

using role::Job;
using role::JobResult;

namespace {

std::string joined_numerics(const Learner& edge, const Learner& cloud) {
  if (edge.numerics() == cloud.numerics()) return std::string(edge.numerics());
  return std::string(edge.numerics()) + "+" + std::string(cloud.numerics());
}

}  // namespace

JointInference::JointInference(const Config& config, const role::ParadigmContext& context,
                               Model edge, Model cloud)
    : config_(config),
      data_(context.data),
      seeds_(context.seeds),
      edges_(context.edges),
      thresholds_(config.tried()),
      arrivals_(config.requests, context.seeds.sampling),
      miner_(context.registry.make(config.mine)),
      edge_(std::move(edge)),
      cloud_(std::move(cloud)),
      numerics_(joined_numerics(*edge_.learner, *cloud_.learner)) {
  const std::size_t width = data_.schema().input_size();
  byte_input_ = std::make_shared<const Layout>(Layout::flat("input", width, DType::kUint8));
  float_input_ = std::make_shared<const Layout>(Layout::flat("input", width, DType::kFloat32));
  list_jobs();
}

std::unique_ptr<role::Role> JointInference::make_role(NodeId node) const {
  if (node.is_cloud()) return std::make_unique<CloudRole>(*this);
  return std::make_unique<EdgeRole>(*this, node);
}

const Model& JointInference::model_of(JobKind kind) const {
  return kind == JobKind::kPrepareEdge || kind == JobKind::kInfer ? edge_ : cloud_;
}

RecordSpec JointInference::input_spec(DType type) const {
  return {"input", type == DType::kUint8 ? byte_input_ : float_input_, Reduce::kEach};
}

bool JointInference::is_input(const std::vector<RecordSpec>& shape) const {
  return role::same_shape(shape, {input_spec(DType::kUint8)}) ||
         role::same_shape(shape, {input_spec(DType::kFloat32)});
}

std::vector<RecordSpec> JointInference::edge_model_shape() const {
  return {{"model", edge_.learner->layout()}};
}

// An edge is asked about its own test examples; where it holds none, about the source's.
bool JointInference::has_own_rows(NodeId edge) const {
  return edge.index() < data_.edges() && data_.size(edge, Split::kTest) > 0;
}

View JointInference::requested(NodeId edge, std::vector<std::uint32_t>& scratch) const {
  return data_.view(has_own_rows(edge) ? edge : NodeId::cloud(), Split::kTest, scratch);
}

std::size_t JointInference::rows(NodeId edge) const {
  return data_.size(has_own_rows(edge) ? edge : NodeId::cloud(), Split::kTest);
}

void JointInference::list_jobs() {
  const auto runs = [this](JobResult (JointInference::*method)(const Job&, Workspace&) const) {
    return
        [this, method](Job job, Workspace& workspace) { return (this->*method)(job, workspace); };
  };
  const auto prepares = [this, runs](const char* name, JobKind kind) {
    return role::JobKind{
        .name = name,
        .reports = false,
        .shapes =
            [this, kind](const Job&) {
              return role::OutputShapes{{{"model", model_of(kind).learner->layout()}}};
            },
        .work = [this, kind](const Job&) { return training_work(kind); },
        .run = runs(&JointInference::prepare)};
  };
  // In the order of JobKind.
  jobs_.add(prepares("prepare the edge's model", JobKind::kPrepareEdge));
  jobs_.add(prepares("prepare the cloud's model", JobKind::kPrepareCloud));
  jobs_.add({.name = "reference", .run = runs(&JointInference::reference)});
  jobs_.add({.name = "export",
             .reports = false,
             .shapes =
                 [this](const Job&) {
                   return role::OutputShapes{{{"model", edge_.learner->layout()},
                                              {"cloud_model", cloud_.learner->layout()}}};
                 },
             .run = runs(&JointInference::export_models)});
  jobs_.add({.name = "infer",
             .shapes =
                 [this](const Job& job) {
                   if (job.inputs.size() > 1) return role::OutputShapes{job.inputs[1].shape()};
                   std::vector<std::uint32_t> scratch;
                   const View view = requested(job.node, scratch);
                   const bool bytes = view.samples->byte_rows().data != nullptr;
                   return role::OutputShapes{{input_spec(bytes ? DType::kUint8 : DType::kFloat32)}};
                 },
             .work = [this](const Job&) { return inference_work(*edge_.learner, 1); },
             .run = runs(&JointInference::infer)});
  jobs_.add({.name = "infer on the cloud",
             .work =
                 [this](const Job& job) {
                   return inference_work(*cloud_.learner, job.inputs.size() - 1);
                 },
             .run = runs(&JointInference::infer_cloud)});
}

role::Work JointInference::training_work(JobKind kind) const {
  role::Work work;
  const bool of_edge = kind == JobKind::kPrepareEdge;
  const auto& train = of_edge ? config_.edge_model.train : config_.cloud_model.train;
  work.charged = train.has_value();
  if (!train) return work;
  const std::size_t samples = data_.training_pool_size();
  const std::size_t batch =
      train->batch_size == 0 ? samples : std::min<std::size_t>(train->batch_size, samples);
  const auto steps = static_cast<double>(
      step_count({.batch_size = train->batch_size, .epochs = train->epochs}, samples));
  const Cost step = model_of(kind).learner->cost(Phase::kTrain, batch);
  work.batch_size = static_cast<std::uint32_t>(batch);
  work.samples = std::uint64_t{samples} * train->epochs;
  work.flops = steps * step.flops;
  work.bytes = steps * step.bytes;
  return work;
}

role::Work JointInference::inference_work(const Learner& learner, std::size_t batch) const {
  const Cost cost = learner.cost(Phase::kInference, batch);
  return {.phase = Phase::kInference,
          .samples = batch,
          .batch_size = static_cast<std::uint32_t>(batch),
          .flops = cost.flops,
          .bytes = cost.bytes};
}

namespace {

Model make_model(const ModelConfig& config, const role::ParadigmContext& context,
                 const std::string& pointer, Problems& problems) {
  Model model;
  auto learner = context.registry.make(config.model)->build(context.data.schema());
  if (!learner) {
    problems.add(pointer + "/model", learner.message());
    return model;
  }
  model.learner = std::move(*learner);
  if (config.train) {
    model.optimizer = context.registry.make(config.train->optimizer);
    return model;
  }
  if (config.file.empty()) {
    if (!context.edges_only) problems.add(pointer, ModelConfig::kOneOrigin);
    return model;
  }
  auto parameters = read_parameters(config.file, *model.learner->layout());
  if (parameters) {
    model.parameters = std::move(*parameters);
  } else {
    problems.add(pointer + "/file", parameters.message());
  }
  return model;
}

/// Requests need examples, and answers need classes.
void check_data(const role::ParadigmContext& context, Problems& problems) {
  const datasets::NodeData& data = context.data;
  if (data.schema().classes == 0) {
    problems.add("/data/source", "has no class labels; joint inference answers with a class");
  }
  bool anything = data.size(NodeId::cloud(), Split::kTest) > 0;
  for (std::uint32_t k = 0; k < data.edges() && !anything; ++k) {
    anything = data.size(NodeId::edge(k), Split::kTest) > 0;
  }
  if (!anything) {
    problems.add("/data",
                 "has no test examples to ask about: take a source with a test set, or "
                 "give \"split\": {\"client_test\": 0.2}");
  }
}

class JointInferenceFactory final : public role::ParadigmFactory {
 public:
  using Config = joint_inference::Config;
  explicit JointInferenceFactory(const Config& config) : config_(config) {}

  void check(const role::Hazards& hazards, Problems& problems) const override {
    if (!hazards.loses_messages || config_.deadline) return;
    problems.add("/deadline",
                 "is missing: the world loses messages, and an edge would wait for ever for the "
                 "answer to a lost one");
  }
  std::unique_ptr<role::Paradigm> build(const role::ParadigmContext& context,
                                        Problems& problems) const override {
    const std::size_t before = problems.size();
    check_data(context, problems);
    Model edge = make_model(config_.edge_model, context, "/edge_model", problems);
    Model cloud = make_model(config_.cloud_model, context, "/cloud_model", problems);
    if (problems.size() > before) return nullptr;
    return std::make_unique<JointInference>(config_, context, std::move(edge), std::move(cloud));
  }
  void leave_out_for_edges(ConfigNode& scenario) const override {
    for (const char* key : {"edge_model", "cloud_model"}) {
      scenario.find(key)->erase("train");
      scenario.find(key)->erase("file");
    }
  }

 private:
  Config config_;
};

}  // namespace

}  // namespace skerry::joint_inference

namespace skerry {
using joint_inference::JointInferenceFactory;
SKERRY_PLUGIN(role::ParadigmFactory, JointInferenceFactory, "joint_inference",
              "the edge answers, what is hard for it goes to the cloud's larger model")
}  // namespace skerry
