#pragma once

#include <cstddef>

#include "algorithms/kernels/panel.hpp"

namespace skerry::kernels {

/// x = max(0, x) in place; -0 and NaN become +0. `size` is a multiple of kPanel.
struct Relu {
  std::size_t size = 0;
  float* x = nullptr;
};

/// dy = y > 0 ? dy : 0 in place, y being the ReLU's output. `size` is a multiple of kPanel.
struct ReluBackward {
  std::size_t size = 0;
  const float* y = nullptr;
  float* dy = nullptr;
};

}  // namespace skerry::kernels
