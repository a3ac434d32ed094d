#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "algorithms/sdk/deploy_rule.hpp"
#include "scenarios/parts/example_format.hpp"
#include "scenarios/parts/labelled_examples.hpp"
#include "scenarios/parts/model_source.hpp"
#include "scenarios/role/job_kind.hpp"

namespace skerry::parts {

/// A model that was trained anew.
struct Retrained {
  std::uint64_t hash = 0;       // of its parameters
  std::uint64_t data_hash = 0;  // of the examples and their labels
  double loss = 0;              // mean training loss
  template <class A>
  void archive(A& a) {
    a(hash, data_hash, loss);
  }
};

/// A new model against the deployed one, on the same examples.
struct Compared {
  bool deploy = false;
  std::string why;
  std::uint64_t examples = 0;
  double accuracy = 0, loss = 0;                    // of the new one
  double deployed_accuracy = 0, deployed_loss = 0;  // of the other
  template <class A>
  void archive(A& a) {
    a(deploy, why, examples, accuracy, loss, deployed_accuracy, deployed_loss);
  }
};

/// Training on examples that were sent to the cloud and labelled, and the trial of what comes of
/// it: the only definition of their jobs. Outlives the kinds that it makes. Const calls may run
/// concurrently.
class Retraining {
 public:
  /// @param settings  of each training.
  Retraining(const TrainConfig& settings, const Choice<DeployRule>& rule,
             const role::ParadigmContext& context, const Learner& learner,
             const ExampleFormat& examples);

  /// "retrain": the model to start from, the payloads of examples -> model; Retrained.
  role::JobKind train() const;
  /// "compare models": the new model, the deployed one, payloads of examples -> ; Compared.
  role::JobKind compare() const;
  /// "take a model in": a payload with record "model" -> that record alone; std::uint64_t, its
  /// hash. Takes no virtual time.
  role::JobKind take_in() const;
  /// A job of kind train() or compare() on these examples, whose other inputs are `models`. At
  /// least one example to compare on.
  /// @param from_scratch  starts from fresh parameters, and not from the model.
  static role::Job job(std::uint16_t kind, std::vector<role::PayloadRef> models,
                       const std::vector<LabelledExample>& examples, bool from_scratch = false);

 private:
  struct Body;
  role::JobResult run_train(const role::Job& job, Workspace& workspace) const;
  role::JobResult run_compare(const role::Job& job, Workspace& workspace) const;

  TrainConfig settings_;
  std::unique_ptr<Optimizer> optimizer_;
  std::unique_ptr<DeployRule> rule_;
  const Learner& learner_;
  const ExampleFormat& examples_;
  std::uint64_t init_seed_;
};

}  // namespace skerry::parts
