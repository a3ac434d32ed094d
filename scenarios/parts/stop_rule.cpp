#include "scenarios/parts/stop_rule.hpp"

#include <algorithm>

namespace skerry::parts {

void StopCondition::check(FieldReader& reader) const {
  const int kinds =
      rounds.has_value() + metric.has_value() + virtual_time.has_value() + bytes.has_value();
  if (kinds != 1) {
    reader.error("", "says exactly one of \"rounds\", \"metric\", \"virtual_time\" and \"bytes\"");
  }
  const int limits = at_least.has_value() + at_most.has_value();
  if (metric && limits != 1) {
    reader.error("metric", "needs one of \"at_least\" and \"at_most\"");
  }
  if (!metric && limits != 0) {
    reader.error("", "\"at_least\" and \"at_most\" belong to a \"metric\"");
  }
}

void StopConfig::check(FieldReader& reader) const {
  if (any.empty() && all.empty()) {
    reader.error("", "the run would never end: give conditions under \"any\" or \"all\"");
  }
}

namespace {

std::optional<std::string> met(const StopCondition& condition, const Progress& progress,
                               SimTime now) {
  if (condition.rounds && progress.rounds >= *condition.rounds) {
    return std::to_string(*condition.rounds) + " rounds";
  }
  if (condition.virtual_time && now.since_start() >= *condition.virtual_time) {
    return "time limit " + to_string(*condition.virtual_time);
  }
  if (condition.bytes && progress.bytes >= condition.bytes->count) {
    return "byte limit " + quantity_text(*condition.bytes);
  }
  if (condition.metric) {
    const auto value = progress.metrics.find(*condition.metric);
    if (value == progress.metrics.end()) return std::nullopt;
    const bool reached = (condition.at_least && value->second >= *condition.at_least) ||
                         (condition.at_most && value->second <= *condition.at_most);
    if (reached) {
      const double limit = condition.at_least ? *condition.at_least : *condition.at_most;
      return *condition.metric + (condition.at_least ? " >= " : " <= ") + ConfigNode(limit).text();
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> stop_reason(const StopConfig& stop, const Progress& progress,
                                       SimTime now) {
  for (const StopCondition& condition : stop.any) {
    if (auto reason = met(condition, progress, now)) return reason;
  }
  if (stop.all.empty()) return std::nullopt;
  std::string reasons;
  for (const StopCondition& condition : stop.all) {
    const auto reason = met(condition, progress, now);
    if (!reason) return std::nullopt;
    reasons += (reasons.empty() ? "" : " and ") + *reason;
  }
  return reasons;
}

bool steers(const StopConfig& stop, std::string_view metric_prefix) {
  const auto names = [metric_prefix](const StopCondition& condition) {
    return condition.metric && condition.metric->starts_with(metric_prefix);
  };
  return std::any_of(stop.any.begin(), stop.any.end(), names) ||
         std::any_of(stop.all.begin(), stop.all.end(), names);
}

bool ends_in_time(const StopConfig& stop) {
  const auto timed = [](const StopCondition& one) { return one.virtual_time.has_value(); };
  return std::any_of(stop.any.begin(), stop.any.end(), timed) ||
         (!stop.all.empty() && std::all_of(stop.all.begin(), stop.all.end(), timed));
}

bool ends_without_progress(const StopConfig& stop) {
  const auto sure = [](const StopCondition& one) { return !one.metric.has_value(); };
  return std::any_of(stop.any.begin(), stop.any.end(), sure) ||
         (!stop.all.empty() && std::all_of(stop.all.begin(), stop.all.end(), sure));
}

std::optional<SimTime> time_limit(const StopConfig& stop) {
  std::optional<SimTime> first;
  for (const auto* list : {&stop.any, &stop.all}) {
    for (const StopCondition& condition : *list) {
      if (!condition.virtual_time) continue;
      const SimTime at = SimTime::at(*condition.virtual_time);
      if (!first || at < *first) first = at;
    }
  }
  return first;
}

}  // namespace skerry::parts
