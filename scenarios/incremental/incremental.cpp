#include "scenarios/incremental/incremental.hpp"

#include <algorithm>
#include <utility>

#include "algorithms/sdk/plugin.hpp"
#include "scenarios/incremental/cloud_role.hpp"
#include "scenarios/incremental/edge_role.hpp"
#include "scenarios/incremental/example.hpp"
#include "scenarios/incremental/results.hpp"
#include "scenarios/parts/facts.hpp"
#include "scenarios/parts/model_orders.hpp"
#include "scenarios/parts/outline.hpp"
#include "scenarios/parts/trigger_reach.hpp"

namespace skerry::incremental {

namespace {

bool looks_at_inputs(const Config& config, const Registry& registry) {
  if (!config.detect.chosen()) return false;
  return registry.make(config.detect)->traits().watches == DriftTraits::Watches::kInputs;
}

Duration end_of_stream(const datasets::NodeData& data) {
  const auto last = data.experiences(NodeId::cloud()).back();
  return last.begins + last.lasts;
}

/// Whether everything is history: whatever is answered comes from outside.
bool is_all_history(const Config& config, const datasets::NodeData& data) {
  return config.initial.experiences == data.experiences(NodeId::cloud()).size();
}

/// When the first experience begins that is no history; after the stream, if there is none.
Duration beginning(const Config& config, const datasets::NodeData& data) {
  if (is_all_history(config, data)) return end_of_stream(data) + Duration::nanoseconds(1);
  return data.experiences(NodeId::cloud())[config.initial.experiences].begins;
}

datasets::Slice history(const Config& config) {
  const std::uint32_t experiences = config.initial.experiences;
  return experiences == 0 ? datasets::Slice() : datasets::Slice::up_to(experiences - 1);
}

}  // namespace

Incremental::Incremental(const Config& config, const role::ParadigmContext& context,
                         std::unique_ptr<parts::ModelSource> first)
    : config_(config),
      registry_(context.registry),
      data_(context.data),
      seeds_(context.seeds),
      watches_inputs_(looks_at_inputs(config, context.registry)),
      begins_(beginning(config, context.data)),
      lasts_(std::max(end_of_stream(context.data) - begins_, Duration())),
      first_(std::move(first)),
      serving_(config.serve, context.registry, first_->learner(), context.data, detector(true)),
      self_check_(first_->learner(), context.data),
      retraining_(config.train.how, config.deploy, context, first_->learner(), serving_.examples()),
      kinds_{.prepare = jobs_.add(first_->prepare(
                 {.job = "prepare the first model", .init = "init", .of = history(config)})),
             .serve = jobs_.add(serving_.serve()),
             .answer = jobs_.add(serving_.answer()),
             .check = jobs_.add(self_check_.kind()),
             .retrain = jobs_.add(retraining_.train()),
             .compare = jobs_.add(retraining_.compare()),
             .take_in = jobs_.add(retraining_.take_in())} {
  if (!config.train.federated) return;
  federation_ = std::make_unique<parts::Federation>(*config.train.federated, context,
                                                    first_->learner(), parts::Channel(4), jobs_);
}

/// The detector, if it looks at inputs, on edges, or at labelled answers, on the cloud; else null.
const Choice<DriftDetector>* Incremental::detector(bool of_inputs) const {
  return config_.detect.chosen() && watches_inputs_ == of_inputs ? &config_.detect : nullptr;
}

parts::Harvest::Wiring Incremental::harvest() const {
  return {.serving = serving_,
          .reports = channel(),
          .labels = parts::Channel(3),
          .labelling = config_.labels,
          .limits = {config_.train.keeps(), config_.evaluate.examples},
          .detector = detector(false),
          .plugins = registry_,
          .seed = seeds_.sampling};
}

parts::EdgeService::Wiring Incremental::edge() const {
  return {.serving = serving_,
          .check = self_check_,
          .reports = channel(),
          .rollout = rollout_channel(),
          .clock = parts::Channel(2),
          .serve = kinds_.serve,
          .answer = kinds_.answer,
          .check_model = kinds_.check,
          .begins = begins_,
          .step = config_.check_every,
          .keeps = config_.train.federated ? config_.train.keeps() : 0};
}

std::vector<SimTime> Incremental::borders() const {
  std::vector<SimTime> borders;
  for (const auto& experience : data_.experiences(NodeId::cloud())) {
    if (experience.begins <= begins_) continue;
    borders.push_back(SimTime::at(experience.begins - begins_));
  }
  return borders;
}

SimTime Incremental::grace_ends() const { return SimTime::at(lasts_ + config_.grace()); }

Incremental::FirstView Incremental::first_view() const {
  if (!first_->trains()) return {.words = "a file"};
  const std::uint32_t experiences = config_.initial.experiences;
  RunningHash hash;
  hash.add_value(data_.data_set().content_hash);
  hash.add_value(experiences);
  std::vector<std::uint32_t> scratch;
  return {.words = experiences == 0 ? "all training examples"
                                    : "history: " + parts::counted(experiences, "experience"),
          .hash = hash.value(),
          .samples = data_.training_pool(history(config_), scratch).size()};
}

std::uint64_t Incremental::came(SimTime now) const {
  std::uint64_t came = 0;
  for (std::uint32_t k = 0; k < data_.edges(); ++k) {
    const NodeId edge = NodeId::edge(k);
    const auto until = datasets::Slice::between({}, begins_ + now.since_start());
    const auto history = datasets::Slice::between({}, begins_);
    came += data_.size(edge, Split::kTrain, until) - data_.size(edge, Split::kTrain, history);
  }
  return came;
}

SimTime Incremental::patience_ends() const {
  constexpr std::int64_t kChecks = 1000;
  return SimTime::at(lasts_ + config_.check_every * kChecks + config_.rollout.hold * 3);
}

std::unique_ptr<role::Role> Incremental::make_role(NodeId node) const {
  if (node.is_cloud()) return std::make_unique<CloudRole>(*this);
  return std::make_unique<EdgeRole>(*this, node);
}

std::vector<std::string> Incremental::remarks() const {
  std::vector<std::string> remarks = parts::remarks_of(first_->learner(), "/model");
  if (parts::needs_command(config_.trigger)) {
    remarks.emplace_back(
        "/trigger: only an operator's command starts a training; in a simulation, one of "
        "/world/commands");
  }
  if (config_.until && *config_.until > lasts_ && !is_all_history(config_, data_)) {
    remarks.push_back("/until: is " + to_string(*config_.until) +
                      ", and the stream is over after " + to_string(lasts_) +
                      ": more comes only from outside (skerry edge --watch)");
  }
  if (config_.train.federated && config_.train.kept) {
    remarks.push_back(
        "/train/kept: beside \"federated\", an edge keeps only what comes from outside (skerry "
        "edge "
        "--watch)");
  }
  if (is_all_history(config_, data_)) {
    remarks.push_back(
        "/initial/experiences: all of the data is history: only what comes from outside "
        "(skerry edge --watch) is answered");
  }
  return remarks;
}

namespace {

std::string in_words(const parts::TrainConfig& train) {
  const std::string batches =
      train.batch_size == 0 ? "whole batches" : "batches of " + std::to_string(train.batch_size);
  return parts::counted(train.epochs, "epoch") + " in " + batches + ", " +
         parts::in_words(train.optimizer);
}

std::string in_words(const RetrainConfig& train) {
  const auto policy = static_cast<std::size_t>(train.policy);
  std::string words(EnumNames<parts::Policy>::names[policy].second);
  if (train.policy == parts::Policy::kWindow) words += " of " + std::to_string(train.learns());
  if (!train.federated) return words + ", on the cloud; " + in_words(train.how);
  const parts::LocalConfig& local = train.federated->local;
  words += std::string(", in federated rounds among ") +
           (train.who == Who::kAll ? "all edges" : "edges with drift") + "; " +
           parts::in_words(local.method) + ", " + parts::in_words(local.optimizer) + "; " +
           parts::in_words(train.federated->server.reduce) + ", then " +
           parts::in_words(train.federated->server.optimizer) + "; " +
           parts::in_words(train.federated->stop);
  return words;
}

}  // namespace

/// A step is a check of the cloud.
role::Headway Incremental::headway(const role::Standing& standing) const {
  const Duration end = config_.until.value_or(lasts_);
  const Duration last = lasts_ > Duration() ? std::min(lasts_, end) : end;
  const double share = last > Duration() ? standing.now.in_seconds() / last.in_seconds() : 1;
  return {to_string(standing.now) + " of " + to_string(last), std::min(share, 1.0)};
}

std::vector<role::Fact> Incremental::facts() const {
  const parts::ServeConfig& serve = config_.serve;
  std::vector<role::Fact> facts;
  facts.push_back(
      {"each edge", "answers every " + to_string(serve.every) + "; difficulty by " +
                        parts::in_words(serve.mine) + ", above " +
                        ConfigNode(serve.threshold.value_or(0.5)).text() +
                        (config_.train.federated ? " counts as hard; " : " to be learnt from; ") +
                        ConfigNode(serve.sample).text() + " of all to judge by"});
  facts.push_back({"first model", first_->trains() ? "trained on " + first_view().words + "; " +
                                                         in_words(config_.initial.train.value_or(
                                                             config_.train.how))
                                                   : "from a file"});
  facts.push_back({"trains when", parts::in_words(config_.trigger)});
  facts.push_back({"trains how", in_words(config_.train)});
  if (config_.detect.chosen()) {
    facts.push_back({"drift", parts::in_words(config_.detect) +
                                  (watches_inputs_ ? ", on inputs" : ", on labelled answers")});
  }
  facts.push_back({"labels", parts::in_words(config_.labels)});
  facts.push_back({"deploys", parts::in_words(config_.deploy)});
  facts.push_back({"rollout", parts::in_words(config_.rollout)});
  facts.push_back(
      {"stop", config_.until ? "after " + to_string(*config_.until) : "when the stream is over"});
  return facts;
}

std::vector<role::ModelDescription> Incremental::models() const {
  return {{.name = "model",
           .form = parts::in_words(config_.model),
           .learner = first_->learner(),
           .batch_size = config_.train.how.batch_size,
           .down = first_->shape()}};
}

namespace {

/// Examples that come after the history.
std::uint64_t coming(const Config& config, const datasets::NodeData& data) {
  const auto before = datasets::Slice::between({}, beginning(config, data));
  std::uint64_t come = 0;
  for (std::uint32_t k = 0; k < data.edges(); ++k) {
    const NodeId edge = NodeId::edge(k);
    come += data.size(edge, Split::kTrain) - data.size(edge, Split::kTrain, before);
  }
  return come;
}

/// Reports what judges models, if it asks for more examples than it can have.
void check_judges(const Config& config, const Registry& registry, std::uint64_t judged,
                  Problems& problems) {
  const std::string few = "at most " + std::to_string(judged) + " are sampled and labelled";
  if (config.rollout.hold > Duration() && config.rollout.judged_on() > judged) {
    problems.add(config.rollout.examples ? "/rollout/examples" : "/rollout/hold",
                 "a model is judged on " + std::to_string(config.rollout.judged_on()) +
                     " answers, and " + few + " before the run ends: none would ever go back");
  }
  const auto trial = std::min<std::uint64_t>(judged, config.evaluate.examples);
  if (trial == 0 || may_deploy(*registry.make(config.deploy), trial)) return;
  problems.add("/deploy", "would deploy no model, however good: a trial has at most " +
                              parts::counted(trial, "example"));
}

/// Keys that say more than the stream has, or than comes of it before the end.
void check_length(const Config& config, const datasets::NodeData& data, const Registry& registry,
                  Problems& problems) {
  const Duration rest = end_of_stream(data) - beginning(config, data);
  const Duration ends = config.until.value_or(rest);
  const std::uint64_t come = coming(config, data);
  // After the stream, labels are waited for, and edges that are away.
  const auto labels =
      static_cast<std::int64_t>(std::min(come, parts::limit_of(config.labels).value_or(come)));
  const Duration last = config.until.value_or(rest + config.labels.delay +
                                              config.labels.each * labels + config.grace());
  const bool more_comes = ends > rest;  // from outside, perhaps
  const auto too_long = [&](const std::string& pointer, Duration every, Duration end) {
    if (every <= end) return;
    problems.add(pointer, "is " + to_string(every) + ", and the run ends after " + to_string(end));
  };
  too_long("/serve/every", config.serve.every, ends);
  too_long("/check", config.check_every, std::max(ends, last - config.grace()));
  parts::check_reach(
      config.trigger,
      {.begins_at = config.time_of_beginning(), .every = config.check_every, .lasts = last},
      "/trigger", problems);
  const auto examples = more_comes ? std::nullopt : std::optional(come);
  parts::check_trigger(config.trigger, trigger_metrics(config, data.edges(), {examples, last}),
                       "/trigger", problems);
  if (!more_comes) check_judges(config, registry, most_judged(config, come), problems);
}

/// What the data offers, and the loop does not look at.
void check_unused(const Config& config, const datasets::NodeData& data, Problems& problems) {
  if (!data.active_outputs(0).empty()) {
    problems.add("/data/stream",
                 "says which outputs each task uses, and a model that answers here is not told of "
                 "tasks: say \"class_incremental\"");
  }
  if (config.train.federated) return;  // its rounds may evaluate on what is held back
  constexpr Split kHeldBack[] = {Split::kTest, Split::kValidation};
  parts::check_unseen(data, kHeldBack, true, problems);
}

/// The loop needs examples that come one after another.
void check_data(const Config& config, const role::ParadigmContext& context, Problems& problems) {
  const datasets::NodeData& data = context.data;
  const std::size_t all = data.experiences(NodeId::cloud()).size();
  if (config.until && is_all_history(config, data)) return;  // samples come from outside
  if (!data.streams()) {
    return problems.add("/data/stream",
                        "is missing: without one, everything comes at the first moment");
  }
  if (config.initial.experiences >= all) {
    const std::string why = config.initial.experiences > all
                                ? ""
                                : "; where samples come from outside (skerry edge --watch), say "
                                  "\"until\"";
    problems.add("/initial/experiences", "is " + std::to_string(config.initial.experiences) +
                                             ", and the stream has " + std::to_string(all) +
                                             ": nothing would be left to answer" + why);
    return;
  }
  if (context.edges_only) return;
  std::vector<std::uint32_t> scratch;
  if (config.initial.file.empty() && data.training_pool(history(config), scratch).size() == 0) {
    problems.add("/initial/experiences",
                 "no example belongs to them: there is nothing to train the first model on");
    return;
  }
  check_length(config, data, context.registry, problems);
  check_unused(config, data, problems);
}

/// Problems of the keys of federated rounds, which stand deeper here.
void add_federated(const Problems& found, Problems& problems) {
  for (const auto& [pointer, message] : found.all()) {
    const bool of_data = pointer.starts_with("/data") || pointer.starts_with("/nodes");
    problems.add(of_data ? pointer : "/train/federated" + pointer, message);
  }
}

class IncrementalFactory final : public role::ParadigmFactory {
 public:
  using Config = incremental::Config;
  static constexpr const char* kExample = incremental::kExample;
  explicit IncrementalFactory(const Config& config) : config_(config) {}

