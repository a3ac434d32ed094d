#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "algorithms/sdk/optimizer.hpp"
#include "tests/algorithms/plugins.hpp"

namespace skerry {

/// An optimiser with its memory.
struct Walk {
  std::unique_ptr<Optimizer> optimizer;
  std::vector<float> w;
  std::vector<float> moments;
  std::uint64_t steps = 0;
  float rate_scale = 1;

  Walk(std::unique_ptr<Optimizer> o, std::vector<float> start)
      : optimizer(std::move(o)), w(std::move(start)), moments(optimizer->moments() * w.size()) {}
  void step(const std::vector<float>& gradient) {
    OptimizerState state{steps++, moments, rate_scale};
    optimizer->step(w, gradient, state);
  }
};

}  // namespace skerry
