#include "scenarios/joint_inference/jobs.hpp"

#include <algorithm>
#include <cmath>

#include "scenarios/parts/job_body.hpp"

namespace skerry::joint_inference {

using role::Job;
using role::JobResult;

namespace {

/// A model's scores of some examples: [size x outputs], valid until the next use of the tape.
std::span<const float> score(const parts::ModelSource& model, const role::PayloadRef& parameters,
                             std::span<const float> inputs, std::size_t size,
                             Workspace& workspace) {
  const Learner& learner = model.learner();
  const Payload held = parameters.payload();
  return learner
      .predict(held.at("model").f32(), {.size = size, .inputs = inputs}, workspace.tape(learner))
      .scores;
}

}  // namespace

Jobs::Jobs(const Config& config, const role::ParadigmContext& context,
           const parts::ModelSource& edge, const parts::ModelSource& cloud,
           const parts::Requests& requests, const parts::ExampleFormat& examples)
    : miner_(context.registry.make(config.mine)),
      edge_(edge),
      cloud_(cloud),
      requests_(requests),
      examples_(examples),
      cloud_evaluator_(cloud.learner(), context.data, nullptr),
      edges_(context.edges),
      width_(context.data.schema().input_size()),
      prediction_(parts::prediction_record(context.data.schema().classes)) {}

Inference Jobs::judge(std::span<const float> scores, const StreamKey& key) const {
  const std::vector<float> probabilities = class_probabilities(scores);
  const float hard = miner_->score({.probabilities = probabilities}, key.stream("mine"));
  return {.label = best_class(scores), .truth = -1, .score = hard};
}

role::Content Jobs::prediction(std::span<const float> scores) const {
  Payload made;
  std::ranges::copy(scores, made.add(prediction_).f32().begin());
  return {std::move(made), {}};
}

JobResult Jobs::run_infer(const Job& job, Workspace& workspace) const {
  const View view = requests_.view(job.node, workspace.rows("view"));
  const std::uint32_t row = view.rows[parts::body_of<InferBody>(job).row];
  const auto inputs = workspace.floats("joint/inputs", width_);
  view.samples->inputs({&row, 1}, inputs);
  Inference own = judge(score(edge_, job.inputs[0], inputs, 1, workspace), job.key);
  view.samples->labels({&row, 1}, {&own.truth, 1});
  JobResult result;
  result.outputs.push_back({examples_.write(*view.samples, row, inputs), {}});
  result.report = to_bytes(own);
  return result;
}

JobResult Jobs::run_on_request(const Job& job, Workspace& workspace) const {
  const auto inputs = workspace.floats("joint/inputs", width_);
  examples_.read(job.inputs[1].payload(), inputs);
  JobResult result;
  if (!std::ranges::all_of(inputs, [](float value) { return std::isfinite(value); })) {
    Payload nothing;
    nothing.add(prediction_);
    result.outputs.push_back({std::move(nothing), {}});
    result.report = to_bytes(Inference{.label = -1, .truth = -1});
    return result;
  }
  const auto scores = score(edge_, job.inputs[0], inputs, 1, workspace);
  result.outputs.push_back(prediction(scores));
  result.report = to_bytes(judge(scores, job.key));
  return result;
}

JobResult Jobs::run_on_cloud(const Job& job, Workspace& workspace) const {
  const auto scored = parts::body_of<BatchBody>(job).scored;
  const std::size_t size = job.inputs.size() - 1;
  const std::size_t outputs = cloud_.learner().outputs();
  const auto inputs = workspace.floats("joint/inputs", size * width_);
  for (std::size_t i = 0; i < size; ++i) {
    examples_.read(job.inputs[1 + i].payload(), inputs.subspan(i * width_, width_));
  }
  const auto scores = score(cloud_, job.inputs[0], inputs, size, workspace);
  std::vector<std::int32_t> labels;
  for (std::size_t i = 0; i < size; ++i) {
    labels.push_back(best_class(scores.subspan(i * outputs, outputs)));
  }
  JobResult result;
  for (const std::size_t i : scored) {
    result.outputs.push_back(prediction(scores.subspan(i * outputs, outputs)));
  }
  result.report = to_bytes(labels);
  return result;
}

JobResult Jobs::run_reference(const Job& job, Workspace& workspace) const {
  const Payload model = job.inputs[0].payload();
  Reference reference;
  for (std::uint32_t k = 0; k < edges_; ++k) {
    const NodeId edge = NodeId::edge(k);
    const View view = requests_.view(edge, workspace.rows("view"));
    const std::uint32_t count = requests_.count(edge);
    std::vector<std::uint32_t> rows;
    for (std::uint32_t i = 0; i < count; ++i) rows.push_back(view.rows[requests_.row(edge, i)]);
    const auto found =
        cloud_evaluator_.measure(model.at("model").f32(), {view.samples, rows}, workspace);
    reference.correct.push_back(
        static_cast<std::uint64_t>(std::llround(found.accuracy * static_cast<double>(count))));
    reference.requests.push_back(count);
  }
  return {{}, to_bytes(reference)};
}

JobResult Jobs::run_export(const Job& job) const {
  Payload both;
  both.add(job.inputs[0].payload().share("model"));
  const Payload second = job.inputs[1].payload();
  const auto trained = second.at("model").f32();
  std::ranges::copy(trained, both.add({"cloud_model", cloud_.learner().layout()}).f32().begin());
  JobResult result;
  result.outputs.push_back({std::move(both), {}});
  return result;
}

role::JobKind Jobs::reference() const {
  return {.name = "reference", .run = [this](const Job& job, Workspace& workspace) {
            return run_reference(job, workspace);
          }};
}

role::JobKind Jobs::export_models() const {
  return {.name = "export",
          .reports = false,
          .shapes =
              [this](const Job&) {
                return role::OutputShapes{{{"model", edge_.learner().layout()},
                                           {"cloud_model", cloud_.learner().layout()}}};
              },
          .run = [this](const Job& job, Workspace&) { return run_export(job); }};
}

role::JobKind Jobs::infer() const {
  return {
      .name = "infer",
      .shapes =
          [this](const Job& job) {
            std::vector<std::uint32_t> scratch;
            const View view = requests_.view(job.node, scratch);
            return role::OutputShapes{examples_.shape(*view.samples)};
          },
      .work = [this](const Job&) { return parts::inference_work(edge_.learner(), 1); },
      .run = [this](const Job& job, Workspace& workspace) { return run_infer(job, workspace); }};
}

role::JobKind Jobs::infer_on_request() const {
  return {.name = "infer on request",
          .shapes = [this](const Job&) { return role::OutputShapes{{prediction_}}; },
          .work = [this](const Job&) { return parts::inference_work(edge_.learner(), 1); },
          .run = [this](const Job& job,
                        Workspace& workspace) { return run_on_request(job, workspace); }};
}

role::JobKind Jobs::infer_on_cloud() const {
  return {
      .name = "infer on the cloud",
      .shapes =
          [this](const Job& job) {
            const std::size_t scored = parts::body_of<BatchBody>(job).scored.size();
            return role::OutputShapes(scored, {prediction_});
          },
      .work =
          [this](const Job& job) {
            return parts::inference_work(cloud_.learner(), job.inputs.size() - 1);
          },
      .run = [this](const Job& job, Workspace& workspace) { return run_on_cloud(job, workspace); }};
}

}  // namespace skerry::joint_inference
