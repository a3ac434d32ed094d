#include "scenarios/parts/trigger_config.hpp"

#include <algorithm>
#include <charconv>

#include "algorithms/sdk/printable.hpp"

namespace skerry::parts {

namespace {

/// A whole number of at most `digits` digits and nothing else.
std::optional<std::uint32_t> whole(std::string_view text, std::size_t digits) {
  std::uint32_t number = 0;
  const auto end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, number);
  if (text.empty() || text.size() > digits || read.ec != std::errc() || read.ptr != end) return {};
  return number;
}

bool is_reducer(const std::string& text) {
  return text == "mean" || text == "min" || text == "max" || position_of(text).has_value();
}

/// Reports a limit that the metric, or its change, cannot reach.
void check_limit(const TriggerConfig& condition, const TriggerMetric& metric,
                 const std::string& pointer, Problems& problems) {
  const bool change = condition.compare == Compares::kChange;
  const std::string what = (change ? "a change of " : "") + metric.name;
  if (condition.at_least && metric.most && *condition.at_least > *metric.most) {
    problems.add(pointer + "/at_least",
                 "can never hold: " + what + " is at most " + number_text(*metric.most));
  }
  const std::optional<double> least =
      change ? (metric.most ? std::optional(-*metric.most) : std::nullopt) : std::optional(0.0);
  if (condition.at_most && least && *condition.at_most < *least) {
    problems.add(pointer + "/at_most",
                 "can never hold: " + what + " is at least " + number_text(*least));
  }
  if (condition.at_least && least && *condition.at_least <= *least) {
    problems.add(pointer + "/at_least", "always holds, whatever " + what + " is");
  }
  if (condition.at_most && metric.most && *condition.at_most >= *metric.most) {
    problems.add(pointer + "/at_most", "always holds, whatever " + what + " is");
  }
}

/// Reports limits of one metric that exclude each other.
void check_together(const std::vector<TriggerConfig>& all, const std::string& pointer,
                    Problems& problems) {
  for (const TriggerConfig& low : all) {
    for (const TriggerConfig& high : all) {
      const bool same = low.metric && low.metric == high.metric && low.reduce == high.reduce &&
                        low.compare == high.compare;
      if (!same || !low.at_least || !high.at_most || *low.at_least <= *high.at_most) continue;
      problems.add(pointer + "/all",
                   "can never hold: " + *low.metric + " would have to be at least " +
                       number_text(*low.at_least) + " and at most " + number_text(*high.at_most));
    }
  }
}

void check_metric(const TriggerConfig& condition, std::span<const TriggerMetric> known,
                  const std::string& pointer, Problems& problems) {
  const std::string& name = *condition.metric;
  const auto metric = std::find_if(known.begin(), known.end(),
                                   [&](const TriggerMetric& one) { return one.name == name; });
  if (metric == known.end()) {
    std::vector<std::string> names;
    for (const TriggerMetric& one : known) names.push_back(one.name);
    return problems.add(pointer + "/metric",
                        "no metric \"" + name + "\" for a trigger" + choices(name, names));
  }
  check_limit(condition, *metric, pointer, problems);
  if (metric->values && !condition.reduce) {
    problems.add(pointer + "/metric", "\"" + name +
                                          "\" is a list of numbers: say with \"reduce\" which "
                                          "number of it is meant");
  }
  if (!condition.reduce) return;
  if (!metric->values) {
    return problems.add(pointer + "/reduce", "\"" + name + "\" is one number, not a list");
  }
  if (const auto position = position_of(*condition.reduce); position >= metric->values) {
    problems.add(pointer + "/reduce",
                 "\"" + name + "\" has " + std::to_string(*metric->values) + " values, from [0]");
  }
}

template <class Words>
std::string joined(const std::vector<TriggerConfig>& conditions, const char* between,
                   const Words& words) {
  std::string text;
  for (const TriggerConfig& one : conditions) {
    const bool nested = one.all.size() > 1 || one.any.size() > 1;
    text += (text.empty() ? "" : between) + (nested ? "(" + words(one) + ")" : words(one));
  }
  return text;
}

}  // namespace

std::optional<std::uint32_t> minutes_of(std::string_view text) {
  if (text.size() != 5 || text[2] != ':') return std::nullopt;
  const auto hours = whole(text.substr(0, 2), 2), minutes = whole(text.substr(3), 2);
  if (!hours || !minutes || *hours > 23 || *minutes > 59) return std::nullopt;
  return *hours * 60 + *minutes;
}

