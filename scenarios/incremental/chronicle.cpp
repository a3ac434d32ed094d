#include "scenarios/incremental/chronicle.hpp"

#include <string>

namespace skerry::incremental {

namespace {

struct PhaseName {
  Phase phase;
  const char *metric, *label, *meaning;
};
constexpr PhaseName kPhases[] = {
    {Phase::kTraining, "turn/training_s", "training", "of the new model"},
    {Phase::kTrial, "turn/trial_s", "trial", "of the new model against the deployed one"},
    {Phase::kShadow, "turn/shadow_s", "shadow", "in which nobody saw the new model's answers"},
    {Phase::kCanary, "turn/canary_s", "canary", "in which some edges answered with the new model"},
    {Phase::kEveryone, "turn/everyone_s", "everyone",
     "in which all edges answered with the new model, and it could still go back"}};

/// The event that the end of a stage is; null where it is none.
const char* event_of(Turn turn) {
  switch (turn) {
    case Turn::kTriggered:
      return "event/training";
    case Turn::kTrainingFailed:
    case Turn::kEvaluationFailed:
      return "event/failed";
    case Turn::kRejected:
      return "event/rejected";
    case Turn::kDeployed:
      return "event/deployed";
    case Turn::kRolledBack:
      return "event/rolled_back";
    case Turn::kTrained:
    case Turn::kWorthwhile:
    case Turn::kDropped:
      break;
  }
  return nullptr;
}

}  // namespace

void Chronicle::turned(const Turned& turned, std::uint64_t step, SimTime now,
                       role::Effects& effects) {
  if (const char* event = event_of(turned.how)) {
    effects.metric(event, step, static_cast<double>(turned.number));
  }
  enter(turned.phase, turned.number, now, effects);
}

void Chronicle::enter(Phase phase, std::uint64_t number, SimTime now, role::Effects& effects) {
  if (phase == phase_) return;
  const double lasted = (now - since_).in_seconds();
  for (const PhaseName& name : kPhases) {
    if (name.phase == phase_) effects.metric(name.metric, {turn_, false}, lasted);
  }
  if (phase_ == Phase::kTraining) training_s_ += lasted;
  phase_ = phase;
  turn_ = number;
  since_ = now;
}

void Chronicle::serves(parts::ModelVersion before, parts::ModelVersion version) {
  if (const auto had = serving_.find(before); had != serving_.end()) {
    if (--had->second == 0) serving_.erase(had);
  }
  ++serving_[version];
}

void Chronicle::record(std::uint64_t step, SimTime now, role::Effects& effects) {
  const auto share = [&](parts::ModelVersion version, std::uint32_t edges) {
    effects.metric("edges/with_model", {version, false}, static_cast<double>(edges) / edges_);
  };
  for (const auto& [version, edges] : told_) {
    if (!serving_.contains(version)) share(version, 0);
  }
  for (const auto& [version, edges] : serving_) {
    const auto told = told_.find(version);
    if (told == told_.end() || told->second != edges) share(version, edges);
  }
  told_ = serving_;
  const std::uint32_t before = begun_;
  while (begun_ < borders_.size() && now >= borders_[begun_]) ++begun_;
  if (begun_ != before) effects.metric("event/drift", step, begun_);
  if (detections_ > 0) {
    effects.metric("event/detection", step, static_cast<double>(std::exchange(detections_, 0)));
  }
  effects.metric("turns/training_s", step, training_s_);
}

void Chronicle::declare(role::Results& results) {
  const auto event = [&](const char* name, const char* label, const char* meaning) {
    results.metrics.push_back(
        {.name = std::string("event/") + name, .label = label, .meaning = meaning});
  };
  event("drift", "drifts", "an experience has begun; how many have since the start");
  results.metrics.back().headline = true;
  event("detection", "detections", "drift was detected; how often since the last check");
  event("training", "training", "a training has begun; its number");
  event("failed", "failed", "a training or its trial has failed; the training's number");
  event("rejected", "rejected", "a new model was rejected; its training's number");
  event("deployed", "deployed", "a new model is deployed on all edges; its training's number");
  event("rolled_back", "rolled back", "a new model has gone again; its training's number");
  for (const PhaseName& phase : kPhases) {
    results.metrics.push_back(
        {.name = phase.metric,
         .label = phase.label,
         .unit = "s",
         .meaning = std::string("time ") + phase.meaning + "; its training's number is the step",
         .averaged = true,
         .step = "training"});
  }
  results.metrics.push_back({.name = "turns/training_s",
                             .label = "time of training",
                             .unit = "s",
                             .meaning = "from the beginning of a training to its end, all together",
                             .better = role::Better::kLower,
                             .cost = true});
  results.metrics.push_back({.name = "edges/with_model",
                             .label = "edges with a model",
                             .unit = "share",
                             .meaning = "of all edges, that answer with the model whose number is "
                                        "the step; recorded where it has changed",
                             .most = 1,
                             .step = "model"});
}

}  // namespace skerry::incremental
