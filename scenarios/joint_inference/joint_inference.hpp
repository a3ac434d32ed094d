#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "datasets/node_data.hpp"
#include "scenarios/joint_inference/arrivals.hpp"
#include "scenarios/joint_inference/config.hpp"
#include "scenarios/joint_inference/jobs.hpp"
#include "scenarios/role/paradigm.hpp"

namespace skerry::joint_inference {

/// A learner and where its parameters come from.
struct Model {
  std::unique_ptr<Learner> learner;
  std::unique_ptr<Optimizer> optimizer;  // null where the parameters come from a file
  std::vector<float> parameters;         // from the file
};

/// Joint inference: a small model answers on the edge, what it finds hard goes to the cloud's
/// larger one. Both models are made on the cloud first; then every threshold replays the same
/// requests.
class JointInference final : public role::Paradigm {
 public:
  JointInference(const Config& config, const role::ParadigmContext& context, Model edge,
                 Model cloud);

  std::unique_ptr<role::Role> make_role(NodeId node) const override;
  const role::JobKinds& jobs() const override { return jobs_; }
  std::string_view numerics() const override { return numerics_; }
  std::string_view result_metric() const override { return "joint/accuracy"; }

  // What the roles ask.
  const Config& config() const { return config_; }
  const std::vector<double>& thresholds() const { return thresholds_; }
  const ArrivalTimes& arrivals() const { return arrivals_; }
  const role::RunSeeds& seeds() const { return seeds_; }
  std::uint32_t edges() const { return edges_; }
  std::uint32_t classes() const { return data_.schema().classes; }
  /// How many examples an edge can be asked about.
  std::size_t rows(NodeId edge) const;
  std::vector<RecordSpec> edge_model_shape() const;
  /// Whether a payload is one example as edges send it: bytes where their source holds bytes, else
  /// float32.
  bool is_input(const std::vector<RecordSpec>& shape) const;

 private:
  void list_jobs();
  role::JobResult prepare(const role::Job& job, Workspace& workspace) const;
  role::JobResult reference(const role::Job& job, Workspace& workspace) const;
  role::JobResult export_models(const role::Job& job, Workspace& workspace) const;
  role::JobResult infer(const role::Job& job, Workspace& workspace) const;
  role::JobResult infer_cloud(const role::Job& job, Workspace& workspace) const;

  const Model& model_of(JobKind kind) const;
  role::Work training_work(JobKind kind) const;
  role::Work inference_work(const Learner& learner, std::size_t batch) const;
  RecordSpec input_spec(DType type) const;
  bool has_own_rows(NodeId edge) const;
  View requested(NodeId edge, std::vector<std::uint32_t>& scratch) const;
  Payload look_up(NodeId node, std::uint32_t index, std::span<float> inputs, std::int32_t& truth,
                  Workspace& workspace) const;
  void read_input(const Record& record, std::span<float> out) const;

  Config config_;
  const datasets::NodeData& data_;
  role::RunSeeds seeds_;
  std::uint32_t edges_;
  std::vector<double> thresholds_;
  ArrivalTimes arrivals_;
  std::unique_ptr<HardSampleMiner> miner_;
  Model edge_;
  Model cloud_;
  std::string numerics_;
  LayoutRef byte_input_;
  LayoutRef float_input_;
  role::JobKinds jobs_;
};

}  // namespace skerry::joint_inference
