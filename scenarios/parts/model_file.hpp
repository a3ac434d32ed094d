#pragma once

#include <vector>

#include "algorithms/sdk/fields.hpp"
#include "algorithms/sdk/layout.hpp"
#include "algorithms/sdk/result.hpp"

namespace skerry::parts {

/// The parameters of a model, in the order of its layout, from a `.npz` whose arrays have the names
/// and shapes of its tensors (PyTorch's: `fc1.weight` [out, in]) and type float32 or float64.
/// Errors: a damaged file, a tensor that is missing or has another shape or type, a value that is
/// not a finite number.
Result<std::vector<float>> read_parameters(const FileContent& file, const Layout& layout);

}  // namespace skerry::parts
