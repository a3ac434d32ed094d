#pragma once

#include <functional>

namespace skerry::learners {

/// Products (multiply-adds) that LibTorch computes while something runs.
struct CountedProducts {
  double all = 0;
  double first = 0;    // of the first operator that had any
  double outputs = 0;  // values made by operators that had any
};

/// Counts what the calling thread computes in `work`: convolutions and products of matrices.
CountedProducts count_products(const std::function<void()>& work);

}  // namespace skerry::learners
