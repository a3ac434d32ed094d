#pragma once

#include <string>
#include <vector>

#include "algorithms/learners/torch_learner.hpp"

namespace skerry::learners {

/// Writes a network of layers in a row as a TorchScript module, with the names, order and initial
/// values of the native one.
class TorchNetwork {
 public:
  explicit TorchNetwork(std::string name);

  struct Weight {
    std::string name;
    std::vector<std::int64_t> shape;  // [out, in] or OIHW
  };
  /// A layer whose statement says what it makes of `x`; `@w` and `@b` stand for its weight and
  /// bias.
  void add(const Weight& layer, const std::string& statement);

  Result<std::unique_ptr<Learner>> build(const LearnerTask& task);

 private:
  std::shared_ptr<torch::jit::CompilationUnit> unit_;
  std::string name_;
  torch::jit::Module module_;
  std::string source_;
  TorchLearner::Bounds bounds_;
};

}  // namespace skerry::learners