  void check(const role::Outline& outline, Problems& problems) const override {
    check_use(config_, outline.registry, outline.edges, problems);
    parts::check_learner({config_.model, config_.loss}, outline, "", problems);
    if (!outline.edges_only && config_.initial.experiences == 0 && config_.initial.file.empty()) {
      problems.add("/initial/experiences",
                   "is 0: there is nothing to train the first model on, nor a \"file\"");
    }
    if (config_.train.federated) {
      Problems found;
      parts::check_federation(*config_.train.federated, outline, found);
      add_federated(found, problems);
    }
    if (!outline.has_classes) {
      problems.add("/data/source",
                   "has no class labels; incremental learning answers with a class");
    }
  }
  void check_world(const role::Hazards& hazards, Problems& problems) const override {
    const auto& federated = config_.train.federated;
    std::vector<parts::CommandForm> forms = parts::model_order_forms();
    forms.insert(forms.begin(), "stop");
    parts::check_commands(hazards.commands, forms, parts::commands_of(config_.trigger), problems);
    if (hazards.loses_all) {
      problems.add("/world/messages/loss", "is 1: no edge would ever be given a model");
    }
    if (hazards.attacks && !federated) {
      problems.add("/world/attack", "has no effect: no edge trains in this scenario");
    }
    if (!federated) return;
    Problems found;
    parts::check_hazards(*federated, hazards, found);
    add_federated(found, problems);
  }
  role::Results results() const override {
    role::Results all = incremental::results();
    if (!config_.train.federated) return all;
    for (role::MetricInfo& metric : parts::federation_results(*config_.train.federated).metrics) {
      metric.step = "round";
      metric.headline = false;  // of models on trial
      if (all.find(metric.name) == nullptr) all.metrics.push_back(std::move(metric));
    }
    return all;
  }
  std::unique_ptr<role::Paradigm> build(const role::ParadigmContext& context,
                                        Problems& problems) const override {
    const std::size_t before = problems.size();
    check(parts::outline_of(context), problems);
    if (config_.train.federated) {
      Problems of_terms;
      const auto& schema = context.data.schema();
      parts::check_data(*config_.train.federated, context.registry, schema, of_terms);
      add_federated(of_terms, problems);
    }
    if (problems.size() > before) return nullptr;
    check_data(config_, context, problems);
    if (problems.size() > before) return nullptr;
    Problems found;  // with pointers of the keys of a model
    auto first = parts::ModelSource::make(config_.first_model(), context, "", found);
    for (const auto& [pointer, message] : found.all()) {
      problems.add(pointer == "/file" ? "/initial/file" : pointer, message);
    }
    if (problems.size() > before) return nullptr;
    return std::make_unique<Incremental>(config_, context, std::move(first));
  }
  void leave_out_for_edges(ConfigNode& scenario) const override {
    if (ConfigNode* initial = scenario.find("initial")) initial->erase("file");
  }

 private:
  Config config_;
};

}  // namespace

}  // namespace skerry::incremental

namespace skerry {
using incremental::IncrementalFactory;
SKERRY_PLUGIN(role::ParadigmFactory, IncrementalFactory, "incremental",
              "one model that is trained again when a trigger says so, and deployed where it is "
              "better")
}  // namespace skerry
