#include "scenarios/parts/trigger.hpp"

#include <algorithm>
#include <cmath>

namespace skerry::parts {

namespace {

/// The number that `reduce` makes of a metric; nothing where it makes none. Values of a list that
/// are not known (NaN) are left out.
std::optional<double> number_of(const std::vector<double>& values,
                                const std::optional<std::string>& reduce) {
  const auto known = [](double value) {
    return std::isnan(value) ? std::nullopt : std::optional(value);
  };
  const auto position = reduce ? position_of(*reduce) : std::optional<std::uint32_t>(0);
  if (position) return *position < values.size() ? known(values[*position]) : std::nullopt;
  double sum = 0, least = 0, most = 0;
  std::size_t count = 0;
  for (const double value : values) {
    if (std::isnan(value)) continue;
    least = count == 0 ? value : std::min(least, value);
    most = count == 0 ? value : std::max(most, value);
    sum += value;
    ++count;
  }
  if (count == 0) return std::nullopt;
  if (*reduce == "mean") return known(sum / static_cast<double>(count));
  return *reduce == "min" ? least : most;
}

std::optional<double> number_in(const TriggerValues& values, const TriggerConfig& condition) {
  const auto found = values.find(*condition.metric);
  if (found == values.end()) return std::nullopt;
  return number_of(found->second, condition.reduce);
}

/// What a condition looks at.
std::string key_of(const TriggerConfig& condition) {
  return *condition.metric + condition.reduce.value_or("");
}

}  // namespace

Trigger::Truth Trigger::of_metric(const TriggerConfig& condition, const Moment& moment) const {
  const auto number = number_in(moment.values, condition);
  if (!number) return Truth::kUnknown;
  double compared = *number;
  if (condition.compare == Compares::kChange) {
    const auto before = before_.find(key_of(condition));
    if (before == before_.end()) return Truth::kUnknown;
    compared -= before->second;
  }
  const bool holds = condition.at_least ? compared >= *condition.at_least
                                        : compared <= condition.at_most.value_or(0);
  return holds ? Truth::kYes : Truth::kNo;
}

Trigger::Truth Trigger::of(const TriggerConfig& condition, const Moment& moment) const {
  const auto yes_if = [](bool holds) { return holds ? Truth::kYes : Truth::kNo; };
  const auto most = [&](const std::vector<TriggerConfig>& list) {
    Truth truth = Truth::kNo;
    for (const TriggerConfig& one : list) truth = std::max(truth, of(one, moment));
    return truth;
  };
  if (!condition.all.empty()) {
    Truth truth = Truth::kYes;
    for (const TriggerConfig& one : condition.all) truth = std::min(truth, of(one, moment));
    return truth;
  }
  if (!condition.any.empty()) return most(condition.any);
  if (!condition.none.empty()) {
    const Truth truth = most(condition.none);
    return truth == Truth::kUnknown ? truth : yes_if(truth == Truth::kNo);
  }
  if (condition.metric) return of_metric(condition, moment);
  if (condition.every) return yes_if(moment.now - since_ >= *condition.every);
  if (condition.drift) return yes_if(drift_ >= *condition.drift);
  if (condition.command) {
    return yes_if(std::binary_search(commands_.begin(), commands_.end(), *condition.command));
  }
  if (!condition.time_of_day) return Truth::kNo;
  return yes_if(TimeOfDay(*condition.time_of_day).holds(moment.time_of_day));
}

bool Trigger::holds(const Moment& moment) const { return of(config_, moment) == Truth::kYes; }

void Trigger::fired(const Moment& moment) {
  since_ = moment.now;
  drift_ = Drift::kNone;
  commands_.clear();
  before_.clear();
  look(moment);
}

void Trigger::look(const Moment& moment) {
  for_each_condition(config_, "", [&](const TriggerConfig& one, const std::string&) {
    if (!one.metric || one.compare != Compares::kChange) return;
    if (const auto number = number_in(moment.values, one))
      before_.try_emplace(key_of(one), *number);
  });
}

void Trigger::detected(Drift said) { drift_ = std::max(drift_, said); }

bool Trigger::commanded(const std::string& command) {
  if (!config_.has([&](const TriggerConfig& one) { return one.command == command; })) return false;
  const auto place = std::lower_bound(commands_.begin(), commands_.end(), command);
  if (place == commands_.end() || *place != command) commands_.insert(place, command);
  return true;
}

}  // namespace skerry::parts
