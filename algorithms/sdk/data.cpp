#include "algorithms/sdk/data.hpp"

#include "algorithms/sdk/check.hpp"

namespace skerry {

std::string_view to_string(Split split) {
  switch (split) {
    case Split::kTrain:
      return "train";
    case Split::kValidation:
      return "validation";
    case Split::kTest:
      return "test";
  }
  return "unknown";
}

void Samples::targets(std::span<const std::uint32_t>, std::span<float>) const {
  SKERRY_CHECK(false, "samples whose schema has real-valued targets give them");
}

Batch BatchBuffer::fill(const Samples& samples, std::span<const std::uint32_t> rows) {
  inputs_.resize(rows.size() * samples.schema().input_size());
  samples.inputs(rows, inputs_);
  Batch batch{.size = rows.size(), .inputs = inputs_};
  if (samples.schema().classes > 0) {
    labels_.resize(rows.size());
    samples.labels(rows, labels_);
    batch.labels = labels_;
  }
  if (samples.schema().values > 0) {
    targets_.resize(rows.size() * samples.schema().values);
    samples.targets(rows, targets_);
    batch.targets = targets_;
  }
  return batch;
}

}  // namespace skerry
