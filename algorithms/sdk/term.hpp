#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "algorithms/sdk/local_method.hpp"
#include "algorithms/sdk/result.hpp"

namespace skerry {

struct PluginEntry;

/// A batch as the loop drew it from the node's examples, before any term changed it.
struct DrawnBatch : Batch {
  std::span<const std::uint32_t> rows;  // [size], where its examples are in the view's samples
};

/// A step before its forward pass.
struct BatchContext {
  const Learner& learner;
  const DrawnBatch& drawn;
  Batch& batch;  // what the step trains on: at first the drawn one; terms may replace it
  std::span<const float> parameters;  // w [P]; empty where the steps run fused
  std::uint64_t step;                 // 0, 1, 2 … within one loop
  Workspace& workspace;
};

/// A step after its forward pass.
struct StepContext {
  const Learner& learner;
  const DrawnBatch& drawn;
  const Batch& batch;           // what the step trains on, B = batch.size
  std::span<float> parameters;  // w [P]
  Outputs outputs;              // what the forward pass gave
  std::span<float> cotangent;   // d loss / d scores [B x O]; terms may change it
  /// d loss / d features [B x F]. Empty, which is 0, until a term whose model has features makes
  /// it.
  std::vector<float>& feature_cotangent;
  std::span<float> gradient;  // [P]; terms may change it, after backward
  std::uint64_t step;
  Workspace& workspace;
};

/// What a term does during one training: FedProx, EWC, replay, DER++, GEM, clipping. It lives as
/// long as one job and is called by that job's thread alone. Terms act in the order of their
/// list, hook by hook.
///
/// Affine terms. Where affine() has a value, the term's gradient is that affine change and the
/// loop leaves out its outputs(), gradient() and stepped(). A training whose terms are all affine
/// runs fused where the learner and the optimiser can, with the same bits. Neighbours in a list
/// that are affine act as one, whose scale and offset are theirs added up in order; a term that is
/// not affine sees the gradient as those before it left it. The weight decay of a plain optimiser
/// (Optimizer::plain_decay()) acts as one more affine term at the end of the list.
class StepTerm {
 public:
  virtual ~StepTerm() = default;

  /// The change of every step's gradient, or nullopt where it is not affine. An empty AffineTerm
  /// says that the term leaves the gradient alone, as replay through batch() does. Asked once a
  /// loop, before its first step; the vectors must last until the training ends.
  virtual std::optional<AffineTerm> affine() const { return std::nullopt; }
  /// Before forward: may replace `context.batch`, for example by the drawn examples followed by
  /// stored ones. A term that adds examples puts them last, so that the drawn ones stay the first
  /// rows. What the new batch borrows must last until the step ends; the workspace's labels and its
  /// buffers "local_loop/…" belong to the loop.
  virtual void batch(BatchContext& context) { (void)context; }
  /// After forward and loss: may change the cotangent.
  virtual void outputs(StepContext& context) { (void)context; }
  /// After backward: may change the gradient, or run the learner on other examples, on tape 1 or
  /// above.
  virtual void gradient(StepContext& context) { (void)context; }
  /// After the optimiser's step: `parameters` are the new ones, all else is as in the step.
  virtual void stepped(StepContext& context) { (void)context; }
  /// After the training, when the method has written its records: may write the term's own records
  /// of `context.state` and `context.up`. Called once by Terms, even if no step was taken. A method
  /// that makes terms by hand must do itself what is left to do.
  virtual void finish(TrainContext& context, const TrainReport& report) {
    (void)context, (void)report;
  }
};

/// A term that is its affine change and nothing else. The vectors are borrowed, for example from
/// the workspace.
class AffineStep final : public StepTerm {
 public:
  explicit AffineStep(const AffineTerm& term) : term_(term) {}
  std::optional<AffineTerm> affine() const override { return term_; }

 private:
  AffineTerm term_;
};

/// A named change to local training, one of the scenario's list `local.terms`: it acts in every
/// loop that a local method runs, and combines with the method's own terms and with others.
/// Immutable and shared by all threads; what lasts is in the records.
///
/// Its records and random streams begin with its name and a slash: the state of "ewc" is
/// "ewc/fisher" and "ewc/anchor". A list names a term at most once, so that no two records clash.
class Term {
 public:
  static constexpr const char* kSlot = "term";
  virtual ~Term() = default;

  /// Fails, with the reason, if the term cannot work on data of that schema. Asked before a run.
  virtual Status suits(const DataSchema& schema) const {
    (void)schema;
    return {};
  }
  /// Records besides those of the method, in every exchange of a round: wanted from the cloud, kept
  /// on the node (zero at first), returned (zero unless written).
  virtual MethodRecords records(const Learner& learner) const {
    (void)learner;
    return {};
  }
  /// The term's part in one training, from the model `context.model()` on the rows `context.data`.
  /// Null where it has none, as a term at its limit parameter says; that must change no bit. The
  /// context outlives what is returned.
  virtual std::unique_ptr<StepTerm> begin(TrainContext& context) const = 0;
  /// An experience has ended on this node: `context.data` are its training rows, `context.down` has
  /// the model after it. May change the term's state; `context.up` is empty. EWC takes its Fisher
  /// information and its anchor here.
  virtual void boundary(TrainContext& context) const { (void)context; }
  /// As LocalMethod::settle(), for the term's records.
  virtual void settle(Payload& state, Settlement outcome) const { (void)state, (void)outcome; }
  /// As LocalMethod::combine(), for the term's records.
  virtual void combine(CombineContext& context) const { (void)context; }
};

/// See checked.hpp.
std::unique_ptr<Term> checked(std::unique_ptr<Term> plugin, const PluginEntry& entry);

}  // namespace skerry
