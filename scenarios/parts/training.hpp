#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "algorithms/sdk/fields.hpp"
#include "algorithms/sdk/local_method.hpp"
#include "algorithms/sdk/optimizer.hpp"
#include "algorithms/sdk/registry.hpp"
#include "algorithms/sdk/terms.hpp"
#include "datasets/node_data.hpp"
#include "datasets/samples.hpp"
#include "scenarios/role/job_kind.hpp"

namespace skerry::parts {

/// What a node's failed training means for the run.
enum class OnFailure : std::uint8_t { kDrop, kStop };

/// `local` of a scenario: how a node learns when it is asked to.
struct LocalConfig {
  Choice<LocalMethod> method{.name = "plain"};
  std::vector<Choice<Term>> terms;
  Choice<Optimizer> optimizer{.name = "sgd"};
  RateSchedule schedule;
  RateSchedule step_schedule;
  std::uint32_t batch_size = 10;
  std::optional<std::uint32_t> epochs;
  std::uint32_t steps = 0;
  std::uint32_t retries = 0;
  OnFailure on_failure = OnFailure::kDrop;

  template <class V>
  void fields(V& v) {
    v("method", method, {.meaning = "how an edge learns"});
    v("terms", terms, {.meaning = "changes to its steps that combine, in order"});
    v("optimizer", optimizer, {.meaning = "the optimiser of local steps", .required = true});
    v("schedule", schedule,
      {.meaning = "of the learning rate from round to round (async: from version to version), the "
                  "same on all edges"});
    v("step_schedule", step_schedule,
      {.meaning = "of the learning rate from step to step of one training"});
    v("batch_size", batch_size, {.meaning = "B, examples a step; 0 = the whole data set"});
    v("epochs", epochs,
      {.meaning = "E, passes over the edge's data a round, by default 1", .min = 1});
    v("steps", steps, {.meaning = "steps a round instead of epochs; 0 = use epochs"});
    v("retries", retries, {.meaning = "how often a training that failed is tried again"});
    v("on_failure", on_failure,
      {.meaning = "when it fails for good: the edge is left out of the round (a round in which "
                  "every edge fails ends the run), or the run stops"});
  }
  void check(FieldReader& reader) const;
  std::uint32_t passes() const { return epochs.value_or(1); }
};

/// What a training on `samples` examples costs on a device.
role::Work training_work(const Learner& learner, const LocalSettings& settings,
                         std::size_t samples);

/// The record that every update carries besides the method's own: what train() reported. Three
/// float32 values: samples, steps, loss.
RecordSpec report_record();

/// Name of the record with the values of a model's buffers after a training. A value that was not
/// finite before the training and has not changed is sent as 0; the cloud then keeps its own value.
inline constexpr const char* kBuffers = "buffers";

/// Body of a training job.
struct TrainBody {
  std::uint32_t exchange = 0;
  float rate_scale = 1;
  std::uint32_t epochs = 0;              // 0 = the scenario's
  std::optional<Settlement> settlement;  // of the node's previous update, if it was pending
  datasets::Slice slice;                 // of the node's training view
  /// Samples of the last inputs of the job, one entry for each.
  struct Arrived {
    std::uint32_t place = 0;           // of the first one
    std::vector<std::int32_t> labels;  // of each; -1: nobody knows, and it is left out
    template <class A>
    void archive(A& a) {
      a(place, labels);
    }
  };
  std::vector<Arrived> arrived;
  template <class A>
  void archive(A& a) {
    a(exchange, rate_scale, epochs, settlement, slice, arrived);
  }
};

/// Training on a node's own data: the only definition of its records, its cost and its jobs.
/// Outlives the kinds that it makes. Const calls may run concurrently.
class Training {
 public:
  /// @param population  nodes of the whole federation.
  Training(const LocalConfig& config, const Registry& registry, const Learner& learner,
           const datasets::NodeData& data, std::uint32_t population);

  const LocalMethod& method() const { return *method_; }
  /// The records that a node is sent: "model", then those of the method and of the terms.
  const std::vector<RecordSpec>& down_shape() const { return down_shape_; }
  /// The records that a node keeps between trainings; empty if it keeps none.
  const std::vector<RecordSpec>& state_shape() const { return state_shape_; }
  /// The tensors of the model that are learnt; the model's own layout if all are.
  const LayoutRef& learnt() const { return learnt_; }
  /// Records of the method and of the terms in that exchange of a round: what transforms and the
  /// reducer work on. Of a record that is laid out as the model, only the learnt tensors travel. If
  /// the model has buffers, "buffers" follows the change "delta" with their values.
  std::vector<RecordSpec> record_shape(std::uint32_t exchange) const;
  /// What a training makes: record_shape(), then the report.
  std::vector<RecordSpec> update_shape(std::uint32_t exchange) const;
  /// The server half: makes the downlink records from the reduced uplink records. The method and
  /// the terms see records that are laid out as the model with all its tensors.
  void combine(CombineContext& context) const;

  /// "train": down [, state] [, samples from outside ...] -> update [, state]. Body TrainBody. On
  /// the node's training view, and then on those samples.
  role::JobKind on_edge() const;
  /// "train for an ask": down -> update. A training that a plugin of the cloud asked for: like
  /// "train", but from a blank state, which is not kept. On the node's training view; on the cloud
  /// on its validation view (its root data set).
  role::JobKind for_ask() const;
  /// "end an experience": down, state -> state. An experience of the node is over, with that model:
  /// here terms take what they remember of it. For paradigms whose data come in experiences, and
  /// only if state_shape() is not empty.
  role::JobKind on_boundary() const;
  /// The split that a node trains on.
  static Split asked_split(NodeId node) {
    return node.is_cloud() ? Split::kValidation : Split::kTrain;
  }

 private:
  LocalSettings settings(const TrainBody& body) const;
  role::JobKind kind(std::string name, bool keeps_state) const;
  MethodRecords records(std::uint32_t exchange) const;
  TrainContext context(const role::Job& job, const TrainBody& body, const Payload& down,
                       Payload& state, Payload& up, Workspace& workspace) const;
  role::JobResult run(const role::Job& job, bool keeps_state, Workspace& workspace) const;
  role::JobResult run_boundary(const role::Job& job, Workspace& workspace) const;
  Payload node_state(const role::Job& job, const TrainBody& body) const;
  datasets::FloatSamples together(const role::Job& job, const TrainBody& body,
                                  const View& view) const;
  bool whole_model(const RecordSpec& spec) const;
  Payload cut(const Payload& made, const Payload& down, std::uint32_t exchange) const;

  LocalConfig config_;
  const Learner& learner_;
  const datasets::NodeData& data_;
  std::uint32_t population_;
  std::unique_ptr<LocalMethod> method_;
  Terms terms_;
  std::unique_ptr<Optimizer> optimizer_;
  LayoutRef learnt_;
  LayoutRef buffers_;
  std::vector<RecordSpec> down_shape_;
  std::vector<RecordSpec> state_shape_;
};

}  // namespace skerry::parts

namespace skerry {
template <>
struct EnumNames<parts::OnFailure> {
  static constexpr std::pair<parts::OnFailure, std::string_view> names[] = {
      {parts::OnFailure::kDrop, "drop"}, {parts::OnFailure::kStop, "stop"}};
};
}  // namespace skerry
