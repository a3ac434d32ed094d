#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "algorithms/sdk/deploy_rule.hpp"
#include "algorithms/sdk/fields.hpp"
#include "scenarios/parts/federation.hpp"
#include "scenarios/parts/labelled_examples.hpp"
#include "scenarios/parts/labelling.hpp"
#include "scenarios/parts/model_source.hpp"
#include "scenarios/parts/rollout.hpp"
#include "scenarios/parts/serving.hpp"
#include "scenarios/parts/trigger_config.hpp"

namespace skerry::incremental {

/// `initial` of a scenario: where the first model comes from.
struct InitialConfig {
  std::uint32_t experiences = 1;
  std::optional<parts::TrainConfig> train;
  FileContent file;

  template <class V>
  void fields(V& v) {
    v("experiences", experiences,
      {.meaning = "of the stream that are history: the first model is trained on them, and the run "
                  "begins when they are over"});
    v("train", train, {.meaning = "how it is trained; default: as `train` says"});
    v("file", file,
      {.meaning = "its parameters instead of training: .npz with PyTorch's names and shapes"});
  }
  void check(FieldReader& reader) const;
};

/// Who takes part in a federated training.
enum class Who : std::uint8_t { kAll, kDrifted };

/// `train` of a scenario: how a new model is trained.
struct RetrainConfig {
  parts::TrainConfig how;
  std::optional<parts::FederationConfig> federated;
  Who who = Who::kAll;
  parts::Policy policy = parts::Policy::kFineTune;
  std::optional<std::uint32_t> window;
  std::optional<std::uint32_t> kept;

  template <class V>
  void fields(V& v) {
    how.fields(v);
    v("federated", federated,
      {.meaning = "in rounds among the edges, each on what has come to it and with labels of its "
                  "own that cost nothing; default: on the cloud, on labelled examples"});
    v("who", who,
      {.meaning = "federated: all edges, or those where drift was seen since the last training"});
    v("policy", policy,
      {.meaning = "fine_tune: from the deployed model, on what was labelled since it was "
                  "trained (federated: on what came since it was installed); window: from it, on "
                  "the newest; cumulative: from it, on all that is kept; from_scratch: from fresh "
                  "parameters, on all that is kept"});
    v("window", window, {.meaning = "examples of the policy \"window\"; default: 1000", .min = 1});
    v("kept", kept,
      {.meaning = "labelled examples that the cloud keeps, the newest; default: 10000", .min = 1});
  }
  std::uint32_t learns() const { return window.value_or(1000); }
  std::uint32_t keeps() const { return kept.value_or(10'000); }
};

/// `evaluate` of a scenario: what a new model is tried on.
struct JudgeConfig {
  std::uint32_t examples = 500;
  double recovered_within = 0.02;

  template <class V>
  void fields(V& v) {
    v("examples", examples,
      {.meaning =
           "sampled and labelled ones, the newest, that a new model and the deployed one are "
           "compared on",
       .min = 1});
    v("recovered_within", recovered_within,
      {.meaning = "served accuracy has recovered from a drift once it is as good as before, less "
                  "this",
       .min = 0,
       .max = 1,
       .below_max = true});
  }
};

/// The keys of a scenario that belong to incremental learning.
struct Config {
  Choice<LearnerFactory> model;
  Choice<Loss> loss;
  InitialConfig initial;
  parts::ServeConfig serve;
  parts::LabellingConfig labels;
  Choice<DriftDetector> detect;
  Duration check_every = Duration::seconds(60);
  std::optional<std::string> begins_at;
  parts::TriggerConfig trigger;
  RetrainConfig train;
  JudgeConfig evaluate;
  Choice<DeployRule> deploy{.name = "threshold"};
  parts::RolloutConfig rollout;
  std::optional<Duration> until;

  template <class V>
  void fields(V& v) {
    v("model", model, {.meaning = "what answers", .required = true});
    v("loss", loss, {.meaning = "what training makes small; default: cross_entropy"});
    v("initial", initial, {.meaning = "where the first model comes from"});
    v("serve", serve, {.meaning = "how edges answer, and what they send"});
    v("labels", labels, {.meaning = "what it takes to learn the true class of an example"});
    v("detect", detect,
      {.meaning = "tells when what comes has changed: from labelled answers, on the cloud, or from "
                  "inputs, on each edge; default: nothing does"});
    v("check", check_every,
      {.meaning = "the cloud looks at the trigger and at new models this often"});
    v("begins_at", begins_at,
      {.meaning = "time of day at which the run begins, like \"08:30\"; default: \"00:00\""});
    v("trigger", trigger, {.meaning = "when a new model is trained", .required = true});
    v("train", train, {.meaning = "how it is trained", .required = true});
    v("evaluate", evaluate, {.meaning = "what it is tried on"});
    v("deploy", deploy, {.meaning = "whether it replaces the deployed one"});
    v("rollout", rollout, {.meaning = "how it comes to the edges"});
    v("until", until, {.meaning = "the run ends then; default: when the stream is over"});
  }
  void check(FieldReader& reader) const;

  /// Since midnight.
  Duration time_of_beginning() const {
    return Duration::seconds(60) * *parts::minutes_of(begins_at.value_or("00:00"));
  }
  /// How long labels, and edges that are away, are waited for once the stream is over.
  Duration grace() const { return std::max(check_every, serve.every) * 10; }
  /// Where the first model comes from, as the part for it says that.
  parts::ModelConfig first_model() const {
    const bool trained = initial.file.empty();
    return {model, loss, trained ? std::optional(initial.train.value_or(train.how)) : std::nullopt,
            initial.file};
  }
};

/// Reports keys that contradict each other, or could have no effect.
void check_use(const Config& config, const Registry& registry, std::uint32_t edges,
               Problems& problems);
/// Sampled and labelled answers that a run can have, if so many examples come to its edges. It has
/// more with a chance below 1e-6.
std::uint64_t most_judged(const Config& config, std::uint64_t come);
/// How far a run can go, once its data is known.
struct RunLimits {
  std::optional<std::uint64_t> examples;  // that come to edges
  std::optional<Duration> lasts;
};
/// Metrics that the trigger may name.
std::vector<parts::TriggerMetric> trigger_metrics(const Config& config, std::uint32_t edges,
                                                  const RunLimits& limits);

}  // namespace skerry::incremental

namespace skerry {
template <>
struct EnumNames<incremental::Who> {
  static constexpr std::pair<incremental::Who, std::string_view> names[] = {
      {incremental::Who::kAll, "all"}, {incremental::Who::kDrifted, "drifted"}};
};
}  // namespace skerry
