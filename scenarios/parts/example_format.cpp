#include "scenarios/parts/example_format.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "datasets/samples.hpp"

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

std::string ExampleFormat::misfit(const role::PayloadRef& example) const {
  if (example && fits(example.shape())) return {};
  return "the example must be one record \"input\" of " + std::to_string(schema_.input_size()) +
         " values, uint8 or float32";
}

std::size_t ExampleFormat::count(const std::vector<RecordSpec>& shape) const {
  if (shape.size() != 1 || shape[0].name != bytes_.name) return 0;
  const Layout& layout = *shape[0].layout;
  const std::size_t count = layout.size() / schema_.input_size();
  const auto expected = flat("input", count * schema_.input_size(), layout.type());
  const bool sound = layout.type() == DType::kUint8 || layout.type() == DType::kFloat32;
  return sound && role::same_shape(shape, {expected}) ? count : 0;
}

Payload ExampleFormat::write(const Samples& samples, std::uint32_t row,
                             std::span<const float> inputs) const {
  return write(samples, {&row, 1}, inputs);
}

Payload ExampleFormat::write(const Samples& samples, std::span<const std::uint32_t> rows,
                             std::span<const float> inputs) const {
  const std::size_t size = schema_.input_size();
  Payload examples;
  if (const ByteRows held = samples.byte_rows(); held.data != nullptr) {
    Record& record = examples.add(flat("input", rows.size() * size, DType::kUint8));
    std::byte* to = record.overwrite().data();
    for (const std::uint32_t row : rows) {
      std::memcpy(to, held.data + std::size_t{row} * held.row_bytes, size);
      to += size;
    }
  } else {
    Record& record = examples.add(flat("input", rows.size() * size, DType::kFloat32));
    std::ranges::copy(inputs, record.overwrite_f32().begin());
  }
  return examples;
}

Payload ExampleFormat::pick(const Payload& examples, std::span<const std::uint32_t> places) const {
  const Record& from = examples.at("input");
  const std::size_t bytes = schema_.input_size() * size_of(from.layout().type());
  Payload picked;
  Record& record =
      picked.add(flat("input", places.size() * schema_.input_size(), from.layout().type()));
  std::byte* to = record.overwrite().data();
  for (const std::uint32_t place : places) {
    std::memcpy(to, from.bytes().data() + place * bytes, bytes);
    to += bytes;
  }
  return picked;
}

void ExampleFormat::read(const Payload& examples, std::size_t place, std::span<float> out) const {
  const Record& record = examples.at("input");
  const std::size_t first = place * schema_.input_size();
  if (record.layout().type() == DType::kFloat32) {
    std::ranges::copy(record.f32().subspan(first, out.size()), out.begin());
    return;
  }
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(record.bytes().data()) + first;
  const ByteRows rule = datasets::byte_rows(schema_, bytes);
  for (std::size_t j = 0; j < out.size(); ++j) {
    out[j] = std::fma(static_cast<float>(bytes[j]), rule.multiplier, rule.addend);
  }
}

RecordSpec prediction_record(std::uint32_t classes) {
  return flat("prediction", classes, DType::kFloat32);
}

}  // namespace skerry::parts
