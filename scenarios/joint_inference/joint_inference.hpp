#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "datasets/node_data.hpp"
#include "scenarios/joint_inference/config.hpp"
#include "scenarios/joint_inference/jobs.hpp"
#include "scenarios/parts/channel.hpp"

namespace skerry::joint_inference {

/// Joint inference: a small model answers on the edge, and examples that are hard for it go to the
/// cloud's larger model. The cloud makes both models first; then every threshold replays the same
/// requests.
class JointInference final : public role::Paradigm {
 public:
  struct Models {
    std::unique_ptr<parts::ModelSource> edge;
    std::unique_ptr<parts::ModelSource> cloud;
  };
  JointInference(const Config& config, const role::ParadigmContext& context, Models models);

  std::unique_ptr<role::Role> make_role(NodeId node) const override;
  const role::JobKinds& jobs() const override { return kinds_of_job_; }
  std::string_view numerics() const override { return numerics_; }
  bool goes_on_without_cloud() const override { return true; }
  std::vector<std::string> remarks() const override;
  role::Headway headway(const role::Standing& standing) const override;
  std::vector<role::Fact> facts() const override;
  std::vector<role::ModelDescription> models() const override;

  // For the roles.

  /// Numbers of its kinds of job.
  struct Kinds {
    std::uint16_t prepare_edge, prepare_cloud, reference, export_models, infer, infer_on_cloud,
        infer_on_request;
  };
  const Kinds& kinds() const { return kinds_; }
  const Config& config() const { return config_; }
  const std::vector<double>& thresholds() const { return thresholds_; }
  const datasets::NodeData& data() const { return data_; }
  const parts::Requests& requests() const { return requests_; }
  const parts::ExampleFormat& examples() const { return examples_; }
  const parts::ModelSource& edge_model() const { return *models_.edge; }
  /// Channels of the messages between cloud and edges, and of an edge's RequestClock.
  parts::Channel channel() const { return parts::Channel(0); }
  parts::Channel clock_channel() const { return parts::Channel(1); }
  std::uint64_t sampling_seed() const { return seeds_.sampling; }
  std::uint32_t edges() const { return edges_; }
  std::uint32_t classes() const { return data_.schema().classes; }

 private:
  Config config_;
  const datasets::NodeData& data_;
  role::RunSeeds seeds_;
  std::uint32_t edges_;
  std::vector<double> thresholds_;
  Models models_;
  std::string numerics_;
  parts::Requests requests_;
  parts::ExampleFormat examples_;
  Jobs jobs_;
  role::JobKinds kinds_of_job_;
  Kinds kinds_;
};

}  // namespace skerry::joint_inference
