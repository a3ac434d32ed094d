#include "scenarios/joint_inference/joint_inference.hpp"

#include <algorithm>
#include <utility>

#include "algorithms/sdk/plugin.hpp"
#include "scenarios/joint_inference/cloud_role.hpp"
#include "scenarios/joint_inference/edge_role.hpp"
#include "scenarios/joint_inference/example.hpp"
#include "scenarios/joint_inference/results.hpp"
#include "scenarios/parts/facts.hpp"
#include "scenarios/parts/operator_commands.hpp"
#include "scenarios/parts/outline.hpp"

namespace skerry::joint_inference {

namespace {

std::string joined_numerics(const Learner& edge, const Learner& cloud) {
  if (edge.numerics() == cloud.numerics()) return std::string(edge.numerics());
  return std::string(edge.numerics()) + "+" + std::string(cloud.numerics());
}

}  // namespace

JointInference::JointInference(const Config& config, const role::ParadigmContext& context,
                               Models models)
    : config_(config),
      data_(context.data),
      seeds_(context.seeds),
      edges_(context.edges),
      thresholds_(config.tried()),
      models_(std::move(models)),
      numerics_(joined_numerics(models_.edge->learner(), models_.cloud->learner())),
      requests_(config.requests, context.data, context.seeds.sampling, context.edges),
      examples_(context.data.schema()),
      jobs_(config, context, *models_.edge, *models_.cloud, requests_, examples_),
      kinds_{.prepare_edge = kinds_of_job_.add(
                 models_.edge->prepare({.job = "prepare the edge's model", .init = "init"})),
             .prepare_cloud = kinds_of_job_.add(models_.cloud->prepare(
                 {.job = "prepare the cloud's model", .init = "init_cloud"})),
             .reference = kinds_of_job_.add(jobs_.reference()),
             .export_models = kinds_of_job_.add(jobs_.export_models()),
             .infer = kinds_of_job_.add(jobs_.infer()),
             .infer_on_cloud = kinds_of_job_.add(jobs_.infer_on_cloud()),
             .infer_on_request = kinds_of_job_.add(jobs_.infer_on_request())} {}

std::unique_ptr<role::Role> JointInference::make_role(NodeId node) const {
  if (node.is_cloud()) return std::make_unique<CloudRole>(*this);
  return std::make_unique<EdgeRole>(*this, node);
}

std::vector<std::string> JointInference::remarks() const {
  std::vector<std::string> all;
  for (const auto& [source, pointer] : {std::pair(models_.edge.get(), "/edge_model/model"),
                                        std::pair(models_.cloud.get(), "/cloud_model/model")}) {
    if (!source->trains()) continue;
    for (std::string& remark : parts::remarks_of(source->learner(), pointer)) {
      all.push_back(std::move(remark));
    }
  }
  if (thresholds_.size() > 1 && jobs_.scores_alike()) {
    all.push_back("/thresholds: \"" + config_.mine.name +
                  "\" scores all examples alike: no threshold makes a difference");
  }
  if (data_.streams()) {
    all.emplace_back(
        "/data/stream: the cloud trains on all experiences before the first request, however late "
        "they come");
  }
  return all;
}

/// A step is a threshold, recorded once its requests are answered.
role::Headway JointInference::headway(const role::Standing& standing) const {
  const std::size_t all = thresholds_.size();
  const std::size_t done = standing.last("joint/threshold") ? standing.step + 1 : 0;
  // In between, by the time that the requests of one threshold take to come.
  const parts::RequestsConfig& asked = requests_.config();
  const double phase = asked.duration ? asked.duration->in_seconds()
                                      : asked.count.value_or(0) * asked.interval.in_seconds();
  const double by_time = phase > 0 ? standing.now.in_seconds() / phase : 0;
  const double come = std::clamp(by_time, static_cast<double>(done),
                                 std::min(static_cast<double>(done) + 1, static_cast<double>(all)));
  return {"threshold " + std::to_string(done) + "/" + std::to_string(all),
          come / static_cast<double>(all)};
}

std::vector<role::Fact> JointInference::facts() const {
  const parts::RequestsConfig& asked = requests_.config();
  std::string each = asked.count      ? parts::counted(*asked.count, "request")
                     : asked.duration ? "requests for " + to_string(*asked.duration)
                                      : "requests from outside";
  each += asked.arrivals == parts::Arrivals::kPoisson ? ", at random, every " : ", evenly, every ";
  std::string thresholds;
  for (const double threshold : thresholds_) {
    thresholds += (thresholds.empty() ? "" : ", ") + ConfigNode(threshold).text();
  }
  std::vector<role::Fact> facts;
  facts.push_back({"each edge", each + to_string(asked.interval)});
  facts.push_back({"difficulty", parts::in_words(config_.mine)});
  facts.push_back({"thresholds", thresholds});
  facts.push_back({"cloud", "batches of " + std::to_string(config_.cloud.batch_size) +
                                ", filled for at most " + to_string(config_.cloud.max_wait)});
  if (config_.deadline) facts.push_back({"deadline", to_string(*config_.deadline)});
  facts.push_back({"stop", "when the requests of every threshold are over"});
  return facts;
}

std::vector<role::ModelDescription> JointInference::models() const {
  const auto batch_size = [](const parts::ModelConfig& model) {
    return model.train ? model.train->batch_size : 1;
  };
  return {{.name = "edge's model",
           .form = parts::in_words(config_.edge_model.model),
           .learner = models_.edge->learner(),
           .batch_size = batch_size(config_.edge_model),
           .down = models_.edge->shape()},
          {.name = "cloud's model",
           .form = parts::in_words(config_.cloud_model.model),
           .learner = models_.cloud->learner(),
           .batch_size = batch_size(config_.cloud_model)}};
}

namespace {

void say_nothing_to_ask(Problems& problems) {
  problems.add("/data",
               "has no test examples to ask about: take a source with a test set, or give "
               "\"split\": {\"client_test\": 0.2}");
}

/// Requests need examples.
void check_data(const role::ParadigmContext& context, Problems& problems) {
  const datasets::NodeData& data = context.data;
  bool anything = data.size(NodeId::cloud(), Split::kTest) > 0;
  for (std::uint32_t k = 0; k < data.edges() && !anything; ++k) {
    anything = data.size(NodeId::edge(k), Split::kTest) > 0;
  }
  if (!anything) say_nothing_to_ask(problems);
  if (context.edges_only) return;
  constexpr Split kValidation[] = {Split::kValidation};
  parts::check_unseen(data, kValidation, true, problems);
}

class JointInferenceFactory final : public role::ParadigmFactory {
 public:
  using Config = joint_inference::Config;
  static constexpr const char* kExample = joint_inference::kExample;
  explicit JointInferenceFactory(const Config& config) : config_(config) {}

