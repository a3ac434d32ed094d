#include "scenarios/parts/trigger_reach.hpp"

#include <algorithm>
#include <cstdint>
#include <vector>

namespace skerry::parts {

namespace {

constexpr std::int64_t kDay = 24 * 3600 * std::int64_t{1'000'000'000};

/// Whether some check comes at a time of day in [from, to).
bool comes_between(std::int64_t from, std::int64_t to, const TriggerChecks& checks) {
  const std::int64_t every = checks.every.count(), lasts = checks.lasts.count();
  std::int64_t midnight = -(checks.begins_at.count() % kDay);
  while (midnight + from < lasts) {
    const std::int64_t earliest = std::max(midnight + from, every);
    const std::int64_t check = (earliest - 1) / every * every + every;
    if (check >= lasts) return false;
    if (check < midnight + to) return true;
    midnight += std::max<std::int64_t>(1, (check - midnight - to) / kDay) * kDay;
  }
  return false;
}

/// One time of each part of the day that some check meets. No condition on the time of day changes
/// within a part.
std::vector<Duration> times_of_checks(const TriggerConfig& trigger, const TriggerChecks& checks) {
  std::vector<std::int64_t> borders = {0, kDay};
  for_each_condition(trigger, "", [&](const TriggerConfig& one, const std::string&) {
    if (!one.time_of_day) return;
    const TimeOfDay window(*one.time_of_day);
    borders.insert(borders.end(), {window.from().count(), window.to().count()});
  });
  std::sort(borders.begin(), borders.end());
  borders.erase(std::unique(borders.begin(), borders.end()), borders.end());
  std::vector<Duration> times;
  for (std::size_t i = 0; i + 1 < borders.size(); ++i) {
    if (!comes_between(borders[i], borders[i + 1], checks)) continue;
    times.push_back(Duration::nanoseconds(borders[i]));
  }
  return times;
}

/// What a condition may do at a check.
struct May {
  bool hold = true, fail = true;
};

May at_time(const TriggerConfig& condition, Duration time_of_day, const TriggerChecks& checks) {
  const auto all_of = [&](const std::vector<TriggerConfig>& list) {
    May may{.hold = true, .fail = false};
    for (const TriggerConfig& one : list) {
      const May of_one = at_time(one, time_of_day, checks);
      may = {may.hold && of_one.hold, may.fail || of_one.fail};
    }
    return may;
  };
  const auto any_of = [&](const std::vector<TriggerConfig>& list) {
    May may{.hold = false, .fail = true};
    for (const TriggerConfig& one : list) {
      const May of_one = at_time(one, time_of_day, checks);
      may = {may.hold || of_one.hold, may.fail && of_one.fail};
    }
    return may;
  };
  if (!condition.all.empty()) return all_of(condition.all);
  if (!condition.any.empty()) return any_of(condition.any);
  if (!condition.none.empty()) {
    const May any = any_of(condition.none);
    return {any.fail, any.hold};
  }
  if (condition.every) {
    return {.hold = *condition.every<checks.lasts, .fail = *condition.every> checks.every};
  }
  if (!condition.time_of_day) return {};
  const bool holds = TimeOfDay(*condition.time_of_day).holds(time_of_day);
  return {holds, !holds};
}

}  // namespace

void check_reach(const TriggerConfig& trigger, const TriggerChecks& checks,
                 const std::string& pointer, Problems& problems) {
  const auto times = times_of_checks(trigger, checks);
  const std::string of_checks = "check (they come every " + to_string(checks.every) + ", for " +
                                to_string(checks.lasts) + " at most)";
  std::vector<std::string> said;  // pointers, inner ones first
  for_each_condition(trigger, pointer, [&](const TriggerConfig& one, const std::string& where) {
    const std::string at = where + (one.every ? "/every" : one.time_of_day ? "/time_of_day" : "");
    if (one.every && *one.every < checks.every) {
      problems.add(at, "is " + to_string(*one.every) + ": it would hold at every " + of_checks);
    }
    const bool holds =
        std::ranges::any_of(times, [&](Duration time) { return at_time(one, time, checks).hold; });
    const bool inner = std::ranges::any_of(
        said, [&](const std::string& known) { return known.starts_with(where + "/"); });
    if (holds || inner) return;
    said.push_back(where);
    problems.add(at, "would hold at no " + of_checks);
  });
}

}  // namespace skerry::parts
