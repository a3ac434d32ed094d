// Models and what they build (see checked.hpp).
#include "algorithms/sdk/checked.hpp"
#include "algorithms/sdk/learner.hpp"
#include "algorithms/sdk/registry.hpp"

namespace skerry {

namespace {

class CheckedFused final : public FusedSgd {
 public:
  CheckedFused(std::unique_ptr<FusedSgd> fused, const PluginEntry& entry)
      : fused_(std::move(fused)), entry_(entry) {}

  void load(std::span<const float> parameters, const AffineTerm& term) override {
    naming(entry_, "load()", [&] { fused_->load(parameters, term); });
  }
  double step(const Batch& batch, float learning_rate, Workspace& workspace) override {
    return naming(entry_, "step()", [&] { return fused_->step(batch, learning_rate, workspace); });
  }
  void store(std::span<float> out, std::span<const float> origin) override {
    naming(entry_, "store()", [&] { fused_->store(out, origin); });
  }

 private:
  std::unique_ptr<FusedSgd> fused_;
  const PluginEntry& entry_;
};

class CheckedLearner final : public Learner {
  template <class Call>
  decltype(auto) named(const char* what, Call&& call) const {
    return naming(entry_, what, std::forward<Call>(call));
  }

 public:
  CheckedLearner(std::unique_ptr<Learner> learner, const PluginEntry& entry)
      : learner_(std::move(learner)), entry_(entry) {}

  std::string_view numerics() const override { return learner_->numerics(); }
  const LayoutRef& layout() const override { return learner_->layout(); }
  const DataSchema& schema() const override { return learner_->schema(); }
  std::size_t outputs() const override { return learner_->outputs(); }
  std::size_t layers() const override { return learner_->layers(); }

  void initialise(RandomStream random, std::span<float> parameters) const override {
    named("initialise()", [&] { learner_->initialise(random, parameters); });
  }
  std::unique_ptr<Tape> make_tape() const override {
    return named("make_tape()", [&] { return learner_->make_tape(); });
  }
  Outputs forward(std::span<const float> parameters, const Batch& batch, Phase phase,
                  Tape& tape) const override {
    return named("forward()", [&] { return learner_->forward(parameters, batch, phase, tape); });
  }
  double loss(std::span<const float> scores, const Batch& batch,
              std::span<float> cotangent) const override {
    return named("loss()", [&] { return learner_->loss(scores, batch, cotangent); });
  }
  void backward(std::span<const float> parameters, const Cotangents& cotangents, Tape& tape,
                std::span<float> gradient, std::span<float> input_cotangent) const override {
    named("backward()",
          [&] { learner_->backward(parameters, cotangents, tape, gradient, input_cotangent); });
  }
  void after_step(const Tape& tape, std::span<float> parameters) const override {
    named("after_step()", [&] { learner_->after_step(tape, parameters); });
  }
  Cost cost(Phase phase, std::size_t batch_size) const override {
    return named("cost()", [&] { return learner_->cost(phase, batch_size); });
  }
  std::vector<std::string> remarks() const override {
    return named("remarks()", [&] { return learner_->remarks(); });
  }
  std::unique_ptr<FusedSgd> make_fused() const override {
    auto fused = named("make_fused()", [&] { return learner_->make_fused(); });
    return fused ? std::make_unique<CheckedFused>(std::move(fused), entry_) : nullptr;
  }
  std::unique_ptr<Learner> segment(std::size_t first_layer, std::size_t last_layer) const override {
    auto part = named("segment()", [&] { return learner_->segment(first_layer, last_layer); });
    return part ? std::make_unique<CheckedLearner>(std::move(part), entry_) : nullptr;
  }

 private:
  std::unique_ptr<Learner> learner_;
  const PluginEntry& entry_;
};

class CheckedFactory final : public Checked<LearnerFactory> {
 public:
  using Checked::Checked;

  Result<std::unique_ptr<Learner>> build(const LearnerTask& task) const override {
    auto learner = named("build()", [&] {
      auto made = plugin().build(task);
      if (made && (*made == nullptr || (*made)->layout() == nullptr)) {
        refuse("it returns no learner, or one without a layout");
      }
      return made;
    });
    if (!learner) return learner;
    return std::unique_ptr<Learner>(std::make_unique<CheckedLearner>(std::move(*learner), entry()));
  }
};

}  // namespace

std::unique_ptr<LearnerFactory> checked(std::unique_ptr<LearnerFactory> plugin,
                                        const PluginEntry& entry) {
  return std::make_unique<CheckedFactory>(std::move(plugin), entry);
}

}  // namespace skerry
