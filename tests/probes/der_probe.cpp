// DER++ on the contracts: replay of stored answers and examples as one term of the loop, its buffer
// in the node's state.
//   loss(w; batch) + alpha |z' - h_w(x')|^2 + beta loss(w; x''),   (x', z') and x'' from M
//                         [Buzzega et al. 2020, "Dark experience for general continual learning: a
//                          strong, simple baseline", Alg. 2]
// M = a reservoir of examples x and the scores z they had (the quadratic's examples have no
// labels).

#include "algorithms/sdk/local_loop.hpp"
#include "tests/algorithms/local/hand_federation.hpp"
#include "tests/algorithms/local/points.hpp"
#include "tests/same_bits.hpp"

namespace skerry {
namespace {

constexpr std::size_t kRoom = 30, kReplayed = 6, kWidth = 4;  // as many scores as inputs

struct Replay final : StepTerm {
  Replay(float a, float b, Payload& s, RandomStream r) : alpha(a), beta(b), state(s), random(r) {}
  void gradient(StepContext& step) override {
    for (const bool dark : {true, false}) {
      const float weight = dark ? alpha : beta;
      if (seen == 0 || weight == 0) continue;
      std::vector<float> inputs(kReplayed * kWidth), then(kReplayed * kWidth);
      for (std::size_t b = 0; b < kReplayed; ++b) {
        const std::size_t at = random.below(std::min<std::uint64_t>(seen, kRoom));
        std::copy_n(&x[at * kWidth], kWidth, &inputs[b * kWidth]);
        std::copy_n(&z[at * kWidth], kWidth, &then[b * kWidth]);
      }
      const Batch batch{.size = kReplayed, .inputs = inputs};
      Tape& tape = step.workspace.tape(step.learner, 1);
      const auto scores = step.learner.forward(step.parameters, batch, Phase::kTrain, tape);
      std::vector<float> cotangent(scores.size()), more(step.gradient.size());
      step.learner.loss(scores, batch, cotangent);
      for (std::size_t i = 0; dark && i < scores.size(); ++i) {
        cotangent[i] = 2 * (scores[i] - then[i]) / kReplayed;
      }
      step.learner.backward(step.parameters, cotangent, tape, more, {});
      for (std::size_t i = 0; i < more.size(); ++i) step.gradient[i] += weight * more[i];
    }
  }
  void stepped(StepContext& step) override {  // reservoir sampling [Vitter 1985, Alg. R]
    for (std::size_t b = 0; b < step.batch.size; ++b, ++seen) {
      const std::uint64_t n = seen, at = n < kRoom ? n : random.below(n + 1);
      if (at >= kRoom) continue;
      std::copy_n(&step.batch.inputs[b * kWidth], kWidth, &x[at * kWidth]);
      std::copy_n(&step.scores[b * kWidth], kWidth, &z[at * kWidth]);
    }
  }
  float alpha, beta;
  Payload& state;
  RandomStream random;
  std::span<float> x = state.open("buffer/x").f32(), z = state.open("buffer/z").f32();
  std::int64_t& seen = state.open("buffer/seen").i64()[0];
};

struct Der final : LocalMethod {
  Der(float a, float b) : alpha(a), beta(b) {}
  MethodRecords records(const LayoutRef& model, std::uint32_t) const override {
    return {.down = {},
            .state = {{"buffer/x", flat_layout(kRoom * kWidth)},
                      {"buffer/z", flat_layout(kRoom * kWidth)},
                      {"buffer/seen", flat_layout(1, DType::kInt64)}},
            .up = {delta_record(model)}};
  }
  TrainReport train(TrainContext& context) const override {
    Replay replay(alpha, beta, context.state, context.key.stream("der/replay"));
    StepTerm* const terms[] = {&replay};
    return train_delta(context, terms);
  }
  float alpha, beta;
};

/// The model after two rounds on one kind of example and two on another.
std::vector<float> after_two_tasks(const LocalMethod& method, const Points& points) {
  const auto model = learner("quadratic", points.schema());
  const auto sgd = plugin<Optimizer>("sgd");
  const LocalSettings settings{.batch_size = 5, .epochs = 4};
  HandFederation federation({*model, points, method, *sgd, settings}, equal_rows(2, 20));
  for (Round round = 1; round <= 4; ++round) {
    if (round == 3) federation.give_rows(0, equal_rows(2, 20)[1]);
    federation.step({federation.train(0, round)});
  }
  return federation.model();
}

TEST_CASE("der++ remembers the first task, and without weights it is plain bit for bit") {
  const Points points = draw_points({.count = 40, .width = kWidth, .drift = 0.2f});
  const auto forgotten = after_two_tasks(*plugin<LocalMethod>("plain"), points);
  CHECK(bits(after_two_tasks(Der(0, 0), points)) == bits(forgotten));
  const auto kept = after_two_tasks(Der(0.3f, 0.5f), points);
  const auto first = mean_of(points, equal_rows(2, 20)[0]);
  for (std::size_t i = 0; i < kWidth; ++i) {
    CHECK(std::abs(kept[i] - first[i]) < 0.8 * std::abs(forgotten[i] - first[i]));
  }
}

}  // namespace
}  // namespace skerry
