#pragma once

#include <memory>
#include <vector>

#include "algorithms/learners/layer.hpp"
#include "algorithms/sdk/learner.hpp"

namespace skerry::learners {

/// Native layers in a row. Its features are what the last layer is given.
///
/// Its bits follow the rule of algorithms/kernels (`native-1`): the same on every x86-64, for any
/// batch size and thread. Plain and fused training run the same kernels on the same packed buffers.
class Network final : public Learner {
 public:
  using Layers = std::vector<std::shared_ptr<const Layer>>;
  /// @param layers  at least one; each one's outputs are the next one's inputs.
  /// @param loss  not null; takes as many scores as the last layer gives.
  Network(Layers layers, DataSchema schema, std::shared_ptr<const Loss> loss);

  std::string_view numerics() const override { return "native-1"; }
  const LayoutRef& layout() const override { return layout_; }
  const DataSchema& schema() const override { return schema_; }
  std::size_t outputs() const override { return layers_.back()->outputs(); }
  /// U(-1/sqrt(fan_in), 1/sqrt(fan_in)) for weights and biases alike, drawn in the order of the
  /// layout.
  void initialise(RandomStream random, std::span<float> parameters) const override;
  std::unique_ptr<Tape> make_tape() const override;

  /// Inference runs in chunks of examples, so that its scratch does not grow with the batch.
  Outputs forward(std::span<const float> parameters, const Batch& batch, Phase phase,
                  Tape& tape) const override;
  double loss(std::span<const float> scores, const Batch& batch,
              std::span<float> cotangent) const override;
  void backward(std::span<const float> parameters, const Cotangents& cotangents, Tape& tape,
                std::span<float> gradient, std::span<float> input_cotangent) const override;
  Cost cost(Phase phase, std::size_t batch_size) const override;

  std::unique_ptr<FusedSgd> make_fused() const override;
  std::unique_ptr<Learner> segment(std::size_t first_layer, std::size_t last_layer) const override;
  std::size_t layers() const override { return layers_.size(); }

 private:
  Layers layers_;
  DataSchema schema_;
  std::shared_ptr<const Loss> loss_;
  LayoutRef layout_;
};

}  // namespace skerry::learners
