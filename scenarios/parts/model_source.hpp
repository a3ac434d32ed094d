#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "algorithms/sdk/fields.hpp"
#include "algorithms/sdk/learner.hpp"
#include "algorithms/sdk/local_method.hpp"
#include "algorithms/sdk/loss.hpp"
#include "algorithms/sdk/optimizer.hpp"
#include "datasets/slice.hpp"
#include "scenarios/role/paradigm.hpp"

namespace skerry::parts {

/// How the cloud trains a model by itself, on all training examples.
struct TrainConfig {
  Choice<Optimizer> optimizer{.name = "sgd"};
  RateSchedule schedule;
  std::uint32_t batch_size = 32;
  std::uint32_t epochs = 1;

  template <class V>
  void fields(V& v) {
    v("optimizer", optimizer, {.meaning = "the optimiser of its steps", .required = true});
    v("schedule", schedule, {.meaning = "of the learning rate from step to step of one training"});
    v("batch_size", batch_size, {.meaning = "examples a step; 0 = the whole data set"});
    v("epochs", epochs, {.meaning = "passes over the training set", .min = 1});
  }
  LocalSettings settings() const {
    return {.batch_size = batch_size, .epochs = epochs, .schedule = schedule};
  }
};

/// A model, and where its parameters come from: training on the cloud, or a file. Edges are sent
/// neither `train` nor `file`, since they are sent the model itself.
struct ModelConfig {
  Choice<LearnerFactory> model;
  Choice<Loss> loss;
  std::optional<TrainConfig> train;
  FileContent file;

  template <class V>
  void fields(V& v) {
    v("model", model, {.meaning = "its form", .required = true});
    v("loss", loss, {.meaning = "what training makes small; default: cross_entropy"});
    v("train", train, {.meaning = "how the cloud trains it before the first request"});
    v("file", file,
      {.meaning = "its parameters instead of training: .npz with PyTorch's names and shapes"});
  }
  void check(FieldReader& reader) const;
};

/// What a scenario says of a model: its form, and its loss, if it chooses one.
struct ModelChoice {
  const Choice<LearnerFactory>& model;
  const Choice<Loss>& loss;
};
/// The learner of a scenario's `model`, tried out on some rows of the data. If the data does not
/// suit the model or the loss, reports that and returns null.
/// @param pointer  where `model` and `loss` stand in the scenario.
std::unique_ptr<Learner> learner_for(const ModelChoice& choice,
                                     const role::ParadigmContext& context,
                                     const std::string& pointer, Problems& problems);
/// Reports a model or a loss that cannot suit the data, if the outline knows the data's schema.
void check_learner(const ModelChoice& choice, const role::Outline& outline,
                   const std::string& pointer, Problems& problems);
/// The remarks of a learner, each with its JSON pointer.
std::vector<std::string> remarks_of(const Learner& learner, const std::string& pointer);

/// Reports a model that has neither `train` nor `file` although the cloud's role will be made, and
/// what check_learner() does.
/// @param pointer  where the configuration stands in the scenario.
void check_model(const ModelConfig& config, const role::Outline& outline,
                 const std::string& pointer, Problems& problems);

/// Makes one model on the cloud, from its configuration. Outlives the kinds that it makes. Const
/// calls may run concurrently.
class ModelSource {
 public:
  /// @param pointer  where the configuration stands in the scenario.
  /// Errors: a model that does not suit the data or that does not score each of its classes, a file
  /// that does not suit the model. Adds them to
  /// `problems` and returns null. Also returns null if check_model() reports a problem, and does
  /// not report it again.
  static std::unique_ptr<ModelSource> make(const ModelConfig& config,
                                           const role::ParadigmContext& context,
                                           const std::string& pointer, Problems& problems);

  const Learner& learner() const { return *learner_; }
  /// Whether it is trained here, rather than read from a file.
  bool trains() const { return optimizer_ != nullptr; }
  /// The name of its form, as the scenario says it.
  const std::string& name() const { return config_.model.name; }
  /// One record "model".
  std::vector<RecordSpec> shape() const { return {{"model", learner_->layout()}}; }

  struct Naming {
    std::string job;          // the kind's name
    std::string init;         // purpose of the stream that initial parameters are drawn from
    datasets::Slice of = {};  // the part of the training pool that it is trained on
  };
  /// -> a payload of shape(): trained on NodeData::training_pool(), or read from the file. Training
  /// uses the job's key and costs training_work(); a model from a file costs nothing. Must not run
  /// on an edge.
  role::JobKind prepare(Naming naming) const;

 private:
  ModelSource(const ModelConfig& config, const role::ParadigmContext& context)
      : config_(config), data_(context.data), init_seed_(context.seeds.init) {}
  role::JobResult run(const role::Job& job, const Naming& naming, Workspace& workspace) const;
  void train(const role::Job& job, const datasets::Slice& slice, std::span<float> parameters,
             Workspace& workspace) const;

  ModelConfig config_;
  const datasets::NodeData& data_;
  std::uint64_t init_seed_;
  std::unique_ptr<Learner> learner_;
  std::unique_ptr<Optimizer> optimizer_;  // null if nothing is trained
  std::vector<float> parameters_;         // from the file
};

}  // namespace skerry::parts
