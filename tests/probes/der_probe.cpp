// DER++ on the contracts: replay of stored examples with the answers they had, as one term. The
// batch grows by both draws, so that a step has one forward and one backward pass.
//   loss(w; batch) + alpha |z' - h_w(x')|^2 + beta loss(w; x'', y''),  (x', z'), (x'', y'') from M
//                         [Buzzega et al. 2020, "Dark experience for general continual learning: a
//                          strong, simple baseline", Alg. 2]
// M = a reservoir of the rows of examples and of the scores z they had.

#include "tests/probes/two_tasks.hpp"
#include "tests/same_bits.hpp"

namespace skerry {
namespace {

constexpr std::size_t kRoom = 30, kReplayed = 6;

struct Der final : Term {
  Der(float a, float b) : alpha(a), beta(b) {}
  struct Replay final : StepTerm {
    Replay(const Der& d, TrainContext& c) : der(d), context(c), random(c.key.stream("der/draw")) {}
    void batch(BatchContext& step) override {
      std::vector<std::uint32_t> mixed(step.drawn.rows.begin(), step.drawn.rows.end());
      for (std::size_t& at : drawn) {
        at = random.below(std::max<std::uint64_t>(1, std::min<std::uint64_t>(seen, kRoom)));
        if (seen > 0) mixed.push_back(static_cast<std::uint32_t>(rows[at]));
      }
      step.batch = buffer.fill(*context.data.samples, mixed);
    }
    void outputs(StepContext& step) override {
      const std::size_t o = step.learner.outputs(), fresh = step.drawn.size;
      step.learner.loss(step.outputs.scores.first(fresh * o), step.drawn,
                        step.cotangent.first(fresh * o));
      if (seen == 0) return;
      const auto dark = step.cotangent.subspan(fresh * o, kReplayed * o);
      for (std::size_t i = 0; i < dark.size(); ++i) {
        const float then = z[drawn[i / o] * o + i % o];
        dark[i] = der.alpha * 2 * (step.outputs.scores[fresh * o + i] - then) / kReplayed;
      }
      const std::size_t second = fresh + kReplayed;
      const Batch labelled{.size = kReplayed,
                           .labels = step.batch.labels.subspan(second, kReplayed)};
      const auto cotangent = step.cotangent.subspan(second * o);
      step.learner.loss(step.outputs.scores.subspan(second * o), labelled, cotangent);
      for (float& d : cotangent) d *= der.beta;
    }
    void stepped(StepContext& step) override {  // reservoir sampling [Vitter 1985, Alg. R]
      const std::size_t o = step.learner.outputs();
      for (std::size_t b = 0; b < step.drawn.size; ++b, ++seen) {
        const std::uint64_t n = seen, at = n < kRoom ? n : random.below(n + 1);
        if (at >= kRoom) continue;
        rows[at] = step.drawn.rows[b];
        std::copy_n(&step.outputs.scores[b * o], o, &z[at * o]);
      }
    }
    const Der& der;
    TrainContext& context;
    RandomStream random;
    std::span<std::int64_t> rows = context.state.open("der/rows").i64();
    std::span<float> z = context.state.open("der/scores").f32();
    std::int64_t& seen = context.state.open("der/seen").i64()[0];
    std::array<std::size_t, 2 * kReplayed> drawn;
    BatchBuffer buffer;
  };
  MethodRecords records(const Learner& learner) const override {
    return {.state = {{"der/rows", flat_layout(kRoom, DType::kInt64)},
                      {"der/scores", flat_layout(kRoom * learner.outputs())},
                      {"der/seen", flat_layout(1, DType::kInt64)}}};
  }
  std::unique_ptr<StepTerm> begin(TrainContext& context) const override {
    return alpha == 0 && beta == 0 ? nullptr : std::make_unique<Replay>(*this, context);
  }
  float alpha, beta;
};

TEST_CASE("der++ remembers the first task, and without weights it is plain bit for bit") {
  const TwoTasks tasks;
  const auto with = [&](float alpha, float beta) {
    return tasks.learnt(Terms({{"der", std::make_shared<Der>(alpha, beta)}}));
  };
  const auto forgotten = with(0, 0);
  CHECK(bits(forgotten) == bits(tasks.learnt({})));
  for (const auto& kept : {with(0.3f, 0), with(0, 0.5f), with(0.3f, 0.5f)}) {
    CHECK(tasks.loss(kept, 0) < 0.7 * tasks.loss(forgotten, 0));
    CHECK(tasks.loss(kept, 1) < 0.3);
  }
}

}  // namespace
}  // namespace skerry
