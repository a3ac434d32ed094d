// EWC and replay on the contracts: two terms of one list with records of their own, fused together.
//   L(w) = L_B(w) + sum_i (lambda/2) F_i (w_i - w*_i)^2    [Kirkpatrick et al. 2017, "Overcoming
//                                         catastrophic forgetting in neural networks", eq. (3)]
//   batch <- batch and as many examples of the first task  [Chaudhry et al. 2019, "On tiny episodic
//                                         memories in continual learning"]
// w* = the model where the first task ended, F = its diagonal Fisher information on that task's
// labels; both are taken at the boundary, and so are the rows that are replayed.

#include "tests/probes/two_tasks.hpp"
#include "tests/same_bits.hpp"

namespace skerry {
namespace {

struct Ewc final : Term {
  explicit Ewc(float l) : lambda(l) {}
  MethodRecords records(const Learner& learner) const override {
    return {.state = {{"ewc/fisher", learner.layout()}, {"ewc/anchor", learner.layout()}}};
  }
  std::unique_ptr<StepTerm> begin(TrainContext& context) const override {
    if (lambda == 0) return nullptr;
    const auto fisher = context.state.at("ewc/fisher").f32();
    const auto anchor = context.state.at("ewc/anchor").f32();
    const auto scales = context.workspace.floats("ewc/scales", fisher.size());
    const auto offset = context.workspace.floats("ewc/offset", fisher.size());
    for (std::size_t i = 0; i < fisher.size(); ++i) {
      scales[i] = lambda * fisher[i];
      offset[i] = -scales[i] * anchor[i];
    }
    return std::make_unique<AffineStep>(AffineTerm{.offset = offset, .scales = scales});
  }
  void boundary(TrainContext& context) const override {
    const auto [w, data] = std::tuple(context.model(), context.data);
    const auto fisher = context.state.open("ewc/fisher").f32();
    std::copy(w.begin(), w.end(), context.state.open("ewc/anchor").f32().begin());
    Tape& tape = context.workspace.tape(context.learner);
    std::vector<float> cotangent(context.learner.outputs()), g(w.size());
    BatchBuffer buffer;
    for (const std::uint32_t& row : data.rows) {
      const Batch one = buffer.fill(*data.samples, {&row, 1});
      context.learner.loss(context.learner.forward(w, one, Phase::kTrain, tape).scores, one,
                           cotangent);
      context.learner.backward(w, {cotangent}, tape, g, {});
      for (std::size_t i = 0; i < g.size(); ++i) fisher[i] += g[i] * g[i] / data.size();
    }
  }
  float lambda;
};

struct Replay final : Term {
  explicit Replay(std::uint32_t r) : room(r) {}
  struct Mix final : StepTerm {
    explicit Mix(TrainContext& c) : context(c), random(c.key.stream("replay/draw")) {}
    std::optional<AffineTerm> affine() const override { return AffineTerm{}; }
    void batch(BatchContext& step) override {
      if (kept[0] == 0) return;
      std::vector<std::uint32_t> rows(step.drawn.rows.begin(), step.drawn.rows.end());
      for (std::size_t i = 0; i < step.drawn.size; ++i) {
        rows.push_back(static_cast<std::uint32_t>(kept[random.below(kept.size())] - 1));
      }
      step.batch = buffer.fill(*context.data.samples, rows);
    }
    TrainContext& context;
    RandomStream random;
    std::span<const std::int64_t> kept = context.state.at("replay/kept").i64();
    BatchBuffer buffer;
  };
  MethodRecords records(const Learner&) const override {  // rows plus 1; 0 = none yet
    return {.state = {{"replay/kept", flat_layout(room, DType::kInt64)}}};
  }
  std::unique_ptr<StepTerm> begin(TrainContext& context) const override {
    return room == 0 ? nullptr : std::make_unique<Mix>(context);
  }
  void boundary(TrainContext& context) const override {
    RandomStream random = context.key.stream("replay/keep");
    for (std::int64_t& kept : context.state.open("replay/kept").i64()) {
      kept = 1 + context.data.rows[random.below(context.data.size())];
    }
  }
  std::uint32_t room;
};

Terms list(float lambda, std::uint32_t room) {
  return Terms(
      {{"ewc", std::make_shared<Ewc>(lambda)}, {"replay", std::make_shared<Replay>(room)}});
}

TEST_CASE("ewc and replay, alone or in one list, remember the first task and learn the second") {
  const TwoTasks tasks;
  const auto plain = tasks.learnt({});
  CHECK(bits(tasks.learnt(list(0, 0))) == bits(plain));
  for (const Terms& terms : {list(30, 0), list(0, 20), list(30, 20)}) {
    const auto kept = tasks.learnt(terms);
    CHECK(bits(tasks.learnt_unfused(terms)) == bits(kept));
    CHECK(tasks.loss(kept, 0) < 0.7 * tasks.loss(plain, 0));
    CHECK(tasks.loss(kept, 1) < 0.3);
  }
}

}  // namespace
}  // namespace skerry
