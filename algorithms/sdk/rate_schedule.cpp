#include "algorithms/sdk/rate_schedule.hpp"

#include "algorithms/sdk/elementary.hpp"

namespace skerry {

const Presets& RateSchedule::presets() {
  static const Presets all = [] {
    Presets named;
    for (const auto& [shape, name] : EnumNames<Shape>::names) {
      named.emplace_back(name, ConfigNode::Object{{"shape", std::string(name)}});
    }
    return named;
  }();
  return all;
}

void RateSchedule::check(FieldReader& reader) const {
  const bool steps = shape == Shape::kStep, decays = shape == Shape::kExponential;
  const bool cosine = shape == Shape::kCosine;
  if (steps && !step_size) reader.error("step_size", "is missing: after how many the rate falls");
  if (decays && !gamma) reader.error("gamma", "is missing: what the rate is multiplied by");
  if (step_size && !steps) reader.error("step_size", "means nothing without \"step\"");
  if (gamma && !steps && !decays) {
    reader.error("gamma", "means nothing without \"step\" or \"exponential\"");
  }
  if (total && !cosine) reader.error("total", "means nothing without \"cosine\"");
  if (floor && !cosine) reader.error("floor", "means nothing without \"cosine\"");
  if (total && *total <= warm_up) {
    reader.error("total", "is not above the warm-up, which takes " + std::to_string(warm_up));
  }
}

double RateSchedule::factor(std::uint64_t t, std::uint64_t end) const {
  if (t < warm_up) return static_cast<double>(t + 1) / (static_cast<double>(warm_up) + 1);
  const std::uint64_t s = t - warm_up;
  switch (shape) {
    case Shape::kConstant:
      return 1;
    case Shape::kStep:
      return powi_f64(gamma.value_or(0.1), s / step_size.value_or(1));
    case Shape::kExponential:
      return powi_f64(gamma.value_or(1), s);
    case Shape::kCosine:
      break;
  }
  const double lowest = floor.value_or(0);
  const std::uint64_t last = total ? *total : end;
  if (t >= last) return lowest;
  const double share = static_cast<double>(s) / static_cast<double>(last - warm_up);
  return lowest + (1 - lowest) * (1 + sine_cosine_turns(share / 2).cosine) / 2;
}

}  // namespace skerry
