#include "algorithms/sdk/local_loop.hpp"

#include <algorithm>
#include <bit>
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

  DrawnBatch next() {
    if (position_ == order_.size()) {
      random_.shuffle(std::span(order_));
      position_ = 0;
    }
    const auto rows = coming();
    position_ += rows.size();
    const DrawnBatch batch{workspace_.gather("local_loop", *view_.samples, rows), rows};
    view_.samples->prefetch(coming());
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

/// The sum of affine terms, added in the order they came. A single one keeps its bits.
class AffineSum {
 public:
  const AffineTerm& value() const { return sum_; }

  void add(const AffineTerm& next) {
    if (next.empty()) return;
    if (sum_.empty()) {
      sum_ = next;
      return;
    }
    if (sum_.scales.empty() && next.scales.empty()) {
      sum_.scale += next.scale;
    } else {
      scales_.resize(std::max(sum_.scales.size(), next.scales.size()));
      for (std::size_t i = 0; i < scales_.size(); ++i) {
        scales_[i] = sum_.scale_of(i) + next.scale_of(i);
      }
      sum_.scale = 0;
      sum_.scales = scales_;
    }
    if (sum_.offset.empty() || next.offset.empty()) {
      if (sum_.offset.empty()) sum_.offset = next.offset;
      return;
    }
    offset_.resize(next.offset.size());
    for (std::size_t i = 0; i < offset_.size(); ++i) offset_[i] = sum_.offset[i] + next.offset[i];
    sum_.offset = offset_;
  }

 private:
  AffineTerm sum_;
  std::vector<float> scales_, offset_;  // the values of sum_ that are sums
};

/// One thing that happens to a gradient: neighbouring affine terms as one, or a term of another
/// kind.
struct Stage {
  AffineSum affine;
  StepTerm* term = nullptr;
};

std::vector<Stage> stages_of(std::span<StepTerm* const> terms, std::size_t parameters) {
  std::vector<Stage> stages;
  for (StepTerm* term : terms) {
    const auto affine = term->affine();
    if (!affine) {
      stages.emplace_back().term = term;
      continue;
    }
    SKERRY_CHECK(affine->fits(parameters), "a term has one value a parameter");
    if (stages.empty() || stages.back().term != nullptr) stages.emplace_back();
    stages.back().affine.add(*affine);
  }
  return stages;
}

/// The last affine term of a step: the weight decay of a plain optimiser.
void add_decay(float decay, std::vector<Stage>& stages) {
  if (decay == 0) return;
  if (stages.empty() || stages.back().term != nullptr) stages.emplace_back();
  stages.back().affine.add({.scale = decay});
}

SKERRY_FMA_LOOP void step_plainly(float rate, std::span<const float> gradient,
                                  std::span<float> parameters) {
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    parameters[i] = std::fma(-rate, gradient[i], parameters[i]);
  }
}

/// Where a training leaves its result [P], and what is subtracted from it ([P], or empty).
struct Result {
  std::span<float> values;
  std::span<const float> origin;
};

/// One training: what its two paths share.
class Training {
 public:
  Training(TrainContext& context, std::span<StepTerm* const> terms)
      : context_(context),
        terms_(terms),
        stages_(stages_of(terms, context.learner.layout()->size())),
        plain_rate_(context.optimizer.plain_rate()),
        learnt_(context.learner.layout()->size(Group::kShared)),
        batches_(context.data, context.settings, context.key.stream("batches"), context.workspace) {
    if (plain_rate_) add_decay(context.optimizer.plain_decay(), stages_);
  }

  /// Null where a term, the optimiser or the learner has no fused path.
  FusedSgd* fused() const {
    const bool affine = stages_.empty() || (stages_.size() == 1 && !stages_[0].term);
    if (!affine || !plain_rate_) return nullptr;
    return context_.workspace.fused(context_.learner);
  }

  /// Both return the sum of the steps' losses.
  double run_fused(FusedSgd& fused, std::uint64_t steps, std::span<const float> start,
                   const Result& result) {
    double loss = 0;
    fused.load(start, stages_.empty() ? AffineTerm{} : stages_[0].affine.value());
    for (std::uint64_t step = 0; step < steps; ++step) {
      const DrawnBatch drawn = batches_.next();
      const float rate = *plain_rate_ * context_.settings.scale_at(step, steps);
      loss += fused.step(changed(drawn, {}, step), rate, context_.workspace);
    }
    fused.store(result.values, result.origin);
    return loss;
  }

