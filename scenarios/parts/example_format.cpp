#include "scenarios/parts/example_format.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "datasets/samples.hpp"
#include "scenarios/role/payload_ref.hpp"

namespace skerry::parts {

namespace {

RecordSpec flat(const char* name, std::size_t size, DType type) {
  return {name, std::make_shared<const Layout>(Layout::flat(name, size, type)), Reduce::kEach};
}

}  // namespace

ExampleFormat::ExampleFormat(const DataSchema& schema)
    : schema_(schema),
      bytes_(flat("input", schema.input_size(), DType::kUint8)),
      floats_(flat("input", schema.input_size(), DType::kFloat32)) {}

bool ExampleFormat::fits(const std::vector<RecordSpec>& shape) const {
  return role::same_shape(shape, {bytes_}) || role::same_shape(shape, {floats_});
}

std::vector<RecordSpec> ExampleFormat::shape(const Samples& samples) const {
  return {samples.byte_rows().data != nullptr ? bytes_ : floats_};
}

Payload ExampleFormat::write(const Samples& samples, std::uint32_t row,
                             std::span<const float> inputs) const {
  Payload example;
  if (const ByteRows rows = samples.byte_rows(); rows.data != nullptr) {
    Record& record = example.add(bytes_);
    std::memcpy(record.bytes().data(), rows.data + std::size_t{row} * rows.row_bytes,
                inputs.size());
  } else {
    Record& record = example.add(floats_);
    std::copy(inputs.begin(), inputs.end(), record.f32().begin());
  }
  return example;
}

void ExampleFormat::read(const Payload& example, std::span<float> out) const {
  const Record& record = example.at("input");
  if (record.layout().type() == DType::kFloat32) {
    std::ranges::copy(record.f32(), out.begin());
    return;
  }
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(record.bytes().data());
  const ByteRows rule = datasets::byte_rows(schema_, bytes);
  for (std::size_t j = 0; j < out.size(); ++j) {
    out[j] = std::fma(static_cast<float>(bytes[j]), rule.multiplier, rule.addend);
  }
}

RecordSpec prediction_record(std::uint32_t classes) {
  return flat("prediction", classes, DType::kFloat32);
}

}  // namespace skerry::parts
