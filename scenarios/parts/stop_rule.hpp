#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "algorithms/sdk/fields.hpp"
#include "algorithms/sdk/time.hpp"
#include "scenarios/role/headway.hpp"

namespace skerry::parts {

/// One condition; exactly one kind of key is given.
struct StopCondition {
  std::optional<std::uint32_t> rounds;
  std::optional<std::string> metric;
  std::optional<double> at_least;
  std::optional<double> at_most;
  std::optional<Duration> virtual_time;
  std::optional<Bytes> bytes;

  template <class V>
  void fields(V& v) {
    v("rounds", rounds, {.meaning = "after this many rounds (model versions)", .min = 1});
    v("metric", metric, {.meaning = "name of a metric, like test/accuracy"});
    v("at_least", at_least, {.meaning = "when the metric reaches this"});
    v("at_most", at_most, {.meaning = "when the metric falls to this"});
    v("virtual_time", virtual_time, {.meaning = "after this much time of the run"});
    v("bytes", bytes, {.meaning = "after this many encoded bytes over the cloud's links"});
  }
  template <class A>
  void archive(A& a) {
    a(rounds, metric, at_least, at_most, virtual_time, bytes);
  }
  void check(FieldReader& reader) const;
};

struct StopConfig {
  std::vector<StopCondition> any;
  std::vector<StopCondition> all;

  template <class V>
  void fields(V& v) {
    v("any", any, {.meaning = "stop when one of these holds"});
    v("all", all, {.meaning = "stop when all of these hold"});
  }
  template <class A>
  void archive(A& a) {
    a(any, all);
  }
  void check(FieldReader& reader) const;
};

/// How far a run has come.
struct Progress {
  std::uint32_t rounds = 0;
  std::uint64_t bytes = 0;
  std::map<std::string, double> metrics;  // last values
  template <class A>
  void archive(A& a) {
    a(rounds, bytes, metrics);
  }
};

/// Why the run is over, or nothing while it is not.
std::optional<std::string> stop_reason(const StopConfig& stop, const Progress& progress,
                                       SimTime now);
/// Whether a metric of that name can stop the run, so that rounds wait for it.
bool steers(const StopConfig& stop, std::string_view metric_prefix);
/// The first metric of that prefix that the rule waits for and that has no value; nothing where
/// there is none.
std::optional<std::string> unmeasured(const StopConfig& stop, std::string_view metric_prefix,
                                      const std::map<std::string, double>& metrics);
/// Whether time alone ends the run.
bool ends_in_time(const StopConfig& stop);
/// Whether rounds that change nothing end it too: it does not depend on a metric.
bool ends_without_progress(const StopConfig& stop);
/// The number of rounds after which the run is over at the latest, where the rule limits them.
std::optional<std::uint32_t> last_round(const StopConfig& stop);
/// The first moment at which a condition on time can become true.
std::optional<SimTime> time_limit(const StopConfig& stop);
/// The rule as the end of a sentence: "after 200 rounds, or when test/accuracy reaches 0.97".
std::string in_words(const StopConfig& stop);
/// How far a run under that rule has come: its round (of how many, where they are limited; else how
/// much of its time has passed), and the share of the way. Among the conditions under `any` the one
/// nearest to its end counts; among those under `all`, the one farthest from it. A target for a
/// metric has no share.
role::Headway headway(const StopConfig& stop, const role::Standing& standing);

}  // namespace skerry::parts