  double run_plain(std::uint64_t steps, std::span<float> parameters) {
    Workspace& workspace = context_.workspace;
    const std::size_t size = context_.optimizer.moments() * learnt_;
    const auto moments = workspace.floats("local_loop/moments", size);
    std::fill(moments.begin(), moments.end(), 0.0f);
    OptimizerState state{0, moments, 1};
    double loss = 0;
    for (std::uint64_t step = 0; step < steps; ++step) {
      state.rate_scale = context_.settings.scale_at(step, steps);
      loss += plain_step(parameters, state);
    }
    return loss;
  }

 private:
  /// The batch as the terms leave it.
  Batch changed(const DrawnBatch& drawn, std::span<const float> parameters, std::uint64_t step) {
    Batch batch = drawn;
    BatchContext at{context_.learner, drawn, batch, parameters, step, context_.workspace};
    for (StepTerm* term : terms_) term->batch(at);
    return batch;
  }

  double plain_step(std::span<float> parameters, OptimizerState& state) {
    const Learner& learner = context_.learner;
    Workspace& workspace = context_.workspace;
    Tape& tape = workspace.tape(learner);
    const DrawnBatch drawn = batches_.next();
    const Batch batch = changed(drawn, parameters, state.steps);
    const Outputs outputs = learner.forward(parameters, batch, Phase::kTrain, tape);
    const auto cotangent = workspace.floats("local_loop/cotangent", outputs.scores.size());
    const auto gradient = workspace.floats("local_loop/gradient", parameters.size());
    const double loss = learner.loss(outputs.scores, batch, cotangent);
    feature_cotangent_.clear();
    StepContext at{
        learner,  drawn,       batch,    parameters, outputs, cotangent, feature_cotangent_,
        gradient, state.steps, workspace};
    each_not_affine([&](StepTerm& term) { term.outputs(at); });
    learner.backward(parameters, {cotangent, feature_cotangent_}, tape, gradient, {});
    for (const Stage& stage : stages_) {
      stage.term ? stage.term->gradient(at)
                 : apply_affine(of_learnt(stage.affine.value()), parameters.first(learnt_),
                                gradient.first(learnt_));
    }
    if (plain_rate_) {
      step_plainly(*plain_rate_ * state.rate_scale, gradient.first(learnt_),
                   parameters.first(learnt_));
    } else {
      context_.optimizer.step(parameters.first(learnt_), gradient.first(learnt_), state);
    }
    learner.after_step(tape, parameters);
    ++state.steps;
    each_not_affine([&](StepTerm& term) { term.stepped(at); });
    return loss;
  }

  /// A term's part that acts on what is learnt: nothing else has a gradient, whatever a term adds.
  AffineTerm of_learnt(AffineTerm term) const {
    if (!term.offset.empty()) term.offset = term.offset.first(learnt_);
    if (!term.scales.empty()) term.scales = term.scales.first(learnt_);
    return term;
  }

  template <class Hook>
  void each_not_affine(const Hook& hook) {
    for (const Stage& stage : stages_) {
      if (stage.term) hook(*stage.term);
    }
  }

  TrainContext& context_;
  std::span<StepTerm* const> terms_;
  std::vector<Stage> stages_;
  std::optional<float> plain_rate_;  // where the optimiser is plain; its decay is in `stages_`
  std::size_t learnt_;               // values, the first of the parameters
  std::vector<float> feature_cotangent_;
  Batches batches_;
};

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
  for (std::size_t i = 0; i < out.size(); ++i) {
    const bool same =
        std::bit_cast<std::uint32_t>(after[i]) == std::bit_cast<std::uint32_t>(before[i]);
    out[i] = same ? 0.0f : after[i] - before[i];
  }
}

namespace {

TrainReport train(TrainContext& context, std::span<StepTerm* const> terms,
                  std::span<const float> start, const Result& result) {
  TrainReport report{.samples = context.data.size(), .steps = 0, .loss = 0};
  report.steps = report.samples == 0 ? 0 : step_count(context.settings, report.samples);
  std::vector<StepTerm*> both;
  if (!context.terms.empty()) {
    both.assign(terms.begin(), terms.end());
    both.insert(both.end(), context.terms.begin(), context.terms.end());
    terms = both;
  }
  Training training(context, terms);
  FusedSgd* fused = training.fused();
  if (report.steps > 0 && fused != nullptr) {
    report.loss = training.run_fused(*fused, report.steps, start, result);
  } else {
    if (start.data() != result.values.data()) {
      std::copy(start.begin(), start.end(), result.values.begin());
    }
    report.loss = training.run_plain(report.steps, result.values);
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