  void check(const role::Outline& outline, Problems& problems) const override {
    if (!outline.has_classes) {
      problems.add("/data/source", "has no class labels; joint inference answers with a class");
    }
    if (!outline.cloud_tests && !outline.edges_test) say_nothing_to_ask(problems);
    parts::check_model(config_.edge_model, outline, "/edge_model", problems);
    parts::check_model(config_.cloud_model, outline, "/cloud_model", problems);
  }
  role::Results results() const override { return joint_inference::results(); }
  void check_world(const role::Hazards& hazards, Problems& problems) const override {
    if (hazards.loses_messages && !config_.deadline) {
      problems.add("/deadline",
                   "is missing: the world loses messages, and an edge would wait for ever for the "
                   "answer to a lost one");
    }
    if (hazards.loses_all) {
      problems.add("/world/messages/loss", "is 1: no edge would ever be given its model");
    }
    if (hazards.attacks) {
      problems.add("/world/attack", "has no effect: no edge trains in joint inference");
    }
    parts::check_commands(hazards.commands, {"stop"}, {}, problems);
  }
  std::unique_ptr<role::Paradigm> build(const role::ParadigmContext& context,
                                        Problems& problems) const override {
    const std::size_t before = problems.size();
    check(parts::outline_of(context), problems);
    check_data(context, problems);
    JointInference::Models models;
    models.edge = parts::ModelSource::make(config_.edge_model, context, "/edge_model", problems);
    models.cloud = parts::ModelSource::make(config_.cloud_model, context, "/cloud_model", problems);
    if (problems.size() > before) return nullptr;
    return std::make_unique<JointInference>(config_, context, std::move(models));
  }
  void leave_out_for_edges(ConfigNode& scenario) const override {
    for (const char* key : {"edge_model", "cloud_model"}) {
      scenario.find(key)->erase("train");
      scenario.find(key)->erase("file");
    }
  }

 private:
  Config config_;
};

}  // namespace

}  // namespace skerry::joint_inference

namespace skerry {
using joint_inference::JointInferenceFactory;
SKERRY_PLUGIN(role::ParadigmFactory, JointInferenceFactory, "joint_inference",
              "the edge answers, what is hard for it goes to the cloud's larger model")
}  // namespace skerry
