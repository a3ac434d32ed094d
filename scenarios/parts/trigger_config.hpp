#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "algorithms/sdk/drift_detector.hpp"
#include "algorithms/sdk/fields.hpp"
#include "algorithms/sdk/problems.hpp"
#include "algorithms/sdk/time.hpp"

namespace skerry::parts {

/// What a condition compares: the metric's present value, or its change since the trigger fired
/// last (before that, since the run began or the metric was first known).
enum class Compares : std::uint8_t { kValue, kChange };

/// One condition, or a tree of them. Exactly one kind of key is given:
///
///     {"all": [{"metric": "samples/new", "at_least": 500},
///              {"any": [{"time_of_day": ["22:00", "04:00"]}, {"command": "train"}]}]}
struct TriggerConfig {
  std::vector<TriggerConfig> all;
  std::vector<TriggerConfig> any;
  std::vector<TriggerConfig> none;
  std::optional<std::string> metric;
  std::optional<double> at_least;
  std::optional<double> at_most;
  std::optional<std::string> reduce;
  std::optional<Compares> compare;
  std::optional<std::vector<std::string>> time_of_day;
  std::optional<Duration> every;
  std::optional<Drift> drift;  // how sure the detector has to be
  std::optional<std::string> command;

  template <class V>
  void fields(V& v) {
    v("all", all, {.meaning = "holds where all of these conditions do"});
    v("any", any, {.meaning = "holds where one of these conditions does"});
    v("not", none, {.meaning = "holds where none of these conditions does"});
    v("metric", metric, {.meaning = "name of a metric, like samples/new"});
    v("at_least", at_least, {.meaning = "holds while the metric is at least this"});
    v("at_most", at_most, {.meaning = "holds while the metric is at most this"});
    v("reduce", reduce,
      {.meaning =
           "of a metric that is a list: \"mean\", \"min\", \"max\", or a position like \"[0]\""});
    v("compare", compare,
      {.meaning = "the metric's value, or its change since the trigger fired last"});
    v("time_of_day", time_of_day,
      {.meaning =
           "from and to, like [\"22:00\", \"04:00\"]: from the first minute up to the second"});
    v("every", every, {.meaning = "holds when this long has passed since the trigger fired last"});
    v("drift", drift,
      {.meaning = "holds when the detector has said so since the trigger fired last"});
    v("command", command, {.meaning = "holds when an operator has given this command since then"});
  }
  void check(FieldReader& reader) const;

  /// Whether some condition of the tree is as `what` says.
  template <class What>
  bool has(const What& what) const {
    for (const auto* list : {&all, &any, &none}) {
      for (const TriggerConfig& one : *list) {
        if (one.has(what)) return true;
      }
    }
    return what(*this);
  }
  bool looks_at(std::string_view name) const {
    return has([name](const TriggerConfig& condition) { return condition.metric == name; });
  }
};

/// Calls visit(condition, pointer) for every condition of the tree, itself included.
/// @param pointer  where the tree stands.
template <class Visit>
void for_each_condition(const TriggerConfig& tree, const std::string& pointer, const Visit& visit) {
  for (const auto& [list, key] : {std::pair(&tree.all, "/all/"), std::pair(&tree.any, "/any/"),
                                  std::pair(&tree.none, "/not/")}) {
    for (std::size_t i = 0; i < list->size(); ++i) {
      for_each_condition((*list)[i], pointer + key + std::to_string(i), visit);
    }
  }
  visit(tree, pointer);
}

/// A metric that conditions may name. It is never negative.
struct TriggerMetric {
  std::string name;
  std::optional<double> most;           // no value is higher
  std::optional<std::uint32_t> values;  // of a list (one a class, an edge, ...): how many
};

/// Reports what can be seen to be wrong: names that are no metric, a list without `reduce`, a
/// single number with it, conditions that can never hold. `pointer` is where the tree stands.
void check_trigger(const TriggerConfig& trigger, std::span<const TriggerMetric> known,
                   const std::string& pointer, Problems& problems);
/// Minutes since midnight of "HH:MM", or nothing.
std::optional<std::uint32_t> minutes_of(std::string_view text);
/// A `time_of_day` that check() found nothing wrong with.
class TimeOfDay {
 public:
  explicit TimeOfDay(const std::vector<std::string>& from_and_to);
  Duration from() const { return from_; }  // since midnight
  Duration to() const { return to_; }      // likewise; before from() if it spans midnight
  /// Whether a time since midnight lies in it.
  bool holds(Duration time) const {
    return from_ < to_ ? time >= from_ && time < to_ : time >= from_ || time < to_;
  }

 private:
  Duration from_, to_;
};
/// The position that "[3]" means, or nothing.
std::optional<std::uint32_t> position_of(std::string_view text);
/// Whether the tree can hold only after an operator's command.
bool needs_command(const TriggerConfig& trigger);
/// The commands of an operator that some condition of the tree waits for.
std::vector<std::string> commands_of(const TriggerConfig& trigger);
/// The tree as a sentence goes on: "samples/new is at least 500 and it is between 22:00 and 04:00".
std::string in_words(const TriggerConfig& trigger);

}  // namespace skerry::parts

namespace skerry {
template <>
struct EnumNames<parts::Compares> {
  static constexpr std::pair<parts::Compares, std::string_view> names[] = {
      {parts::Compares::kValue, "value"}, {parts::Compares::kChange, "change"}};
};
template <>
struct EnumNames<Drift> {
  static constexpr std::pair<Drift, std::string_view> names[] = {{Drift::kWarning, "warning"},
                                                                 {Drift::kDrift, "drift"}};
};
}  // namespace skerry
