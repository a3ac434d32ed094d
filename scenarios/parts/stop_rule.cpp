#include "scenarios/parts/stop_rule.hpp"

#include <algorithm>

#include "scenarios/parts/traffic.hpp"

namespace skerry::parts {

void StopCondition::check(FieldReader& reader) const {
  const int kinds =
      rounds.has_value() + metric.has_value() + virtual_time.has_value() + bytes.has_value();
  if (kinds != 1) {
    reader.error("", "says exactly one of \"rounds\", \"metric\", \"virtual_time\" and \"bytes\"");
  }
  const int limits = at_least.has_value() + at_most.has_value();
  if (metric && limits != 1) {
    reader.error("metric", "needs exactly one of \"at_least\" and \"at_most\"");
  }
  if (!metric && limits != 0) {
    reader.error("", "\"at_least\" and \"at_most\" belong to a \"metric\"");
  }
  if (virtual_time && *virtual_time <= Duration()) {
    reader.error("virtual_time", "must be more than 0 s");
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

std::optional<std::string> unmeasured(const StopConfig& stop, std::string_view metric_prefix,
                                      const std::map<std::string, double>& metrics) {
  for (const auto* list : {&stop.any, &stop.all}) {
    for (const StopCondition& condition : *list) {
      const auto& metric = condition.metric;
      if (metric && metric->starts_with(metric_prefix) && !metrics.contains(*metric)) {
        return metric;
      }
    }
  }
  return std::nullopt;
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

namespace {

std::string in_words(const StopCondition& condition) {
  if (condition.rounds) {
    return "after " + std::to_string(*condition.rounds) +
           (*condition.rounds == 1 ? " round" : " rounds");
  }
  if (condition.virtual_time) return "after " + to_string(*condition.virtual_time) + " of its time";
  if (condition.bytes)
    return "after " + quantity_text(*condition.bytes) + " over the cloud's links";
  const bool rises = condition.at_least.has_value();
  return "when " + condition.metric.value_or("") + (rises ? " reaches " : " falls to ") +
         ConfigNode(rises ? *condition.at_least : condition.at_most.value_or(0)).text();
}

std::string in_words(const std::vector<StopCondition>& conditions, const char* between) {
  std::string text;
  for (const StopCondition& condition : conditions) {
    text += (text.empty() ? "" : between) + in_words(condition);
  }
  return text;
}

/// The share of the way to one condition; nullopt if nobody can know.
std::optional<double> share_of(const StopCondition& condition, const role::Standing& standing) {
  const auto share = [](double done, double all) {
    return all > 0 ? std::clamp(done / all, 0.0, 1.0) : 1.0;
  };
  if (condition.rounds) return share(static_cast<double>(standing.step), *condition.rounds);
  if (condition.virtual_time) {
    return share(standing.now.in_seconds(), condition.virtual_time->in_seconds());
  }
  if (condition.bytes) {
    return share(Traffic::encoded(standing), static_cast<double>(condition.bytes->count));
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::uint32_t> last_round(const StopConfig& stop) {
  std::optional<std::uint32_t> last;
  for (const StopCondition& one : stop.any) {
    if (one.rounds && (!last || *one.rounds < *last)) last = one.rounds;
  }
  const auto counted = [](const StopCondition& one) { return one.rounds.has_value(); };
  if (stop.all.empty() || !std::all_of(stop.all.begin(), stop.all.end(), counted)) return last;
  std::uint32_t most = 0;
  for (const StopCondition& one : stop.all) most = std::max(most, *one.rounds);
  return last ? std::min(*last, most) : most;
}

std::string in_words(const StopConfig& stop) {
  const std::string any = in_words(stop.any, ", or ");
  const std::string all = in_words(stop.all, " and ");
  return any + (any.empty() || all.empty() ? "" : ", or ") + all;
}

role::Headway headway(const StopConfig& stop, const role::Standing& standing) {
  role::Headway headway{"round " + std::to_string(standing.step), {}};
  const auto last = last_round(stop);
  const auto until = time_limit(stop);
  if (last) {
    headway.words += "/" + std::to_string(*last);
  } else if (until) {
    headway.words += ", " + to_string(standing.now) + " of " + to_string(*until);
  }
  for (const StopCondition& condition : stop.any) {
    const auto share = share_of(condition, standing);
    if (share && share > headway.share) headway.share = share;
  }
  std::optional<double> farthest;
  for (const StopCondition& condition : stop.all) {
    const auto share = share_of(condition, standing);
    if (!share) return headway;
    farthest = std::min(farthest.value_or(1), *share);
  }
  if (farthest > headway.share) headway.share = farthest;
  return headway;
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
