#include "algorithms/sdk/local_loop.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "algorithms/sdk/dispatch.hpp"

namespace skerry {

namespace {

/// Shuffled mini-batches of a view, gathered into the worker's buffers.
class Batches {
 public:
  Batches(const View& view, const LocalSettings& settings, RandomStream random,
          Workspace& workspace)
      : view_(view),
        order_(workspace.rows("local_loop/order")),
        random_(random),
        workspace_(workspace),
        batch_size_(settings.batch_size == 0 ? view.size() : settings.batch_size),
        position_(view.size()) {
    order_.assign(view.rows.begin(), view.rows.end());
  }

  Batch next() {
    if (position_ == order_.size()) {
      random_.shuffle(std::span(order_));
      position_ = 0;
    }
    const auto rows = coming();
    const std::size_t size = rows.size();
    position_ += size;
    const Samples& samples = *view_.samples;
    const std::size_t width = samples.schema().input_size();
    const auto inputs = workspace_.floats("local_loop/inputs", size * width);
    samples.inputs(rows, inputs);
    Batch batch{.size = size, .inputs = inputs, .labels = {}, .weights = {}, .active = {}};
    if (samples.schema().classes > 0) {
      const auto labels = workspace_.labels(size);
      samples.labels(rows, labels);
      batch.labels = labels;
    }
    samples.prefetch(coming());
    return batch;
  }

  Workspace& workspace() const { return workspace_; }

 private:
  std::span<const std::uint32_t> coming() const {
    const std::size_t size = std::min(batch_size_, order_.size() - position_);
    return std::span<const std::uint32_t>(order_).subspan(position_, size);
  }

  const View& view_;
  std::vector<std::uint32_t>& order_;
  RandomStream random_;
  Workspace& workspace_;
  std::size_t batch_size_;
  std::size_t position_;
};

/// The sum of affine terms is affine only where at most one has an offset and at most one a scale;
/// others keep the plain path, which defines the bits.
std::optional<AffineTerm> joined(std::span<StepTerm* const> terms) {
  AffineTerm all;
  for (const StepTerm* term : terms) {
    const auto affine = term->affine();
    if (!affine) return std::nullopt;
    if (affine->empty()) continue;
    if (!all.empty()) return std::nullopt;
    all = *affine;
  }
  return all;
}

/// What a training leaves: where, and what is taken from it ([P], or empty).
struct Result {
  std::span<float> values;
  std::span<const float> origin;
};

double fused_loop(FusedSgd& fused, Batches& batches, std::uint64_t steps, float rate,
                  const AffineTerm& term, std::span<const float> start, const Result& result) {
  double loss = 0;
  fused.load(start, term);
  for (std::uint64_t step = 0; step < steps; ++step) {
    loss += fused.step(batches.next(), rate, batches.workspace());
  }
  fused.store(result.values, result.origin);
  return loss;
}

double plain_loop(TrainContext& context, Batches& batches, std::uint64_t steps,
                  std::span<StepTerm* const> terms, std::span<float> parameters) {
  const Learner& learner = context.learner;
  Workspace& workspace = context.workspace;
  Tape& tape = workspace.tape(learner);
  const auto gradient = workspace.floats("local_loop/gradient", parameters.size());
  const auto moments =
      workspace.floats("local_loop/moments", context.optimizer.moments() * parameters.size());
  std::fill(moments.begin(), moments.end(), 0.0f);
  OptimizerState state{0, moments, context.settings.rate_scale};
  double loss = 0;
  for (std::uint64_t step = 0; step < steps; ++step) {
    const Batch batch = batches.next();
    const auto scores = learner.forward(parameters, batch, Phase::kTrain, tape);
    const auto cotangent = workspace.floats("local_loop/cotangent", scores.size());
    loss += learner.loss(scores, batch, cotangent);
    StepContext at{learner, batch, parameters, scores, cotangent, gradient, step, workspace};
    for (StepTerm* term : terms) term->outputs(at);
    learner.backward(parameters, cotangent, tape, gradient, {});
    for (StepTerm* term : terms) {
      if (const auto affine = term->affine()) apply_affine(*affine, parameters, gradient);
      term->gradient(at);
    }
    context.optimizer.step(parameters, gradient, state);
    learner.after_step(tape, parameters);
    ++state.steps;
    for (StepTerm* term : terms) term->stepped(at);
  }
  return loss;
}

}  // namespace

SKERRY_FMA_LOOP void apply_affine(const AffineTerm& term, std::span<const float> parameters,
                                  std::span<float> gradient) {
  if (term.empty()) return;
  SKERRY_CHECK(term.fits(gradient.size()), "a term has one value a parameter");
  for (std::size_t i = 0; i < gradient.size(); ++i) {
    gradient[i] = std::fma(term.scale_of(i), parameters[i], gradient[i]);
    if (!term.offset.empty()) gradient[i] += term.offset[i];
  }
}

void subtract(std::span<const float> after, std::span<const float> before, std::span<float> out) {
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = after[i] - before[i];
}

namespace {

TrainReport train(TrainContext& context, std::span<StepTerm* const> terms,
                  std::span<const float> start, const Result& result) {
  TrainReport report{.samples = context.data.size(), .steps = 0, .loss = 0};
  report.steps = report.samples == 0 ? 0 : step_count(context.settings, report.samples);
  Batches batches(context.data, context.settings, context.key.stream("batches"), context.workspace);
  const auto affine = joined(terms);
  const auto rate = context.optimizer.plain_rate();
  FusedSgd* fused = affine && rate ? context.workspace.fused(context.learner) : nullptr;
  if (report.steps > 0 && fused != nullptr) {
    report.loss = fused_loop(*fused, batches, report.steps, *rate * context.settings.rate_scale,
                             *affine, start, result);
  } else {
    if (start.data() != result.values.data()) {
      std::copy(start.begin(), start.end(), result.values.begin());
    }
    report.loss = plain_loop(context, batches, report.steps, terms, result.values);
    if (!result.origin.empty()) subtract(result.values, result.origin, result.values);
  }
  if (report.steps > 0) report.loss /= static_cast<double>(report.steps);
  return report;
}

}  // namespace

TrainReport local_loop(TrainContext& context, std::span<float> parameters,
                       std::span<StepTerm* const> terms) {
  return train(context, terms, parameters, {parameters, {}});
}

TrainReport train_delta(TrainContext& context, std::span<StepTerm* const> terms) {
  const auto model = context.model();
  return train(context, terms, model, {context.up.open("delta").overwrite_f32(), model});
}

}  // namespace skerry
