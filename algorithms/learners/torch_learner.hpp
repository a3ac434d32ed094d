#pragma once

#include <memory>
#include <vector>

#include "algorithms/learners/torch_module.hpp"
#include "algorithms/sdk/learner.hpp"

namespace skerry::learners {

/// A TorchScript module, with a loss of ours.
///
/// Parameters carry the module's own names, in its own order; parameters without a gradient follow
/// them as frozen tensors, then floating-point buffers (running statistics) as Group::kBuffer.
/// Buffers move in a training forward and reach the caller through after_step(). Integer buffers
/// are reset to the archive's values before every forward.
///
/// Bits: the same for the same call on one machine, whatever the tape, thread or order. A module
/// that draws random numbers does so from a seed that follows from the parameters and the batch: it
/// gets other numbers at every step, and the same again in another run. LibTorch has one generator,
/// so such modules run one at a time.
///
/// LibTorch is held to the calling thread, and its graph executor to the graph as it was written.
class TorchLearner final : public Learner {
 public:
  /// Where initial parameters come from: per tensor of the layout, the bound b of U(-b, b); or,
  /// where empty, the module's own values.
  using Bounds = std::vector<double>;

  /// Tries the module first: on the task's rows or, without any, on random numbers of
  /// the data's shape. Fails with the reason for a module that refusal_of() refuses, or that takes
  /// other inputs, gives other scores, cannot train on one example, or gives another result when
  /// the same step is repeated.
  static Result<std::unique_ptr<Learner>> make(torch::jit::Module module, const LearnerTask& task,
                                               const Bounds& bounds = {});

  std::string_view numerics() const override { return "libtorch-" TORCH_VERSION; }
  const LayoutRef& layout() const override { return layout_; }
  const DataSchema& schema() const override { return schema_; }
  std::size_t outputs() const override { return outputs_; }
  void initialise(RandomStream random, std::span<float> parameters) const override;
  std::unique_ptr<Tape> make_tape() const override;

  /// Throws JobError with LibTorch's reason for data on which the module fails (an index out of
  /// range); so do backward() and the steps of make_fused().
  Outputs forward(std::span<const float> parameters, const Batch& batch, Phase phase,
                  Tape& tape) const override;
  double loss(std::span<const float> scores, const Batch& batch,
              std::span<float> cotangent) const override;
  void backward(std::span<const float> parameters, const Cotangents& cotangents, Tape& tape,
                std::span<float> gradient, std::span<float> input_cotangent) const override;
  void after_step(const Tape& tape, std::span<float> parameters) const override;
  /// Steps on the module's own memory: no parameter is copied between load and store.
  std::unique_ptr<FusedSgd> make_fused() const override;
  /// Products are counted, once, while the module is tried: those of convolutions, dense layers and
  /// matrices, whatever code calls them. Element-wise work is left out.
  Cost cost(Phase phase, std::size_t batch_size) const override;
  /// Names the parameters that got no gradient in the training step that was tried.
  std::vector<std::string> remarks() const override;

 private:
  struct TapeParts;
  class Fused;
  /// One tensor of the layout, and the module's slots that share it.
  struct Tensor {
    std::size_t offset = 0;
    std::size_t size = 0;
    std::vector<std::int64_t> shape;
    std::vector<std::size_t> slots;
    bool learnt = false;
  };

  TorchLearner(torch::jit::Module module, const LearnerTask& task, const Bounds& bounds);
  /// Finds out what cannot be read from the module. May throw what LibTorch throws.
  Status try_out(const Batch& rows);
  std::string difference_when_repeated(TapeParts& tape, const Batch& batch);
  c10::IValue run(const Batch& batch, Phase phase, TapeParts& tape) const;
  /// Scores with the parameters that are in the tape.
  std::span<const float> scores_of(const Batch& batch, Phase phase, TapeParts& tape) const;

  torch::jit::Module module_;
  ModuleParts parts_;
  DataSchema schema_;
  std::shared_ptr<const Loss> loss_;
  std::size_t outputs_;
  Bounds bounds_;
  LayoutRef layout_;
  std::vector<Tensor> tensors_;    // in the order of the layout, learnt ones first
  std::size_t learnt_ = 0;         // values of learnt tensors
  std::vector<std::string> idle_;  // learnt tensors without a gradient when the module was tried
  bool draws_[2] = {true, true};   // random numbers, by phase
  double products_ = 0, first_products_ = 0, activations_ = 0;  // of one example
};

}  // namespace skerry::learners
