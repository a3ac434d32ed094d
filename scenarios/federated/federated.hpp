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
  std::vector<std::vector<RecordSpec>> output_shapes(const role::Job& job) const override;
  bool reports(std::uint16_t kind) const override;
  role::Work work(const role::Job& job) const override;
  role::JobResult run(role::Job job, Workspace& workspace) const override;
  std::string_view job_name(std::uint16_t kind) const override;
  std::uint16_t update_kind() const override { return static_cast<std::uint16_t>(JobKind::kTrain); }
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
  role::JobResult initialise() const;
  role::JobResult train(role::Job& job, Workspace& workspace) const;
  role::JobResult accumulate(role::Job& job, Workspace& workspace) const;
  role::JobResult finish(role::Job& job, Workspace& workspace) const;
  role::JobResult evaluate(const role::Job& job, Workspace& workspace) const;
  role::JobResult evaluate_edge(const role::Job& job, Workspace& workspace) const;

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
};

/// The share of test examples a job scores at a time: fixed, since bits must not depend on memory.
inline constexpr std::size_t kEvaluationBatch = 500;

}  // namespace skerry::federated
