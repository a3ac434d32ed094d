#include "scenarios/parts/evaluation.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "scenarios/parts/job_body.hpp"

namespace skerry::parts {

bool plausible(const Evaluation& evaluation) {
  return std::isfinite(evaluation.loss) && evaluation.accuracy >= 0 && evaluation.accuracy <= 1 &&
         std::isfinite(evaluation.personal_loss.value_or(0)) &&
         evaluation.personal_accuracy.value_or(0) >= 0 &&
         evaluation.personal_accuracy.value_or(0) <= 1;
}

role::Work inference_work(const Learner& learner, std::size_t examples, std::size_t models) {
  const Cost cost = learner.cost(Phase::kInference, examples);
  const auto times = static_cast<double>(models);
  return {.phase = Phase::kInference,
          .samples = examples * models,
          .batch_size = static_cast<std::uint32_t>(examples),
          .flops = times * cost.flops,
          .bytes = times * cost.bytes};
}

namespace {

struct Score {
  double loss = 0;  // of all examples together
  double correct = 0;
};

/// Loss and number of right answers of one batch, whose scores [B x O] `predict` gives.
template <class Predict>
Score score(const Learner& learner, const View& view, Workspace& workspace,
            const Predict& predict) {
  const Batch batch = workspace.gather("evaluation", *view.samples, view.rows);
  const std::span<const float> scores = predict(batch, workspace);
  Score score{.loss = learner.loss(scores, batch, {}) * static_cast<double>(view.size())};
  for (std::size_t i = 0; i < batch.labels.size(); ++i) {
    const auto row = scores.subspan(i * learner.outputs(), learner.outputs());
    score.correct += best_class(row) == batch.labels[i] ? 1 : 0;
  }
  return score;
}

template <class Predict>
Evaluation measured(const Learner& learner, const View& view, Workspace& workspace,
                    const Predict& predict) {
  constexpr std::size_t kBatch = Evaluator::kBatch;
  std::vector<Score> scores((view.size() + kBatch - 1) / kBatch);
  workspace.each(scores.size(), [&](std::size_t i, Workspace& mine) {
    const std::size_t first = i * kBatch;
    const View batch{view.samples, view.rows.subspan(first, std::min(kBatch, view.size() - first))};
    scores[i] = score(learner, batch, mine, predict);
  });
  Evaluation evaluation{.samples = view.size()};
  for (const Score& one : scores) {
    evaluation.loss += one.loss;
    evaluation.accuracy += one.correct;
  }
  if (view.size() > 0) {
    evaluation.loss /= static_cast<double>(view.size());
    evaluation.accuracy /= static_cast<double>(view.size());
  }
  return evaluation;
}

}  // namespace

Evaluation Evaluator::measure(std::span<const float> parameters, const View& view,
                              Workspace& workspace) const {
  return measured(learner_, view, workspace, [&](const Batch& batch, Workspace& mine) {
    return learner_.predict(parameters, batch, mine.tape(learner_)).scores;
  });
}

/// How good the node's own answers are; nullopt if its method answers with the global model.
std::optional<Evaluation> Evaluator::measure_personal(const Payload& down, const Payload& state,
                                                      const View& view,
                                                      Workspace& workspace) const {
  const auto answers = [&](const Batch& batch, Workspace& mine) {
    const auto scores = mine.floats("evaluation/scores", batch.size * learner_.outputs());
    const Answerer answerer = method_->predict({.learner = learner_,
                                                .batch = batch,
                                                .down = down,
                                                .state = state,
                                                .scores = scores,
                                                .workspace = mine});
    return std::pair(answerer, std::span<const float>(scores));
  };
  if (view.size() == 0) return std::nullopt;
  // One example shows whose model answers, so a method without personal models costs next to
  // nothing.
  Answerer answerer = Answerer::kGlobal;
  score(learner_, View{view.samples, view.rows.first(1)}, workspace,
        [&](const Batch& batch, Workspace& mine) {
          const auto [whose, scores] = answers(batch, mine);
          answerer = whose;
          return scores;
        });
  if (answerer == Answerer::kGlobal) return std::nullopt;
  return measured(learner_, view, workspace,
                  [&](const Batch& batch, Workspace& mine) { return answers(batch, mine).second; });
}

role::JobResult Evaluator::run_on_cloud(const role::Job& job, Workspace& workspace) const {
  const Split split = body_of<OnCloud>(job).split;
  const Payload down = job.inputs[0].payload();
  const View view = data_.view(NodeId::cloud(), split, workspace.rows("view"));
  const Evaluation evaluation = measure(down.at("model").f32(), view, workspace);
  const std::string prefix(to_string(split));
  role::Metrics metrics{{prefix + "/loss", evaluation.loss}};
  if (learner_.schema().classes > 0) {
    metrics.emplace_back(prefix + "/accuracy", evaluation.accuracy);
  }
  return {{}, to_bytes(metrics)};
}

void Evaluator::declare(role::Results& results) {
  for (const Split split : {Split::kTest, Split::kValidation}) {
    const std::string name(to_string(split));
    const std::string where = " in the cloud's " + name + " set";
    const bool headline = split == Split::kTest;
    results.metrics.push_back({.name = name + "/accuracy",
                               .label = name + " accuracy",
                               .unit = "share",
                               .meaning = "share of examples classified right" + where,
                               .better = role::Better::kHigher,
                               .headline = headline,
                               .most = 1});
    results.metrics.push_back({.name = name + "/loss",
                               .label = name + " loss",
                               .unit = "nats",
                               .meaning = "mean loss of an example" + where,
                               .better = role::Better::kLower,
                               .headline = headline});
  }
  results.sections.push_back({.title = "Learning curves",
                              .note = "",
                              .figures = {{.title = "Test accuracy",
                                           .y = "test accuracy",
                                           .lines = {{"test/accuracy", "", ""}},
                                           .x = "",
                                           .mark = ""},
                                          {.title = "Test loss",
                                           .y = "test loss",
                                           .lines = {{"test/loss", "", ""}},
                                           .x = "",
                                           .mark = ""}},
                              .columns = {}});
}

role::JobResult Evaluator::run_on_node(const role::Job& job, Workspace& workspace) const {
  const OnNode body = body_of<OnNode>(job);
  const Payload down = job.inputs[0].payload();
  const View view = data_.view(job.node, body.split, workspace.rows("view"));
  Evaluation evaluation = measure(down.at("model").f32(), view, workspace);
  if (body.personal && method_ != nullptr && job.inputs.size() > 1 && job.inputs[1]) {
    const Payload state = job.inputs[1].payload();
    if (const auto own = measure_personal(down, state, view, workspace)) {
      evaluation.personal_loss = own->loss;
      evaluation.personal_accuracy = own->accuracy;
    }
  }
  return {{}, to_bytes(evaluation)};
}

role::JobKind Evaluator::on_cloud() const {
  return {.name = "evaluate", .run = [this](const role::Job& job, Workspace& workspace) {
            return run_on_cloud(job, workspace);
          }};
}

role::JobKind Evaluator::on_node() const {
  return {.name = "evaluate on edge",
          .work =
              [this](const role::Job& job) {
                const OnNode body = body_of<OnNode>(job);
                const std::size_t samples = data_.size(job.node, body.split);
                const Cost all = learner_.cost(Phase::kInference, samples);
                return role::Work{
                    .phase = Phase::kInference,
                    .samples = samples,
                    .batch_size = static_cast<std::uint32_t>(std::min(samples, kBatch)),
                    .flops = all.flops,
                    .bytes = all.bytes,
                    .charged = body.charged};
              },
          .run = [this](const role::Job& job,
                        Workspace& workspace) { return run_on_node(job, workspace); }};
}

}  // namespace skerry::parts
