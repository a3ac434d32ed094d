#include "scenarios/incremental/config.hpp"

#include <algorithm>

namespace skerry::incremental {

void InitialConfig::check(FieldReader& reader) const {
  if (train && !file.empty()) reader.error("", "says \"train\" or \"file\", not both");
}

void Config::check(FieldReader& reader) const {
  if (check_every < Duration::milliseconds(1)) reader.error("check", "must be at least 1 ms");
  if (!parts::minutes_of(begins_at)) reader.error("begins_at", "is no time of day like \"08:30\"");
  if (until && *until <= Duration()) reader.error("until", "must be more than 0 s");
  if (serve.sample == 0) {
    reader.error("serve", "has \"sample\" 0: there would be nothing to judge new models by");
  }
}

namespace {

/// Whether some condition of the tree is as `what` says.
template <class What>
bool some(const parts::TriggerConfig& tree, const What& what) {
  if (what(tree)) return true;
  for (const auto* list : {&tree.all, &tree.any, &tree.none}) {
    for (const auto& one : *list) {
      if (some(one, what)) return true;
    }
  }
  return false;
}

/// Whether the rounds of a training end for certain.
bool ends(const parts::StopConfig& stop) {
  return std::ranges::any_of(stop.any, [](const auto& one) { return one.rounds.has_value(); }) ||
         (stop.any.empty() &&
          std::ranges::all_of(stop.all, [](const auto& one) { return one.rounds.has_value(); }));
}

}  // namespace

void check_use(const Config& config, Problems& problems) {
  const parts::TriggerConfig& trigger = config.trigger;
  const bool waits = some(trigger, [](const auto& one) { return one.drift.has_value(); });
  if (waits && !config.detect.chosen()) {
    problems.add("/trigger", "waits for drift, and nothing detects one: say \"detect\"");
  }
  if (!waits && config.detect.chosen()) {
    problems.add("/detect", "has no effect: no condition of the trigger waits for drift");
  }
  const bool counts = some(trigger, [](const auto& one) { return one.metric == "labels/left"; });
  if (counts && !config.labels.budget && !config.labels.most) {
    problems.add("/trigger",
                 "looks at labels/left, and there is no limit: say \"budget\" or "
                 "\"most\" of \"labels\"");
  }
  const RetrainConfig& train = config.train;
  if (train.who == Who::kDrifted && (!train.federated || !waits)) {
    problems.add("/train/who",
                 "is drifted: that goes with \"federated\" and a trigger that waits "
                 "for drift");
  }
  if (train.federated && !ends(train.federated->stop)) {
    problems.add("/train/federated/stop",
                 "has no \"rounds\" under \"any\": a training inside the loop has to end");
  }
  if (train.policy == parts::Policy::kWindow && !train.federated && train.window > train.kept) {
    problems.add("/train/window",
                 "is more than the " + std::to_string(train.kept) + " examples that are \"kept\"");
  }
}

std::vector<parts::TriggerMetric> trigger_metrics() {
  std::vector<parts::TriggerMetric> known;
  for (const char* name : {"samples/new", "samples/kept", "samples/judged", "samples/hard",
                           "labels/bought", "labels/left", "sampled/accuracy", "model/age_s"}) {
    known.push_back({.name = name});
  }
  known.push_back({.name = "edges/accuracy", .is_list = true});
  return known;
}

}  // namespace skerry::incremental
