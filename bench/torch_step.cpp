// One step of SGD at batch 10 on one thread: a module from a TorchScript archive as a learner, and
// the same module in a bare LibTorch loop. Their difference is what the learner costs: parameters
// in and gradients out of the flat vector, and our loss.
#include <ATen/Parallel.h>
#include <benchmark/benchmark.h>
#include <torch/csrc/jit/runtime/graph_executor.h>
#include <torch/script.h>

#include <cstring>
#include <sstream>

#include "algorithms/sdk/base64.hpp"
#include "algorithms/sdk/learner.hpp"
#include "algorithms/sdk/workspace.hpp"
#include "scenarios/host/plugin_file.hpp"

namespace skerry {
namespace {

using Shapes = std::vector<std::vector<std::int64_t>>;

struct Network {
  Shapes weights;  // each followed by its bias
  const char* forward;
};

const Network kMlp{{{200, 784}, {200, 200}, {10, 200}},
                   "def forward(self, x):\n"
                   "  x = torch.relu(torch.linear(torch.flatten(x, 1), self.w0, self.b0))\n"
                   "  x = torch.relu(torch.linear(x, self.w1, self.b1))\n"
                   "  return torch.linear(x, self.w2, self.b2)\n"};
const Network kCnn{{{32, 1, 5, 5}, {64, 32, 5, 5}, {512, 3136}, {10, 512}},
                   "def forward(self, x):\n"
                   "  x = torch.max_pool2d(torch.relu(torch.conv2d(x, self.w0, self.b0, [1, 1], "
                   "[2, 2])), [2, 2])\n"
                   "  x = torch.max_pool2d(torch.relu(torch.conv2d(x, self.w1, self.b1, [1, 1], "
                   "[2, 2])), [2, 2])\n"
                   "  x = torch.relu(torch.linear(torch.flatten(x, 1), self.w2, self.b2))\n"
                   "  return torch.linear(x, self.w3, self.b3)\n"};

std::string archive(const Network& network) {
  torch::jit::Module module("network");
  for (std::size_t i = 0; i < network.weights.size(); ++i) {
    const auto& shape = network.weights[i];
    const auto weight = 0.05 * torch::randn(shape), bias = torch::zeros({shape[0]});
    module.register_parameter("w" + std::to_string(i), weight.set_requires_grad(true), false);
    module.register_parameter("b" + std::to_string(i), bias.set_requires_grad(true), false);
  }
  module.define(network.forward);
  std::ostringstream stream;
  module.save(stream);
  return stream.str();
}

constexpr std::int64_t kRows = 10;
constexpr float kRate = 1e-3f;

void bare_loop(benchmark::State& state, const Network& network) {
  at::set_num_threads(1);
  const torch::jit::GraphOptimizerEnabledGuard as_written(false);
  std::istringstream stream(archive(network));
  torch::jit::Module module = torch::jit::load(stream);
  const auto inputs = torch::randn({kRows, 1, 28, 28});
  const auto labels = torch::randint(10, {kRows}, torch::kLong);
  std::vector<at::Tensor> parameters;
  for (const at::Tensor& parameter : module.parameters()) parameters.push_back(parameter);
  for (auto _ : state) {
    const auto scores = module.forward({inputs}).toTensor();
    const auto loss = torch::cross_entropy_loss(scores, labels);
    loss.backward();
    benchmark::DoNotOptimize(loss.item<float>());
    const torch::NoGradGuard no_gradients;
    for (at::Tensor& parameter : parameters) {
      parameter.sub_(parameter.grad(), kRate);
      parameter.mutable_grad().zero_();
    }
  }
}

std::unique_ptr<Learner> learner_of(const Network& network) {
  static Registry registry = [] {
    Registry all = host::built_in_plugins();
    const Status loaded = host::load_plugin_file(SKERRY_TORCH_PLUGIN, all);
    SKERRY_CHECK(loaded.ok(), loaded.message());
    return all;
  }();
  const std::string bytes = archive(network);
  Problems problems;
  FieldReader reader(registry, problems);
  Choice<LearnerFactory> choice{"torch_script", {}};
  const auto given = ConfigNode::Object{
      {"file", "base64:" + encode_base64(std::as_bytes(std::span<const char>(bytes)))}};
  registry.find(LearnerFactory::kSlot, choice.name)->resolve(reader, given, "", choice.parameters);
  const DataSchema schema{.input = {1, 28, 28}, .classes = 10};
  return registry.make(choice)
      ->build({.schema = schema, .loss = usual_loss(registry, schema)})
      .value();
}

/// A batch of noise, and where a learner of the network starts.
struct Start {
  std::unique_ptr<Learner> learner;
  std::vector<float> parameters, inputs;
  std::vector<std::int32_t> labels;

  explicit Start(const Network& network) : learner(learner_of(network)), inputs(kRows * 784) {
    RandomStream random(1, "data");
    parameters.resize(learner->layout()->size());
    learner->initialise(random, parameters);
    for (float& x : inputs) x = static_cast<float>(random.normal());
    for (int b = 0; b < kRows; ++b) labels.push_back(static_cast<int>(random.below(10)));
  }
  Batch batch() const { return {.size = kRows, .inputs = inputs, .labels = labels}; }
};

void fused_step(benchmark::State& state, const Network& network) {
  Start start(network);
  const auto fused = start.learner->make_fused();
  Workspace workspace;
  fused->load(start.parameters, {});
  for (auto _ : state) {
    benchmark::DoNotOptimize(fused->step(start.batch(), kRate, workspace));
  }
}

void plain_step(benchmark::State& state, const Network& network) {
  Start start(network);
  const Learner& learner = *start.learner;
  const auto tape = learner.make_tape();
  std::vector<float>& parameters = start.parameters;
  std::vector<float> gradient(parameters.size()), cotangent(kRows * 10);
  for (auto _ : state) {
    const auto scores = learner.forward(parameters, start.batch(), Phase::kTrain, *tape).scores;
    benchmark::DoNotOptimize(learner.loss(scores, start.batch(), cotangent));
    learner.backward(parameters, {cotangent}, *tape, gradient, {});
    for (std::size_t i = 0; i < parameters.size(); ++i) {
      parameters[i] = parameters[i] - kRate * gradient[i];
    }
    learner.after_step(*tape, parameters);
  }
}

BENCHMARK_CAPTURE(bare_loop, mlp, kMlp);
BENCHMARK_CAPTURE(fused_step, mlp, kMlp);
BENCHMARK_CAPTURE(plain_step, mlp, kMlp);
BENCHMARK_CAPTURE(bare_loop, cnn, kCnn);
BENCHMARK_CAPTURE(fused_step, cnn, kCnn);
BENCHMARK_CAPTURE(plain_step, cnn, kCnn);

}  // namespace
}  // namespace skerry
