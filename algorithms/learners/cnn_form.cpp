#include "algorithms/learners/cnn_form.hpp"

namespace skerry::learners {

void CnnForm::check(FieldReader& reader) const {
  if (kernel % 2 == 0) reader.error("kernel", "is even; only odd kernels have a centre");
}

Result<CnnForm::Layers> CnnForm::layers(const LearnerTask& task, const std::string& model) const {
  const DataSchema& schema = task.schema;
  if (!task.loss) return Failure{model + " needs targets; the data has none"};
  if (schema.input.size() != 3) {
    return Failure{model + " needs images [channels, height, width]; the data has " +
                   to_string(schema.input)};
  }
  Layers layers;
  std::size_t planes = schema.input[0], height = schema.input[1], width = schema.input[2];
  const std::size_t border = padding == Padding::kSame ? kernel / 2 : 0;
  const std::size_t least = kernel + 1 - 2 * border;
  for (const std::uint32_t outputs : channels) {
    if (height < least || width < least) {
      return Failure{model + ": images of " + to_string(schema.input) + " are too small for " +
                     std::to_string(channels.size()) + " convolutions of " +
                     std::to_string(kernel) + " x " + std::to_string(kernel) + " with pooling"};
    }
    layers.convolutions.push_back({.channels = planes,
                                   .height = height,
                                   .width = width,
                                   .outputs = outputs,
                                   .kernel = kernel,
                                   .border = border});
    planes = outputs;
    height = (height + 2 * border + 1 - kernel) / 2;
    width = (width + 2 * border + 1 - kernel) / 2;
  }
  std::size_t values = planes * height * width;
  for (const std::uint32_t outputs : hidden) {
    layers.dense.push_back({values, outputs});
    values = outputs;
  }
  layers.dense.push_back({values, task.outputs()});
  return layers;
}

}  // namespace skerry::learners
