#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "algorithms/sdk/data.hpp"
#include "algorithms/sdk/learner.hpp"
#include "algorithms/sdk/optimizer.hpp"
#include "algorithms/sdk/random.hpp"
#include "algorithms/sdk/rate_schedule.hpp"
#include "algorithms/sdk/record.hpp"
#include "algorithms/sdk/workspace.hpp"

namespace skerry {

struct PluginEntry;
class StepTerm;

/// Where a job's random streams come from: streams of different purpose never touch.
struct StreamKey {
  std::uint64_t seed = 0;
  NodeId node;
  Round round = 0;

  RandomStream stream(std::string_view purpose) const { return {seed, purpose, node, round}; }
  template <class A>
  void archive(A& a) {
    a(seed, node, round);
  }
};

/// How much an edge trains in one round.
struct LocalSettings {
  std::uint32_t batch_size = 10;  // 0 = the whole data set
  std::uint32_t epochs = 1;
  std::uint32_t steps = 0;     // > 0: this many steps instead of epochs
  float rate_scale = 1;        // multiplies the optimiser's learning rate, in every step
  RateSchedule schedule = {};  // does so as well, from step to step of one loop

  /// What the learning rate of a step is multiplied by.
  /// @param end  steps of the whole loop.
  float scale_at(std::uint64_t step, std::uint64_t end) const {
    return static_cast<float>(double{rate_scale} * schedule.factor(step, end));
  }
};

/// Steps of one training with these settings on `samples` examples.
std::uint64_t step_count(const LocalSettings& settings, std::size_t samples);
/// The learning rates of all `steps` steps of a loop, added up.
/// @param rate  of the optimiser, before any factor.
float sum_of_rates(const LocalSettings& settings, float rate, std::uint64_t steps);

/// Records of a method: what it wants from the cloud besides "model", what it keeps on the node
/// (zero at first), what it returns. Names are the method's own.
struct MethodRecords {
  std::vector<RecordSpec> down;
  std::vector<RecordSpec> state;
  std::vector<RecordSpec> up;
};

/// Everything one call of train() may see and change.
struct TrainContext {
  const Learner& learner;
  const Optimizer& optimizer;
  View data;            // the node's training rows
  const Payload& down;  // "model" [P] and what was asked for
  Payload& state;       // the node's own records
  Payload& up;          // the records to return, all zero
  LocalSettings settings;
  StreamKey key;
  std::uint32_t exchange = 0;    // 0, then 1, 2 … where a round has several exchanges
  std::uint32_t population = 1;  // nodes of the whole federation
  Workspace& workspace;
  /// The scenario's terms for this training (see term.hpp), set by Terms::train(). Every loop runs
  /// them after the method's own; a loop that is to run without them is given a copy of the context
  /// whose `terms` are empty.
  std::span<StepTerm* const> terms = {};

  std::span<const float> model() const { return down.at("model").f32(); }
};

/// What train() reports besides its records.
struct TrainReport {
  std::uint64_t samples = 0;  // examples of the node's training view
  std::uint64_t steps = 0;
  double loss = 0;  // mean training loss over the steps
};

/// What became of an update, as far as the node can know.
enum class Settlement : std::uint8_t { kAccepted, kLate, kRefused, kLost };

/// Inputs of a method's server half, after the cloud has reduced a round's updates.
struct CombineContext {
  const Payload& reduced;  // the method's uplink records, reduced
  Payload& down;           // the method's downlink records, kept by the cloud; changed in place
  std::uint32_t cohort;    // updates that were reduced
  std::uint32_t population;
};

/// Examples that a node's model is asked about.
struct PredictContext {
  const Learner& learner;
  const Batch& batch;       // its labels, if any, must not be used
  const Payload& down;      // "model" [P] and the method's downlink records
  const Payload& state;     // the node's own records: all zero before its first training
  std::span<float> scores;  // out: [B x O], as Learner::forward() gives them
  Workspace& workspace;
};

/// Whose model gave an answer.
enum class Answerer : std::uint8_t { kGlobal, kPersonal };

/// How an edge learns. Immutable; all that lasts is in the records of its state.
class LocalMethod {
 public:
  static constexpr const char* kSlot = "local method";
  virtual ~LocalMethod() = default;

  /// Records for models of this layout. The default returns one record, "delta" = w_k - w.
  virtual MethodRecords records(const LayoutRef& model, std::uint32_t exchange) const;
  virtual TrainReport train(TrainContext& context) const = 0;
  /// Called before the next training, once the fate of the last update is known. An update whose
  /// acknowledgement is missing is kLost only when the cloud says so; until then both states are
  /// kept.
  virtual void settle(Payload& state, Settlement outcome) const { (void)state, (void)outcome; }
  /// The server half: how downlink records follow from reduced uplink records.
  virtual void combine(CombineContext& context) const { (void)context; }
  /// Parameters [P] of the node's personal model. Empty where it has none, because the method keeps
  /// none or because the node has not trained yet and all of `state` is zero.
  virtual std::span<const float> personal(const Payload& state) const {
    (void)state;
    return {};
  }
  /// Answers for one node: fills `context.scores`, and says whether anything of the node's own
  /// went into them. The default is the forward pass of personal(), or of the global "model" where
  /// that is empty. Methods that mix models (APFL, FedEM) or keep a part of one (FedPer, FedRep)
  /// override it. Changes nothing that lasts; called from many threads at once, each with its own
  /// workspace.
  virtual Answerer predict(const PredictContext& context) const;
};

/// See checked.hpp.
std::unique_ptr<LocalMethod> checked(std::unique_ptr<LocalMethod> plugin, const PluginEntry& entry);

/// The record every method returns unless it says otherwise.
RecordSpec delta_record(const LayoutRef& model);

}  // namespace skerry
