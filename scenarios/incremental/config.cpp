#include "scenarios/incremental/config.hpp"

#include <algorithm>
#include <cmath>

#include "algorithms/sdk/printable.hpp"

namespace skerry::incremental {

void InitialConfig::check(FieldReader& reader) const {
  if (train && !file.empty()) reader.error("", "says \"train\" or \"file\", not both");
}

void Config::check(FieldReader& reader) const {
  if (check_every < Duration::milliseconds(1)) reader.error("check", "must be at least 1 ms");
  if (!parts::minutes_of(begins_at.value_or("00:00"))) {
    reader.error("begins_at", "is no time of day like \"08:30\"");
  }
  const bool looks = trigger.has([](const auto& one) { return one.time_of_day.has_value(); });
  if (begins_at && !looks) {
    reader.error("begins_at", "has no effect: no condition of the trigger is on the time of day");
  }
  if (until && *until <= Duration()) reader.error("until", "must be more than 0 s");
  if (serve.sample == 0) {
    reader.error("serve", "has \"sample\" 0: there would be nothing to judge new models by");
  }
}

namespace {

/// Whether the rounds of a training end for certain.
bool ends(const parts::StopConfig& stop) {
  return std::ranges::any_of(stop.any, [](const auto& one) { return one.rounds.has_value(); }) ||
         (stop.any.empty() &&
          std::ranges::all_of(stop.all, [](const auto& one) { return one.rounds.has_value(); }));
}

void check_trigger(const Config& config, std::uint32_t edges, Problems& problems) {
  parts::check_trigger(config.trigger, trigger_metrics(config, edges, {}), "/trigger", problems);
  const bool waits =
      config.trigger.has([](const auto& condition) { return condition.drift.has_value(); });
  if (waits && !config.detect.chosen()) {
    problems.add("/trigger", "waits for drift, and nothing detects one: say \"detect\"");
  }
  if (!waits && config.detect.chosen()) {
    problems.add("/detect", "has no effect: no condition of the trigger waits for drift");
  }
  if (config.train.who == Who::kDrifted && (!config.train.federated || !waits)) {
    problems.add("/train/who",
                 "is drifted: that goes with \"federated\" and a trigger that waits "
                 "for drift");
  }
  const bool counts = config.trigger.looks_at("labels/left");
  if (counts && !config.labels.budget && !config.labels.most) {
    problems.add("/trigger",
                 "looks at labels/left, and there is no limit: say \"budget\" or "
                 "\"most\" of \"labels\"");
  }
}

/// A training among the edges learns from what came to them, and not from what the cloud has.
void check_federated(const Config& config, Problems& problems) {
  const RetrainConfig& train = config.train;
  if (config.initial.train) {
    problems.add("/initial/train",
                 "is said already: beside \"federated\", the keys of \"train\" are those of the "
                 "first model's training");
  }
  if (!ends(train.federated->stop)) {
    problems.add("/train/federated/stop",
                 "has no \"rounds\" under \"any\": a training inside the loop has to end");
  }
}

/// A training on the cloud learns from what edges send it.
void check_on_cloud(const Config& config, const Registry& registry, Problems& problems) {
  const RetrainConfig& train = config.train;
  if (config.serve.sample >= 1) {
    problems.add("/serve/sample",
                 "is 1: models are judged by every example, and none is left to learn from");
  }
  if (train.policy == parts::Policy::kWindow && train.learns() > train.keeps()) {
    problems.add("/train/window", "is more than the " + std::to_string(train.keeps()) +
                                      " examples that are \"kept\"");
  }
  const float hardest = registry.make(config.serve.mine)->hardest();
  if (config.serve.hard_above() >= hardest) {
    problems.add("/serve/threshold", "is " + number_text(config.serve.threshold.value_or(0.5)) +
                                         ", and no score of \"" + config.serve.mine.name +
                                         "\" is above " +
                                         number_text(static_cast<double>(hardest)) +
                                         ": no example would come to be learnt from");
  }
}

}  // namespace

void check_use(const Config& config, const Registry& registry, std::uint32_t edges,
               Problems& problems) {
  if (config.rollout.hold > Duration() && config.rollout.hold <= config.labels.delay) {
    problems.add("/rollout/hold",
                 "is over before a label tells how a new model answers: labels "
                 "take " +
                     to_string(config.labels.delay));
  }
  check_trigger(config, edges, problems);
  const auto miner = registry.make(config.serve.mine);
  if (config.serve.threshold && miner->easiest() == miner->hardest()) {
    problems.add("/serve/threshold",
                 "has no effect: \"" + config.serve.mine.name + "\" scores all examples alike");
  }
  if (config.train.window && config.train.policy != parts::Policy::kWindow) {
    problems.add("/train/window", "has no effect: the policy is not \"window\"");
  }
  if (config.train.federated) {
    check_federated(config, problems);
  } else {
    check_on_cloud(config, registry, problems);
  }
}

std::uint64_t most_judged(const Config& config, std::uint64_t come) {
  const double mean = static_cast<double>(come) * config.serve.sample;
  const auto sampled = static_cast<std::uint64_t>(mean + 6 * std::sqrt(mean) + 6);
  return std::min({come, sampled, parts::limit_of(config.labels).value_or(come)});
}

std::vector<parts::TriggerMetric> trigger_metrics(const Config& config, std::uint32_t edges,
                                                  const RunLimits& limits) {
  const auto at_most = [](std::optional<std::uint64_t> one, std::optional<std::uint64_t> other) {
    if (!one || !other) return one ? one : other;
    return std::optional(std::min(*one, *other));
  };
  const auto number = [](std::optional<std::uint64_t> count) {
    return count ? std::optional(static_cast<double>(*count)) : std::nullopt;
  };
  const auto bought = parts::limit_of(config.labels);
  const auto labelled = at_most(bought, limits.examples);
  const auto kept = number(at_most(labelled, config.train.keeps()));
  const auto judged = limits.examples ? most_judged(config, *limits.examples)
                                      : bought.value_or(config.evaluate.examples);
  return {{.name = "samples/new", .most = kept},
          {.name = "samples/kept", .most = kept},
          {.name = "samples/judged",
           .most = number(std::min<std::uint64_t>(judged, config.evaluate.examples))},
          {.name = "samples/hard", .most = number(limits.examples)},
          {.name = "labels/bought", .most = number(labelled)},
          {.name = "labels/left", .most = number(bought)},
          {.name = "sampled/accuracy", .most = 1},
          {.name = "model/age_s",
           .most = limits.lasts ? std::optional(limits.lasts->in_seconds()) : std::nullopt},
          {.name = "edges/accuracy", .most = 1, .values = edges}};
}

}  // namespace skerry::incremental
