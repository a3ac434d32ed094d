#include "scenarios/incremental/config.hpp"

namespace skerry::incremental {

void InitialConfig::check(FieldReader& reader) const {
  if (train && !file.empty()) reader.error("", "says \"train\" or \"file\", not both");
}

namespace {

/// Whether some condition of the tree waits for a detector.
bool waits_for_drift(const parts::TriggerConfig& tree) {
  if (tree.drift) return true;
  for (const auto* list : {&tree.all, &tree.any, &tree.none}) {
    for (const auto& one : *list) {
      if (waits_for_drift(one)) return true;
    }
  }
  return false;
}

}  // namespace

void Config::check(FieldReader& reader) const {
  if (check_every <= Duration()) reader.error("check", "must be more than 0 s");
  if (!parts::minutes_of(begins_at)) reader.error("begins_at", "is no time of day like \"08:30\"");
  if (until && *until <= Duration()) reader.error("until", "must be more than 0 s");
  const bool waits = waits_for_drift(trigger);
  if (waits && !detect.chosen()) {
    reader.error("trigger", "waits for drift, and nothing detects one: say \"detect\"");
  }
  if (!waits && detect.chosen()) {
    reader.error("detect", "has no effect: no condition of the trigger waits for drift");
  }
  if (train.who == Who::kDrifted && (!train.federated || !waits)) {
    reader.error("train",
                 "has \"who\" drifted: that goes with \"federated\" and a trigger that "
                 "waits for drift");
  }
  if (serve.sample == 0) {
    reader.error("serve", "has \"sample\" 0: there would be nothing to judge new models by");
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
