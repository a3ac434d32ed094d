#include "algorithms/sdk/local_method.hpp"

#include <algorithm>

namespace skerry {

std::uint64_t step_count(const LocalSettings& settings, std::size_t samples) {
  if (settings.steps > 0) return settings.steps;
  if (samples == 0) return 0;
  const std::uint64_t batch = settings.batch_size == 0 ? samples : settings.batch_size;
  return settings.epochs * ((samples + batch - 1) / batch);
}

float sum_of_rates(const LocalSettings& settings, float rate, std::uint64_t steps) {
  if (settings.schedule.constant()) return static_cast<float>(steps) * rate * settings.rate_scale;
  double sum = 0;
  for (std::uint64_t step = 0; step < steps; ++step) {
    sum += double{rate} * double{settings.scale_at(step, steps)};
  }
  return static_cast<float>(sum);
}

RecordSpec delta_record(const LayoutRef& model) { return {"delta", model, Reduce::kMean}; }

MethodRecords LocalMethod::records(const LayoutRef& model, std::uint32_t) const {
  return {.down = {}, .state = {}, .up = {delta_record(model)}};
}

Answerer LocalMethod::predict(const PredictContext& context) const {
  const auto own = personal(context.state);
  const auto parameters = own.empty() ? context.down.at("model").f32() : own;
  const Outputs made = context.learner.forward(parameters, context.batch, Phase::kInference,
                                               context.workspace.tape(context.learner));
  const std::span<const float> scores = made.scores;
  SKERRY_CHECK(context.scores.size() == scores.size(), "one score an example and output");
  std::copy(scores.begin(), scores.end(), context.scores.begin());
  return own.empty() ? Answerer::kGlobal : Answerer::kPersonal;
}

}  // namespace skerry
