// What the jobs of joint inference compute: training, answers of both models, and how good the
// cloud's model would be alone.
#include <algorithm>
#include <cmath>

#include "algorithms/sdk/elementary.hpp"
#include "algorithms/sdk/local_loop.hpp"
#include "datasets/samples.hpp"
#include "scenarios/joint_inference/joint_inference.hpp"

namespace skerry::joint_inference {

using role::Job;
using role::JobResult;

namespace {

constexpr std::size_t kReferenceBatch = 500;

std::int32_t best(std::span<const float> scores) {
  return static_cast<std::int32_t>(std::max_element(scores.begin(), scores.end()) - scores.begin());
}

/// p_c = e^(z_c - max z) / sum, in double, rounded once.
std::vector<float> softmax(std::span<const float> scores) {
  const double highest = *std::max_element(scores.begin(), scores.end());
  std::vector<double> shares;
  double sum = 0;
  for (const float score : scores) {
    shares.push_back(exp_f64(score - highest));
    sum += shares.back();
  }
  std::vector<float> probabilities;
  for (const double share : shares) probabilities.push_back(static_cast<float>(share / sum));
  return probabilities;
}

}  // namespace

JobResult JointInference::prepare(const Job& job, Workspace& workspace) const {
  const auto kind = static_cast<JobKind>(job.kind);
  const Model& model = model_of(kind);
  Payload made;
  Record& record = made.add({"model", model.learner->layout()});
  if (model.optimizer == nullptr) {
    std::copy(model.parameters.begin(), model.parameters.end(), record.f32().begin());
  } else {
    const bool of_edge = kind == JobKind::kPrepareEdge;
    const TrainConfig& train = of_edge ? *config_.edge_model.train : *config_.cloud_model.train;
    model.learner->initialise(RandomStream(seeds_.init, of_edge ? "init" : "init_cloud"),
                              record.f32());
    const Payload nothing;
    Payload state, up;
    TrainContext context{
        .learner = *model.learner,
        .optimizer = *model.optimizer,
        .data = data_.training_pool(workspace.rows("view")),
        .down = nothing,
        .state = state,
        .up = up,
        .settings = {.batch_size = train.batch_size, .epochs = train.epochs},
        .key = job.key,
        .workspace = workspace,
    };
    local_loop(context, record.f32());
  }
  JobResult result;
  result.outputs.push_back({std::move(made), {}});
  return result;
}

JobResult JointInference::export_models(const Job& job, Workspace&) const {
  Payload both;
  both.add(job.inputs[0].payload().share("model"));
  const Payload second = job.inputs[1].payload();
  const auto trained = second.at("model").f32();
  Record& cloud = both.add({"cloud_model", cloud_.learner->layout()});
  std::copy(trained.begin(), trained.end(), cloud.f32().begin());
  JobResult result;
  result.outputs.push_back({std::move(both), {}});
  return result;
}

JobResult JointInference::infer(const Job& job, Workspace& workspace) const {
  const auto body = from_bytes<InferBody>(job.body);
  SKERRY_CHECK(body.has_value(), "a job's body is what its role wrote");
  const auto inputs = workspace.floats("joint/inputs", data_.schema().input_size());
  Inference inference;
  Payload sent;
  if (job.inputs.size() > 1) {
    inference.truth = -1;
    sent = job.inputs[1].payload();
    read_input(sent.at("input"), inputs);
  } else {
    sent = look_up(job.node, body->row, inputs, inference.truth, workspace);
  }
  const Payload model = job.inputs[0].payload();
  const auto scores = edge_.learner->forward(model.at("model").f32(), {.size = 1, .inputs = inputs},
                                             Phase::kInference, workspace.tape(*edge_.learner));
  const std::vector<float> probabilities = softmax(scores);
  inference.label = best(scores);
  inference.score = miner_->score({.probabilities = probabilities}, job.key.stream("mine"));

  JobResult result;
  result.outputs.push_back({std::move(sent), {}});
  result.report = to_bytes(inference);
  return result;
}

/// One of the examples that the node is asked about: its values, its label, and what is sent.
Payload JointInference::look_up(NodeId node, std::uint32_t index, std::span<float> inputs,
                                std::int32_t& truth, Workspace& workspace) const {
  const View view = requested(node, workspace.rows("view"));
  const std::uint32_t row = view.rows[index];
  const Samples& samples = *view.samples;
  samples.inputs({&row, 1}, inputs);
  samples.labels({&row, 1}, {&truth, 1});
  Payload sent;
  if (const ByteRows bytes = samples.byte_rows(); bytes.data != nullptr) {
    Record& input = sent.add(input_spec(DType::kUint8));
    std::memcpy(input.bytes().data(), bytes.data + std::size_t{row} * bytes.row_bytes,
                inputs.size());
  } else {
    Record& input = sent.add(input_spec(DType::kFloat32));
    std::copy(inputs.begin(), inputs.end(), input.f32().begin());
  }
  return sent;
}

void JointInference::read_input(const Record& record, std::span<float> out) const {
  if (record.layout().type() == DType::kFloat32) {
    std::ranges::copy(record.f32(), out.begin());
    return;
  }
  // The same multiplication and addition as where the bytes are read on the edge.
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(record.bytes().data());
  const ByteRows rule = datasets::byte_rows(data_.schema(), bytes);
  for (std::size_t j = 0; j < out.size(); ++j) {
    out[j] = std::fma(static_cast<float>(bytes[j]), rule.multiplier, rule.addend);
  }
}

JobResult JointInference::infer_cloud(const Job& job, Workspace& workspace) const {
  const std::size_t size = job.inputs.size() - 1;
  const std::size_t width = data_.schema().input_size();
  const std::size_t outputs = cloud_.learner->outputs();
  const auto inputs = workspace.floats("joint/inputs", size * width);
  for (std::size_t i = 0; i < size; ++i) {
    const Payload sent = job.inputs[1 + i].payload();
    read_input(sent.at("input"), inputs.subspan(i * width, width));
  }
  const Payload model = job.inputs[0].payload();
  const auto scores =
      cloud_.learner->forward(model.at("model").f32(), {.size = size, .inputs = inputs},
                              Phase::kInference, workspace.tape(*cloud_.learner));
  std::vector<std::int32_t> labels;
  for (std::size_t i = 0; i < size; ++i)
    labels.push_back(best(scores.subspan(i * outputs, outputs)));
  return {{}, to_bytes(labels)};
}

JobResult JointInference::reference(const Job& job, Workspace& workspace) const {
  const Payload model = job.inputs[0].payload();
  const auto parameters = model.at("model").f32();
  const std::size_t width = data_.schema().input_size();
  const std::size_t outputs = cloud_.learner->outputs();
  Reference reference;
  for (std::uint32_t k = 0; k < edges_; ++k) {
    const NodeId edge = NodeId::edge(k);
    const View view = requested(edge, workspace.rows("view"));
    const std::uint32_t requests = view.size() == 0 ? 0 : arrivals_.count(edge);
    std::uint64_t correct = 0;
    std::vector<std::uint32_t> rows;
    for (std::uint32_t first = 0; first < requests; first += kReferenceBatch) {
      rows.clear();
      for (std::uint32_t i = first; i < std::min<std::size_t>(requests, first + kReferenceBatch);
           ++i) {
        rows.push_back(view.rows[requested_row(edge, edges_, i, view.size())]);
      }
      const auto inputs = workspace.floats("joint/inputs", rows.size() * width);
      const auto labels = workspace.labels(rows.size());
      view.samples->inputs(rows, inputs);
      view.samples->labels(rows, labels);
      const auto scores =
          cloud_.learner->forward(parameters, {.size = rows.size(), .inputs = inputs},
                                  Phase::kInference, workspace.tape(*cloud_.learner));
      for (std::size_t i = 0; i < rows.size(); ++i) {
        correct += best(scores.subspan(i * outputs, outputs)) == labels[i] ? 1 : 0;
      }
    }
    reference.correct.push_back(correct);
    reference.requests.push_back(requests);
  }
  return {{}, to_bytes(reference)};
}

}  // namespace skerry::joint_inference
