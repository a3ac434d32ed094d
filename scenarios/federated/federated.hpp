#pragma once

#include <memory>

#include "datasets/node_data.hpp"
#include "scenarios/federated/config.hpp"
#include "scenarios/federated/jobs.hpp"
#include "scenarios/role/paradigm.hpp"

namespace skerry::federated {

/// Federated learning: the plugins of one run, and what each job computes with them.
class Federated final : public role::Paradigm {
 public:
  Federated(const Config& config, const role::ParadigmContext& context,
            std::unique_ptr<Learner> learner);

  std::unique_ptr<role::Role> make_role(NodeId node) const override;
  const role::JobKinds& jobs() const override { return jobs_; }
  std::string_view numerics() const override { return learner_->numerics(); }

  // What the roles ask.
  const Config& config() const { return config_; }
  const Reducer& reducer() const { return *reducer_; }
  const datasets::NodeData& data() const { return data_; }
  const role::RunSeeds& seeds() const { return seeds_; }
  std::uint32_t edges() const { return edges_; }
  std::unique_ptr<Selector> make_selector() const {
    return registry_.make(config_.select.selector);
  }
  /// Records of an update of that exchange, and of what an edge keeps.
  std::vector<RecordSpec> update_shape(std::uint32_t exchange) const;
  bool keeps_state() const { return !state_shape_.empty(); }

 private:
  void list_jobs();
  role::OutputShapes training_shapes(const role::Job& job) const;
  role::Work training_work(const role::Job& job) const;
  role::Work edge_evaluation_work(const role::Job& job) const;
  double parameters() const { return static_cast<double>(learner_->layout()->size()); }
  role::JobResult initialise() const;
  role::JobResult train(role::Job& job, Workspace& workspace) const;
  role::JobResult accumulate(role::Job& job, Workspace& workspace) const;
  role::JobResult finish(role::Job& job, Workspace& workspace) const;
  role::JobResult evaluate(role::Job& job, Workspace& workspace) const;
  role::JobResult evaluate_edge(role::Job& job, Workspace& workspace) const;

  Evaluation measure(std::span<const float> parameters, const View& view,
                     Workspace& workspace) const;
  Payload downlink(const Payload& server) const;
  Payload node_state(const role::Job& job) const;
  Payload reduce_sums(const role::Content& content, const FinishBody& body,
                      Workspace& workspace) const;
  Payload gather(const role::Job& job, const FinishBody& body,
                 std::vector<Verdict>& verdicts) const;

  Config config_;
  const Registry& registry_;
  const datasets::NodeData& data_;
  role::RunSeeds seeds_;
  std::uint32_t edges_;
  std::unique_ptr<Learner> learner_;
  std::unique_ptr<LocalMethod> method_;
  std::unique_ptr<Optimizer> local_optimizer_;
  std::unique_ptr<Reducer> reducer_;
  std::unique_ptr<Optimizer> server_optimizer_;
  std::vector<RecordSpec> down_shape_;
  std::vector<RecordSpec> state_shape_;
  role::JobKinds jobs_;
};

/// The share of test examples a job scores at a time: fixed, since bits must not depend on memory.
inline constexpr std::size_t kEvaluationBatch = 500;

}  // namespace skerry::federated