std::optional<std::uint32_t> position_of(std::string_view text) {
  if (text.size() < 3 || text.front() != '[' || text.back() != ']') return std::nullopt;
  return whole(text.substr(1, text.size() - 2), 9);
}

void TriggerConfig::check(FieldReader& reader) const {
  const int kinds = !all.empty() + !any.empty() + !none.empty() + metric.has_value() +
                    time_of_day.has_value() + every.has_value() + drift.has_value() +
                    command.has_value();
  if (kinds != 1) {
    reader.error("",
                 "says exactly one of \"all\", \"any\", \"not\", \"metric\", \"time_of_day\", "
                 "\"every\", \"drift\" and \"command\", and no empty list");
  }
  const int limits = at_least.has_value() + at_most.has_value();
  if (metric && limits != 1)
    reader.error("metric", "needs exactly one of \"at_least\" and \"at_most\"");
  if (!metric && (limits != 0 || reduce || compare)) {
    reader.error("",
                 "\"at_least\", \"at_most\", \"reduce\" and \"compare\" belong to a \"metric\"");
  }
  if (reduce && !is_reducer(*reduce)) {
    reader.error("reduce", "is none of \"mean\", \"min\", \"max\" and a position like \"[0]\"");
  }
  if (every && *every <= Duration()) reader.error("every", "must be longer than nothing");
  if (command && command->empty()) reader.error("command", "is empty");
  if (!time_of_day) return;
  const bool times =
      time_of_day->size() == 2 && minutes_of((*time_of_day)[0]) && minutes_of((*time_of_day)[1]);
  if (!times) {
    reader.error("time_of_day", "needs two times from \"00:00\" to \"23:59\": from and to");
  } else if ((*time_of_day)[0] == (*time_of_day)[1]) {
    reader.error("time_of_day", "begins when it ends: it would never hold");
  }
}

void check_trigger(const TriggerConfig& trigger, std::span<const TriggerMetric> known,
                   const std::string& pointer, Problems& problems) {
  for_each_condition(trigger, pointer, [&](const TriggerConfig& one, const std::string& where) {
    if (one.metric) check_metric(one, known, where, problems);
    check_together(one.all, where, problems);
  });
}

bool needs_command(const TriggerConfig& trigger) {
  if (!trigger.all.empty()) return std::ranges::any_of(trigger.all, needs_command);
  if (!trigger.any.empty()) return std::ranges::all_of(trigger.any, needs_command);
  return trigger.command.has_value();
}

TimeOfDay::TimeOfDay(const std::vector<std::string>& from_and_to)
    : from_(Duration::seconds(60) * *minutes_of(from_and_to.front())),
      to_(Duration::seconds(60) * *minutes_of(from_and_to.back())) {}

std::vector<std::string> commands_of(const TriggerConfig& trigger) {
  std::vector<std::string> commands;
  (void)trigger.has([&commands](const TriggerConfig& condition) {
    if (condition.command) commands.push_back(*condition.command);
    return false;
  });
  return commands;
}

std::string in_words(const TriggerConfig& trigger) {
  const auto words = [](const TriggerConfig& one) { return in_words(one); };
  if (!trigger.all.empty()) return joined(trigger.all, " and ", words);
  if (!trigger.any.empty()) return joined(trigger.any, " or ", words);
  if (!trigger.none.empty()) return "not (" + joined(trigger.none, " or ", words) + ")";
  if (trigger.every) return to_string(*trigger.every) + " have passed";
  if (trigger.drift) return *trigger.drift == Drift::kDrift ? "drift" : "a warning of drift";
  if (trigger.command) return "an operator says \"" + *trigger.command + "\"";
  if (trigger.time_of_day) {
    return "it is between " + trigger.time_of_day->front() + " and " + trigger.time_of_day->back();
  }
  if (!trigger.metric) return "never";
  std::string what = *trigger.metric;
  if (trigger.reduce) {
    what = position_of(*trigger.reduce) ? what + *trigger.reduce : *trigger.reduce + " of " + what;
  }
  if (trigger.compare == Compares::kChange) what = "the change of " + what;
  const bool least = trigger.at_least.has_value();
  return what + (least ? " is at least " : " is at most ") +
         ConfigNode(least ? *trigger.at_least : trigger.at_most.value_or(0)).text();
}

}  // namespace skerry::parts
