#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "algorithms/sdk/data.hpp"
#include "algorithms/sdk/layout.hpp"
#include "algorithms/sdk/loss.hpp"
#include "algorithms/sdk/prediction.hpp"
#include "algorithms/sdk/random.hpp"
#include "algorithms/sdk/result.hpp"

namespace skerry {

struct PluginEntry;
class Workspace;

enum class Phase : std::uint8_t { kTrain, kInference };

/// What a step costs: counted from the learner's own shapes, never from a table.
struct Cost {
  double flops = 0;  // multiplications and additions, one each
  double bytes = 0;  // parameters, activations and inputs touched, each once
};

/// Scratch of one worker for one learner: packed weights, activations, what backward needs from
/// forward. Made once per worker and reused; never shared between threads.
class Tape {
 public:
  virtual ~Tape() = default;
};

/// An additional gradient of the form  scale * w + offset, element by element:
///   g'_i = fma(scale_i, w_i, g_i) + offset_i      without "+ offset_i" where there is no offset
/// The scale is one number (FedProx, weight decay; 0 for SCAFFOLD) or one per parameter (EWC, SI,
/// MAS). Vectors are borrowed.
struct AffineTerm {
  float scale = 0;                     // 0 where there are scales
  std::span<const float> offset = {};  // [P] or empty
  std::span<const float> scales = {};  // [P] or empty

  /// True where the term changes nothing: g' = g, bit for bit.
  bool empty() const { return scale == 0 && scales.empty() && offset.empty(); }
  float scale_of(std::size_t i) const { return scales.empty() ? scale : scales[i]; }
  /// Whether its vectors have one value for each of that many parameters, and its scale is of one
  /// kind. A learner that is given a term that does not fit stops the program.
  bool fits(std::size_t parameters) const {
    return (offset.empty() || offset.size() == parameters) &&
           (scales.empty() || (scales.size() == parameters && scale == 0));
  }
};

/// Optional fast path: plain SGD steps that keep the parameters in the backend's own layout from
/// load to store. Gives the same bits as forward, backward, AffineTerm and  w = fma(-rate, g', w)
/// one by one.
class FusedSgd {
 public:
  virtual ~FusedSgd() = default;
  /// Copies what it needs: neither span has to last. Forgets the term of the previous load.
  virtual void load(std::span<const float> parameters, const AffineTerm& term) = 0;
  /// One step on one batch at the given learning rate, which idle threads of `workspace` may share.
  /// Returns the batch's mean loss before the step.
  virtual double step(const Batch& batch, float learning_rate, Workspace& workspace) = 0;
  /// The parameters as they are now, each less its value in `origin` [P] where that is not empty.
  virtual void store(std::span<float> out, std::span<const float> origin = {}) = 0;
};

/// What a forward pass gives; valid until the tape's next use.
struct Outputs {
  std::span<const float> scores;  // [B x O]: logits for classifiers, values for regressions
  /// What the last layer was given: F values of each example, rows at a pitch. Null where the model
  /// cannot tell.
  const float* features = nullptr;
  std::size_t feature_size = 0;   // F
  std::size_t feature_pitch = 0;  // >= F

  std::span<const float> features_of(std::size_t example) const {
    return {features + example * feature_pitch, feature_size};
  }
};

/// How the loss changes with what a forward pass gave.
struct Cotangents {
  std::span<const float> scores;         // [B x O]
  std::span<const float> features = {};  // [B x F], or empty = 0
};

/// A parametric model with its loss. Immutable and shared by all threads; parameters come from
/// outside and scratch lives in a Tape.
///
/// P = layout().size(), O = outputs(), B = batch.size.
class Learner {
 public:
  virtual ~Learner() = default;

  /// Which rule its bits follow: `native-1` learners promise the same bits on every x86-64.
  virtual std::string_view numerics() const = 0;
  /// Tensors of the parameters, float32.
  virtual const LayoutRef& layout() const = 0;
  virtual const DataSchema& schema() const = 0;
  virtual std::size_t outputs() const = 0;
  /// Initial parameters [P], PyTorch's default bounds.
  virtual void initialise(RandomStream random, std::span<float> parameters) const = 0;
  virtual std::unique_ptr<Tape> make_tape() const = 0;

  virtual Outputs forward(std::span<const float> parameters, const Batch& batch, Phase phase,
                          Tape& tape) const = 0;
  /// What the model answers.
  Predictions predict(std::span<const float> parameters, const Batch& batch, Tape& tape) const {
    return {.kind = schema().values > 0 ? Predictions::Kind::kValues : Predictions::Kind::kClasses,
            .size = batch.size,
            .width = outputs(),
            .scores = forward(parameters, batch, Phase::kInference, tape).scores};
  }
  /// Mean loss of scores, and its cotangent d loss / d scores [B x O] (empty = not wanted).
  virtual double loss(std::span<const float> scores, const Batch& batch,
                      std::span<float> cotangent) const = 0;
  /// Gradient [P] of sum(cotangents * outputs), after the training forward of the same tape;
  /// overwrites `gradient`. `input_cotangent` [B x input_size] may be empty.
  virtual void backward(std::span<const float> parameters, const Cotangents& cotangents, Tape& tape,
                        std::span<float> gradient, std::span<float> input_cotangent) const = 0;
  /// Writes the entries of `parameters` that a training forward moves itself (running statistics of
  /// normalisation), as the tape's last forward left them. To be called after the optimiser's step.
  virtual void after_step(const Tape& tape, std::span<float> parameters) const {
    (void)tape, (void)parameters;
  }
  /// One step (train: forward, backward, update; inference: forward) on a batch of that size.
  virtual Cost cost(Phase phase, std::size_t batch_size) const = 0;

  /// What its user should know before training it, one sentence each: that nothing moves some
  /// parameter, say.
  virtual std::vector<std::string> remarks() const { return {}; }

  virtual std::unique_ptr<FusedSgd> make_fused() const { return nullptr; }
  /// Cut networks (split learning): the learner of layers [first, last) only, whose schema().input
  /// is its own input and whose layout has the names of the whole. Null where it cannot be cut.
  virtual std::unique_ptr<Learner> segment(std::size_t first_layer, std::size_t last_layer) const {
    (void)first_layer, (void)last_layer;
    return nullptr;
  }
  virtual std::size_t layers() const { return 1; }
};

/// What a learner is made for.
struct LearnerTask {
  const DataSchema& schema;
  /// Suits the schema; null where the data has no targets.
  std::shared_ptr<const Loss> loss;
  /// Some examples of the data, for a model that is not ours and must be tried out. May be empty.
  Batch rows = {};

  /// Scores of an example; 0 without a loss.
  std::size_t outputs() const { return loss ? loss->outputs(schema) : 0; }
};

/// The `model` of a scenario: makes a learner.
class LearnerFactory {
 public:
  static constexpr const char* kSlot = "model";
  virtual ~LearnerFactory() = default;
  /// Fails with a reason when the data does not suit the model. Borrows the task for the call.
  virtual Result<std::unique_ptr<Learner>> build(const LearnerTask& task) const = 0;
};

/// See checked.hpp.
std::unique_ptr<LearnerFactory> checked(std::unique_ptr<LearnerFactory> plugin,
                                        const PluginEntry& entry);

}  // namespace skerry
