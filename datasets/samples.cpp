#include "datasets/samples.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "algorithms/sdk/check.hpp"
#include "algorithms/sdk/dispatch.hpp"

namespace skerry::datasets {

namespace {

void gather_labels(const std::vector<std::int32_t>& labels, std::span<const std::uint32_t> rows,
                   std::span<std::int32_t> out) {
  SKERRY_CHECK(out.size() == rows.size(), "one label a row");
  for (std::size_t i = 0; i < rows.size(); ++i) out[i] = labels[rows[i]];
}

void gather_targets(const std::vector<float>& targets, std::size_t values,
                    std::span<const std::uint32_t> rows, std::span<float> out) {
  SKERRY_CHECK(values > 0 && out.size() == rows.size() * values, "so many targets a row");
  for (std::size_t i = 0; i < rows.size(); ++i) {
    std::copy_n(targets.data() + rows[i] * values, values, out.data() + i * values);
  }
}

/// Asks the processor to fetch some rows. Of long ones the beginning of each stretch is enough: the
/// processor fetches the rest by itself.
void prefetch_rows(const void* data, std::size_t row_bytes, std::span<const std::uint32_t> rows) {
  constexpr std::size_t kLine = 64, kStretch = 1024;
  const std::size_t step = row_bytes > kStretch ? kStretch : kLine;
  for (const std::uint32_t row : rows) {
    const auto* begin = static_cast<const char*>(data) + row * row_bytes;
    for (std::size_t at = 0; at < row_bytes; at += step) __builtin_prefetch(begin + at, 0, 2);
  }
}

}  // namespace

ByteRows byte_rows(const DataSchema& schema, const std::uint8_t* data) {
  return {.data = data,
          .row_bytes = schema.input_size(),
          .multiplier = static_cast<float>(1.0 / (schema.scale * schema.deviation)),
          .addend = static_cast<float>(-schema.mean / schema.deviation)};
}

ByteSamples::ByteSamples(DataSchema schema, std::shared_ptr<const void> owner,
                         const std::uint8_t* data, std::vector<std::int32_t> labels,
                         std::vector<float> targets)
    : schema_(std::move(schema)),
      owner_(std::move(owner)),
      bytes_(datasets::byte_rows(schema_, data)),
      labels_(std::move(labels)),
      targets_(std::move(targets)) {
  SKERRY_CHECK(targets_.size() == labels_.size() * schema_.values, "targets match labels");
}

namespace {

/// x = fma(byte, multiplier, addend) for one row.
SKERRY_FMA_LOOP void normalise(const std::uint8_t* __restrict row, std::size_t width,
                               float multiplier, float addend, float* __restrict out) {
  for (std::size_t j = 0; j < width; ++j) {
    out[j] = std::fma(static_cast<float>(row[j]), multiplier, addend);
  }
}

}  // namespace

void ByteSamples::inputs(std::span<const std::uint32_t> rows, std::span<float> out) const {
  const std::size_t width = bytes_.row_bytes;
  SKERRY_CHECK(out.size() == rows.size() * width, "one input a row");
  for (std::size_t i = 0; i < rows.size(); ++i) {
    normalise(bytes_.data + rows[i] * width, width, bytes_.multiplier, bytes_.addend,
              out.data() + i * width);
  }
}

void ByteSamples::labels(std::span<const std::uint32_t> rows, std::span<std::int32_t> out) const {
  gather_labels(labels_, rows, out);
}

void ByteSamples::targets(std::span<const std::uint32_t> rows, std::span<float> out) const {
  gather_targets(targets_, schema_.values, rows, out);
}

void ByteSamples::prefetch(std::span<const std::uint32_t> rows) const {
  prefetch_rows(bytes_.data, bytes_.row_bytes, rows);
}

FloatSamples::FloatSamples(DataSchema schema, std::vector<float> inputs,
                           std::vector<std::int32_t> labels, std::vector<float> targets)
    : schema_(std::move(schema)),
      inputs_(std::move(inputs)),
      labels_(std::move(labels)),
      targets_(std::move(targets)) {
  SKERRY_CHECK(inputs_.size() == labels_.size() * schema_.input_size(), "inputs match labels");
  SKERRY_CHECK(targets_.size() == labels_.size() * schema_.values, "targets match labels");
}

void FloatSamples::inputs(std::span<const std::uint32_t> rows, std::span<float> out) const {
  const std::size_t width = schema_.input_size();
  SKERRY_CHECK(out.size() == rows.size() * width, "one input a row");
  for (std::size_t i = 0; i < rows.size(); ++i) {
    std::copy_n(inputs_.data() + rows[i] * width, width, out.data() + i * width);
  }
}

void FloatSamples::labels(std::span<const std::uint32_t> rows, std::span<std::int32_t> out) const {
  gather_labels(labels_, rows, out);
}

void FloatSamples::targets(std::span<const std::uint32_t> rows, std::span<float> out) const {
  gather_targets(targets_, schema_.values, rows, out);
}

void FloatSamples::prefetch(std::span<const std::uint32_t> rows) const {
  prefetch_rows(inputs_.data(), schema_.input_size() * sizeof(float), rows);
}

std::shared_ptr<const FloatSamples> stored(const Samples& samples) {
  std::vector<std::uint32_t> rows(samples.size());
  std::iota(rows.begin(), rows.end(), 0u);
  std::vector<float> inputs(rows.size() * samples.schema().input_size());
  std::vector<std::int32_t> labels(rows.size());
  samples.inputs(rows, inputs);
  samples.labels(rows, labels);
  std::vector<float> targets(rows.size() * samples.schema().values);
  if (!targets.empty()) samples.targets(rows, targets);
  return std::make_shared<FloatSamples>(samples.schema(), std::move(inputs), std::move(labels),
                                        std::move(targets));
}

}  // namespace skerry::datasets
