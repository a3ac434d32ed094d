#include "scenarios/parts/retraining.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "algorithms/sdk/local_loop.hpp"
#include "datasets/samples.hpp"
#include "scenarios/parts/evaluation.hpp"
#include "scenarios/parts/job_body.hpp"
#include "scenarios/parts/training.hpp"

namespace skerry::parts {

using role::Job;
using role::JobResult;

/// Which examples, of which input of the job.
struct Retraining::Body {
  struct Example {
    std::uint32_t input = 0, place = 0;
    std::int32_t label = 0;
    template <class A>
    void archive(A& a) {
      a(input, place, label);
    }
  };
  std::vector<Example> examples;
  bool from_scratch = false;
  template <class A>
  void archive(A& a) {
    a(examples, from_scratch);
  }
};

Retraining::Retraining(const TrainConfig& settings, const Choice<DeployRule>& rule,
                       const role::ParadigmContext& context, const Learner& learner,
                       const ExampleFormat& examples)
    : settings_(settings),
      optimizer_(context.registry.make(settings.optimizer)),
      rule_(context.registry.make(rule)),
      learner_(learner),
      examples_(examples),
      init_seed_(context.seeds.init) {}

Job Retraining::job(std::uint16_t kind, std::vector<role::PayloadRef> models,
                    const std::vector<LabelledExample>& examples, bool from_scratch) {
  Job job;
  job.kind = kind;
  job.inputs = std::move(models);
  Body body{.from_scratch = from_scratch};
  std::map<role::PayloadId, std::uint32_t> places;
  for (const LabelledExample& example : examples) {
    const auto next = static_cast<std::uint32_t>(job.inputs.size());
    const auto [place, fresh] = places.emplace(example.inputs.id(), next);
    if (fresh) job.inputs.push_back(example.inputs);
    body.examples.push_back({place->second, example.place, example.label});
  }
  job.body = to_bytes(body);
  return job;
}

namespace {

datasets::FloatSamples gather(const Job& job, const auto& examples, const ExampleFormat& format,
                              const DataSchema& schema) {
  const std::size_t size = schema.input_size();
  std::map<std::uint32_t, Payload> held;
  std::vector<float> inputs(examples.size() * size);
  std::vector<std::int32_t> labels;
  for (std::size_t i = 0; i < examples.size(); ++i) {
    const auto& example = examples[i];
    auto found = held.find(example.input);
    if (found == held.end()) {
      found = held.emplace(example.input, job.inputs[example.input].payload()).first;
    }
    format.read(found->second, example.place, std::span(inputs).subspan(i * size, size));
    labels.push_back(example.label);
  }
  return {schema, std::move(inputs), std::move(labels)};
}

std::vector<std::uint32_t> all_rows(const Samples& samples) {
  std::vector<std::uint32_t> rows(samples.size());
  std::iota(rows.begin(), rows.end(), 0u);
  return rows;
}

std::uint64_t hash_of(std::span<const float> values) {
  RunningHash hash;
  hash.add(std::as_bytes(values));
  return hash.value();
}

}  // namespace

JobResult Retraining::run_train(const Job& job, Workspace& workspace) const {
  const Body body = body_of<Body>(job);
  const auto samples = gather(job, body.examples, examples_, learner_.schema());
  const auto rows = all_rows(samples);
  Payload made;
  const auto parameters = made.add({"model", learner_.layout()}).f32();
  if (body.from_scratch) {
    learner_.initialise(RandomStream(init_seed_, "init"), parameters);
  } else {
    const Payload base = job.inputs[0].payload();
    std::ranges::copy(base.at("model").f32(), parameters.begin());
  }
  const Payload nothing;
  Payload state, up;
  TrainContext context{.learner = learner_,
                       .optimizer = *optimizer_,
                       .data = {&samples, rows},
                       .down = nothing,
                       .state = state,
                       .up = up,
                       .settings = settings_.settings(),
                       .key = job.key,
                       .workspace = workspace};
  const TrainReport report = local_loop(context, parameters);
  RunningHash data;
  std::vector<float> row(learner_.schema().input_size());
  for (std::uint32_t i = 0; i < samples.size(); ++i) {
    samples.inputs({&i, 1}, row);
    data.add(std::as_bytes(std::span(row)));
    data.add_value(body.examples[i].label);
  }
  Retrained retrained{hash_of(parameters), data.value(), report.loss};
  JobResult result;
  result.outputs.push_back({std::move(made), {}});
  result.report = to_bytes(retrained);
  return result;
}

namespace {

struct Outcomes {
  std::vector<std::uint8_t> right;
  std::vector<float> loss;
  Judged judged() const { return {right, loss}; }
};

Outcomes outcomes_of(const Learner& learner, std::span<const float> parameters,
                     const Samples& samples, Workspace& workspace) {
  constexpr float kWorst = 1e6f;  // in place of a loss that is no finite number
  BatchBuffer buffer;
  Outcomes outcomes;
  for (const std::uint32_t row : all_rows(samples)) {
    const Batch batch = buffer.fill(samples, {&row, 1});
    const Predictions said = learner.predict(parameters, batch, workspace.tape(learner));
    outcomes.right.push_back(said.label(0) == batch.labels[0] ? 1 : 0);
    const double loss = learner.loss(said.scores, batch, {});
    outcomes.loss.push_back(std::isfinite(loss) ? static_cast<float>(loss) : kWorst);
  }
  return outcomes;
}

}  // namespace

JobResult Retraining::run_compare(const Job& job, Workspace& workspace) const {
  const auto samples = gather(job, body_of<Body>(job).examples, examples_, learner_.schema());
  const Payload fresh = job.inputs[0].payload(), old = job.inputs[1].payload();
  const Outcomes candidate = outcomes_of(learner_, fresh.at("model").f32(), samples, workspace);
  const Outcomes deployed = outcomes_of(learner_, old.at("model").f32(), samples, workspace);
  const DeployVerdict verdict =
      rule_->judge({candidate.judged(), deployed.judged(), job.key.stream("deploy")});
  return {{},
          to_bytes(Compared{.deploy = verdict.deploy,
                            .why = verdict.why,
                            .examples = samples.size(),
                            .accuracy = candidate.judged().accuracy(),
                            .loss = candidate.judged().mean_loss(),
                            .deployed_accuracy = deployed.judged().accuracy(),
                            .deployed_loss = deployed.judged().mean_loss()})};
}

role::JobKind Retraining::train() const {
  return {
      .name = "retrain",
      .shapes =
          [this](const Job&) {
            return role::OutputShapes{{{"model", learner_.layout()}}};
          },
      .work =
          [this](const Job& job) {
            return training_work(learner_, settings_.settings(),
                                 body_of<Body>(job).examples.size());
          },
      .run = [this](const Job& job, Workspace& workspace) { return run_train(job, workspace); }};
}

role::JobKind Retraining::take_in() const {
  return {.name = "take a model in",
          .shapes =
              [this](const Job&) {
                return role::OutputShapes{{{"model", learner_.layout()}}};
              },
          .run =
              [](const Job& job, Workspace&) {
                const Payload held = job.inputs[0].payload();
                Payload model;
                model.add(held.share("model"));
                JobResult result;
                result.report = to_bytes(hash_of(held.at("model").f32()));
                result.outputs.push_back({std::move(model), {}});
                return result;
              }};
}

role::JobKind Retraining::compare() const {
  return {
      .name = "compare models",
      .work =
          [this](const Job& job) {
            return inference_work(learner_, body_of<Body>(job).examples.size(), 2);
          },
      .run = [this](const Job& job, Workspace& workspace) { return run_compare(job, workspace); }};
}

}  // namespace skerry::parts
