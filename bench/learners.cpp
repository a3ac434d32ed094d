// One training step at batch 10 of the two reference models, one thread: fused, and the plain path
// that terms without an affine form take. Also evaluation on a batch of 1,000.
#include <benchmark/benchmark.h>

#include <cmath>
#include <memory>
#include <vector>

#include "algorithms/sdk/learner.hpp"
#include "algorithms/sdk/plugin.hpp"
#include "algorithms/sdk/workspace.hpp"

namespace skerry {
namespace {

struct Case {
  std::unique_ptr<Learner> learner;
  std::vector<float> parameters, inputs;
  std::vector<std::int32_t> labels;

  Case(const char* model, std::size_t rows) {
    Registry registry;
    SKERRY_CHECK(registry.add(*skerry_plugin_exports().first).ok(), "names are used once");
    Problems problems;
    FieldReader reader(registry, problems);
    Choice<LearnerFactory> choice{model, {}};
    registry.find(LearnerFactory::kSlot, model)
        ->resolve(reader, ConfigNode::object(), "", choice.parameters);
    const DataSchema schema{.input = {1, 28, 28}, .classes = 10};
    learner = registry.make(choice)
                  ->build({.schema = schema, .loss = usual_loss(registry, schema)})
                  .value();
    parameters.resize(learner->layout()->size());
    learner->initialise(RandomStream(1, "init"), parameters);
    RandomStream random(1, "data");
    inputs.resize(rows * 784);
    for (float& x : inputs) x = static_cast<float>(std::max(0.0, random.normal()));
    for (std::size_t b = 0; b < rows; ++b) labels.push_back(static_cast<int>(random.below(10)));
  }
  Batch batch() const { return {.size = labels.size(), .inputs = inputs, .labels = labels}; }
};

void fused_step(benchmark::State& state, const char* model) {
  Case c(model, 10);
  const auto fused = c.learner->make_fused();
  Workspace workspace;
  fused->load(c.parameters, {});
  for (auto _ : state) benchmark::DoNotOptimize(fused->step(c.batch(), 1e-3f, workspace));
}

void fused_load_store(benchmark::State& state, const char* model) {
  Case c(model, 10);
  const auto fused = c.learner->make_fused();
  for (auto _ : state) {
    fused->load(c.parameters, {});
    fused->store(c.parameters);
  }
}

void plain_gradient(benchmark::State& state, const char* model) {
  Case c(model, 10);
  const auto tape = c.learner->make_tape();
  std::vector<float> cotangent(100), gradient(c.parameters.size());
  for (auto _ : state) {
    const auto scores = c.learner->forward(c.parameters, c.batch(), Phase::kTrain, *tape).scores;
    benchmark::DoNotOptimize(c.learner->loss(scores, c.batch(), cotangent));
    c.learner->backward(c.parameters, {cotangent}, *tape, gradient, {});
  }
}

void evaluate(benchmark::State& state, const char* model) {
  Case c(model, 1000);
  const auto tape = c.learner->make_tape();
  for (auto _ : state) {
    const auto scores = c.learner->forward(c.parameters, c.batch(), Phase::kInference, *tape).scores;
    benchmark::DoNotOptimize(scores.data());
  }
}

BENCHMARK_CAPTURE(fused_step, mlp, "mlp");
BENCHMARK_CAPTURE(fused_step, cnn, "cnn");
BENCHMARK_CAPTURE(fused_load_store, mlp, "mlp");
BENCHMARK_CAPTURE(fused_load_store, cnn, "cnn");
BENCHMARK_CAPTURE(plain_gradient, mlp, "mlp");
BENCHMARK_CAPTURE(plain_gradient, cnn, "cnn");
BENCHMARK_CAPTURE(evaluate, mlp, "mlp");
BENCHMARK_CAPTURE(evaluate, cnn, "cnn");

}  // namespace
}  // namespace skerry
