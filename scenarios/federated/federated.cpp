#include "scenarios/federated/federated.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "algorithms/sdk/plugin.hpp"
#include "scenarios/federated/cloud_role.hpp"
#include "scenarios/federated/edge_role.hpp"
#include "scenarios/federated/example.hpp"
#include "scenarios/parts/facts.hpp"
#include "scenarios/parts/model_source.hpp"
#include "scenarios/parts/operator_commands.hpp"
#include "scenarios/parts/outline.hpp"

namespace skerry::federated {

Federated::Federated(const Config& config, const role::ParadigmContext& context,
                     std::unique_ptr<Learner> learner)
    : model_(parts::in_words(config.model)),
      learner_(std::move(learner)),
      federation_(config.federation, context, *learner_, parts::Channel(0), jobs_) {}

std::unique_ptr<role::Role> Federated::make_role(NodeId node) const {
  if (node.is_cloud()) return std::make_unique<CloudRole>(federation_);
  return std::make_unique<EdgeRole>(federation_, node);
}

std::vector<std::string> Federated::remarks() const {
  auto remarks = parts::remarks_of(*learner_, "/model");
  std::ranges::move(federation_.remarks(), std::back_inserter(remarks));
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
    parts::check_learner(config_.model, outline, "/model", problems);
  }
  void check_world(const role::Hazards& hazards, Problems& problems) const override {
    parts::check_hazards(config_.federation, hazards, problems);
    parts::check_commands(hazards.commands, {"stop"}, {}, problems);
  }
  std::unique_ptr<role::Paradigm> build(const role::ParadigmContext& context,
                                        Problems& problems) const override {
    const std::size_t before = problems.size();
    check(parts::outline_of(context), problems);
    auto learner = parts::learner_for(config_.model, context);
    if (!learner) problems.add("/model", learner.message());
    if (problems.size() > before) return nullptr;
    return std::make_unique<Federated>(config_, context, std::move(*learner));
  }
  role::Results results() const override { return parts::federation_results(config_.federation); }
  bool may_go_on() const override { return true; }

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
