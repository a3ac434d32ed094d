#include "datasets/repeated_samples.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "algorithms/sdk/check.hpp"

namespace skerry::datasets {

namespace {

std::vector<std::uint32_t> original_rows(std::span<const std::uint32_t> rows, std::uint32_t size) {
  std::vector<std::uint32_t> of_original(rows.begin(), rows.end());
  for (std::uint32_t& row : of_original) row %= size;
  return of_original;
}

}  // namespace

RepeatedSamples::RepeatedSamples(std::shared_ptr<const Samples> original, std::uint32_t tasks)
    : original_(std::move(original)), tasks_(tasks) {
  SKERRY_CHECK(can_repeat(tasks, original_->size()), "rows are numbered by 32 bits");
}

void RepeatedSamples::inputs(std::span<const std::uint32_t> rows, std::span<float> out) const {
  original_->inputs(original_rows(rows, original_->size()), out);
  const std::size_t width = schema().input_size();
  std::vector<float> input(width);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const std::span<float> of_row = out.subspan(i * width, width);
    std::ranges::copy(of_row, input.begin());
    show(rows[i] / original_->size(), input, of_row);
  }
}

void RepeatedSamples::labels(std::span<const std::uint32_t> rows,
                             std::span<std::int32_t> out) const {
  original_->labels(original_rows(rows, original_->size()), out);
}

void RepeatedSamples::targets(std::span<const std::uint32_t> rows, std::span<float> out) const {
  original_->targets(original_rows(rows, original_->size()), out);
}

}  // namespace skerry::datasets
