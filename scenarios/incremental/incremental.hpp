#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/incremental/config.hpp"
#include "scenarios/parts/channel.hpp"
#include "scenarios/parts/edge_service.hpp"
#include "scenarios/parts/harvest.hpp"
#include "scenarios/parts/retraining.hpp"
#include "scenarios/parts/serving.hpp"
#include "scenarios/role/paradigm.hpp"

namespace skerry::incremental {

/// Incremental learning: edges answer what comes to them with one model and send what is hard to
/// the cloud, which buys labels, trains when its trigger says so, tries the new model, and deploys
/// it where it is better.
class Incremental final : public role::Paradigm {
 public:
  Incremental(const Config& config, const role::ParadigmContext& context,
              std::unique_ptr<parts::ModelSource> first);

  std::unique_ptr<role::Role> make_role(NodeId node) const override;
  const role::JobKinds& jobs() const override { return jobs_; }
  std::string_view numerics() const override { return first_->learner().numerics(); }
  std::vector<std::string> remarks() const override;
  role::Headway headway(const role::Standing& standing) const override;
  std::vector<role::Fact> facts() const override;
  std::vector<role::ModelDescription> models() const override;
  std::optional<Duration> lasts() const override { return config_.until.value_or(lasts_); }
  std::string why_no_samples() const override { return ""; }
  std::string why_no_labels() const override { return ""; }

  // For the roles.

  /// Numbers of its kinds of job.
  struct Kinds {
    std::uint16_t prepare, serve, answer, check, retrain, compare, take_in;
  };
  const Kinds& kinds() const { return kinds_; }
  const Config& config() const { return config_; }
  const datasets::NodeData& data() const { return data_; }
  parts::Channel channel() const { return parts::Channel(0); }
  parts::Channel rollout_channel() const { return parts::Channel(1); }
  parts::Harvest::Wiring harvest() const;
  parts::EdgeService::Wiring edge() const;
  /// Null where the cloud trains by itself.
  const parts::Federation* federation() const { return federation_.get(); }
  /// What the first model is trained on.
  struct FirstView {
    std::string words;
    std::uint64_t hash = 0;     // 0: from a file, of which that is not known
    std::uint64_t samples = 0;  // the same
  };
  /// Cost: that of NodeData::training_pool().
  FirstView first_view() const;
  std::uint64_t sampling_seed() const { return seeds_.sampling; }
  /// Until then edges that are away are waited for, after the end of the stream.
  SimTime grace_ends() const;
  /// How many requests have come to all edges by now; 0 where edges have data of their own.
  std::uint64_t came(SimTime now) const;
  /// When the run gives up on what should have ended with the stream.
  SimTime patience_ends() const;
  /// When experiences begin, after the first one of the run.
  std::vector<SimTime> borders() const;

 private:
  const Choice<DriftDetector>* detector(bool of_inputs) const;

  Config config_;
  const Registry& registry_;
  const datasets::NodeData& data_;
  role::RunSeeds seeds_;
  bool watches_inputs_;
  Duration begins_;  // where in the stream the run begins
  Duration lasts_;   // the rest of the stream
  std::unique_ptr<parts::ModelSource> first_;
  parts::Serving serving_;
  parts::SelfCheck self_check_;
  parts::Retraining retraining_;
  role::JobKinds jobs_;
  Kinds kinds_;
  std::unique_ptr<const parts::Federation> federation_;
};

}  // namespace skerry::incremental
