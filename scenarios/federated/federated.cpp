#include "scenarios/federated/federated.hpp"

#include <algorithm>
#include <iterator>
#include <utility>
#include <vector>

#include "algorithms/sdk/plugin.hpp"
#include "scenarios/federated/cloud_role.hpp"
#include "scenarios/federated/edge_role.hpp"
#include "scenarios/federated/example.hpp"
#include "scenarios/parts/facts.hpp"
#include "scenarios/parts/frozen_learner.hpp"
#include "scenarios/parts/model_file.hpp"
#include "scenarios/parts/model_source.hpp"
#include "scenarios/parts/operator_commands.hpp"
#include "scenarios/parts/outline.hpp"

namespace skerry::federated {

Federated::Federated(const Config& config, const role::ParadigmContext& context,
                     std::unique_ptr<Learner> learner, std::vector<float> initial)
    : model_(parts::in_words(config.model)),
      learner_(std::move(learner)),
      federation_(config.federation, context, *learner_, parts::Channel(0), jobs_,
                  {.parameters = std::move(initial), .known_on_edges = !config.freeze.empty()}) {}

std::unique_ptr<role::Role> Federated::make_role(NodeId node) const {
  if (node.is_cloud()) return std::make_unique<CloudRole>(federation_);
  return std::make_unique<EdgeRole>(federation_, node);
}

std::vector<std::string> Federated::remarks() const {
  auto remarks = parts::remarks_of(*learner_, "/model");
  std::ranges::move(federation_.remarks(), std::back_inserter(remarks));
  // No round looks at validation examples of edges, nor at their test examples without a survey.
  std::vector<Split> unseen = {Split::kValidation};
  if (!federation_.config().evaluate.edges) unseen.push_back(Split::kTest);
  Problems found;
  parts::check_unseen(federation_.data(), unseen, false, found);
  for (const auto& [pointer, message] : found.all()) remarks.push_back(pointer + ": " + message);
  if (federation_.data().streams()) {
    remarks.emplace_back(
        "/data/stream: an edge trains on all its experiences in every round, however late they "
        "come");
  }
  return remarks;
}

role::Headway Federated::headway(const role::Standing& standing) const {
  return parts::headway(federation_.config().stop, standing);
}

std::vector<role::Fact> Federated::facts() const {
  return parts::facts_of(federation_.config(), federation_.edges());
}

std::vector<role::ModelDescription> Federated::models() const {
  return {{.name = "model",
           .form = model_,
           .learner = *learner_,
           .batch_size = federation_.config().local.batch_size,
           .up = federation_.path().wire_shape({}),
           .down = federation_.path().wire_down_shape()}};
}

namespace {

class FederatedFactory final : public role::ParadigmFactory {
 public:
  using Config = federated::Config;
  static constexpr const char* kExample = federated::kExample;
  explicit FederatedFactory(const Config& config) : config_(config) {}

  void check(const role::Outline& outline, Problems& problems) const override {
    parts::check_federation(config_.federation, outline, problems);
    parts::check_learner({config_.model, config_.loss}, outline, "", problems);
    if (!config_.freeze.empty() &&
        config_.federation.update.down_sends == parts::DownSends::kChange) {
      problems.add(
          "/freeze",
          "keeps tensors off the wire, and \"down_sends\": \"change\" sends them all: take "
          "\"model\"");
    }
  }
  void check_world(const role::Hazards& hazards, Problems& problems) const override {
    parts::check_hazards(config_.federation, hazards, problems);
    parts::check_commands(hazards.commands, {"stop"}, {}, problems);
  }
  std::unique_ptr<role::Paradigm> build(const role::ParadigmContext& context,
                                        Problems& problems) const override {
    const std::size_t before = problems.size();
    check(parts::outline_of(context), problems);
    parts::check_data(config_.federation, context.registry, context.data.schema(), problems);
    if (problems.size() > before) return nullptr;
    auto made = parts::learner_for({config_.model, config_.loss}, context, "", problems);
    if (!made) return nullptr;
    auto learner = parts::with_frozen(std::move(made), config_.freeze, "/freeze", problems);
    std::vector<float> initial;
    if (learner != nullptr && !config_.init.empty()) {
      auto parameters = parts::read_parameters(config_.init, *learner->layout());
      if (!parameters) problems.add("/init", parameters.message());
      if (parameters) initial = std::move(*parameters);
    }
    if (problems.size() > before) return nullptr;
    return std::make_unique<Federated>(config_, context, std::move(learner), std::move(initial));
  }
  role::Results results() const override { return parts::federation_results(config_.federation); }
  bool may_go_on() const override {  // not where a later end would have meant other rates
    const parts::FederationConfig& config = config_.federation;
    return !config.local.schedule.needs_end() && !config.server.schedule.needs_end();
  }
  void leave_out_for_edges(ConfigNode& scenario) const override {
    if (config_.freeze.empty()) scenario.erase("init");
  }

 private:
  Config config_;
};

}  // namespace

}  // namespace skerry::federated

namespace skerry {
using federated::FederatedFactory;
SKERRY_PLUGIN(role::ParadigmFactory, FederatedFactory, "federated",
              "rounds, or a buffer, of local training and aggregation on the cloud")
}  // namespace skerry
