#include "algorithms/learners/torch_network.hpp"

#include <cmath>

namespace skerry::learners {

namespace {

std::string replaced(std::string text, const std::string& what, const std::string& by) {
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at)) {
    text.replace(at, what.size(), by);
    at += by.size();
  }
  return text;
}

}  // namespace

TorchNetwork::TorchNetwork(std::string name)
    : unit_(std::make_shared<torch::jit::CompilationUnit>()),
      name_(std::move(name)),
      module_(name_, unit_),
      source_("def forward(self, x):\n") {}

void TorchNetwork::add(const Weight& layer, const std::string& statement) {
  torch::jit::Module part(name_ + "_" + layer.name, unit_);
  const auto parameter = [](at::IntArrayRef shape) {
    return at::zeros(shape, at::kFloat).set_requires_grad(true);
  };
  part.register_parameter("weight", parameter(layer.shape), /*is_buffer=*/false);
  part.register_parameter("bias", parameter({layer.shape[0]}), /*is_buffer=*/false);
  module_.register_module(layer.name, part);
  const std::string self = "self." + layer.name;
  source_ +=
      "  x = " + replaced(replaced(statement, "@w", self + ".weight"), "@b", self + ".bias") + "\n";
  double fan_in = 1;
  for (std::size_t i = 1; i < layer.shape.size(); ++i)
    fan_in *= static_cast<double>(layer.shape[i]);
  bounds_.insert(bounds_.end(), 2, 1 / std::sqrt(fan_in));
}

Result<std::unique_ptr<Learner>> TorchNetwork::build(const LearnerTask& task) {
  module_.define(source_ + "  return x\n");
  auto learner = TorchLearner::make(module_, task, bounds_);
  SKERRY_CHECK(learner.ok(), learner.message());
  return learner;
}

}  // namespace skerry::learners
