#include "scenarios/parts/model_file.hpp"

#include <cmath>

#include "datasets/npz.hpp"

namespace skerry::parts {

Result<std::vector<float>> read_parameters(const FileContent& file, const Layout& layout) {
  std::vector<std::string> tensors;
  for (const TensorSpec& tensor : layout.tensors()) tensors.push_back(tensor.name);
  const auto arrays = datasets::parse_npz(file.bytes, "the archive", tensors);
  if (!arrays) return arrays.failure();
  std::vector<float> parameters;
  for (const TensorSpec& tensor : layout.tensors()) {
    const datasets::NpyArray& array = arrays->at(tensor.name);
    if (array.shape() != tensor.shape) {
      return Failure{"\"" + tensor.name + "\" has shape " + skerry::to_string(array.shape()) +
                     "; the model needs " + skerry::to_string(tensor.shape)};
    }
    if (array.type() != DType::kFloat32 && array.type() != DType::kFloat64) {
      return Failure{"\"" + tensor.name + "\" holds " + std::string(to_string(array.type())) +
                     "; the model needs float32"};
    }
    for (std::size_t i = 0; i < array.size(); ++i) {
      parameters.push_back(static_cast<float>(array.number(i)));
      if (!std::isfinite(parameters.back())) {
        return Failure{"\"" + tensor.name + "\" has a value that is not a finite number"};
      }
    }
  }
  return parameters;
}

}  // namespace skerry::parts
