#pragma once

#include "algorithms/sdk/learner.hpp"

namespace skerry {

/// A learner without its fast path.
class Unfused final : public Learner {
 public:
  explicit Unfused(const Learner& whole) : whole_(whole) {}
  std::string_view numerics() const override { return whole_.numerics(); }
  const LayoutRef& layout() const override { return whole_.layout(); }
  const DataSchema& schema() const override { return whole_.schema(); }
  std::size_t outputs() const override { return whole_.outputs(); }
  void initialise(RandomStream random, std::span<float> w) const override {
    whole_.initialise(random, w);
  }
  std::unique_ptr<Tape> make_tape() const override { return whole_.make_tape(); }
  Outputs forward(std::span<const float> w, const Batch& batch, Phase phase,
                  Tape& tape) const override {
    return whole_.forward(w, batch, phase, tape);
  }
  double loss(std::span<const float> scores, const Batch& batch,
              std::span<float> cotangent) const override {
    return whole_.loss(scores, batch, cotangent);
  }
  void backward(std::span<const float> w, const Cotangents& cotangents, Tape& tape,
                std::span<float> gradient, std::span<float> input_cotangent) const override {
    whole_.backward(w, cotangents, tape, gradient, input_cotangent);
  }
  Cost cost(Phase phase, std::size_t batch_size) const override {
    return whole_.cost(phase, batch_size);
  }

 private:
  const Learner& whole_;
};

}  // namespace skerry
