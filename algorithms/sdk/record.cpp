#include "algorithms/sdk/record.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <new>

#include "algorithms/sdk/archive.hpp"
#include "algorithms/sdk/exact_sum.hpp"

namespace skerry {

namespace {

constexpr std::size_t kAlignment = 64;
constexpr std::size_t kMaxRank = 8;
constexpr std::size_t kMaxTensors = 1 << 16;

std::byte* allocate(std::size_t bytes) {
  const std::size_t padded = (bytes + kAlignment - 1) / kAlignment * kAlignment;
  void* data = std::aligned_alloc(kAlignment, std::max(padded, kAlignment));
  if (data == nullptr) throw std::bad_alloc();
  return static_cast<std::byte*>(data);
}

}  // namespace

bool RecordSpec::real() const {
  const auto& tensors = layout->tensors();
  return layout->type() == DType::kFloat32 && reduce != Reduce::kEach &&
         (tensors.empty() || tensors.front().group == Group::kShared);
}

void Record::Free::operator()(std::byte* data) const { std::free(data); }

Record::Record(RecordSpec spec) : spec_(std::move(spec)), data_(allocate(spec_.layout->bytes())) {}

Record::Record(const Record& other) : Record(other.spec_) {
  std::memcpy(overwrite().data(), other.bytes().data(), other.bytes().size());
}

void Record::ensure_zero() const {
  if (!blank_) return;
  std::memset(data_.get(), 0, spec_.layout->bytes());
  blank_ = false;
}

std::span<std::byte> Record::overwrite() {
  blank_ = false;
  finite_ = Finite::kUnknown;
  return {data_.get(), spec_.layout->bytes()};
}

std::span<float> Record::overwrite_f32() {
  blank_ = false;
  return f32();
}

std::span<std::byte> Record::bytes() {
  ensure_zero();
  return overwrite();
}

std::span<const std::byte> Record::bytes() const {
  ensure_zero();
  return {data_.get(), spec_.layout->bytes()};
}

std::span<float> Record::f32() {
  SKERRY_CHECK(layout().type() == DType::kFloat32, "the record holds float32");
  const auto values = bytes();
  return {reinterpret_cast<float*>(values.data()), size()};
}

std::span<const float> Record::f32() const {
  SKERRY_CHECK(layout().type() == DType::kFloat32, "the record holds float32");
  const auto values = bytes();
  return {reinterpret_cast<const float*>(values.data()), size()};
}

bool Record::finite() const {
  if (layout().type() != DType::kFloat32) return true;
  Finite known = finite_.load(std::memory_order_relaxed);
  if (known == Finite::kUnknown) {
    known = ExactSum::finite(f32()) ? Finite::kYes : Finite::kNo;
    finite_.store(known, std::memory_order_relaxed);
  }
  return known == Finite::kYes;
}

std::span<std::int64_t> Record::i64() {
  SKERRY_CHECK(layout().type() == DType::kInt64, "the record holds int64");
  ensure_zero();
  return {reinterpret_cast<std::int64_t*>(data_.get()), size()};
}

std::span<const std::int64_t> Record::i64() const { return const_cast<Record*>(this)->i64(); }

std::span<float> Record::f32(std::string_view tensor) {
  const auto i = layout().find(tensor);
  SKERRY_CHECK(i.has_value(), "the record has no such tensor");
  return f32().subspan(layout().offset(*i), element_count(layout().tensors()[*i].shape));
}

std::span<const float> Record::f32(std::string_view tensor) const {
  const auto i = layout().find(tensor);
  SKERRY_CHECK(i.has_value(), "the record has no such tensor");
  return f32().subspan(layout().offset(*i), element_count(layout().tensors()[*i].shape));
}

Record& Payload::add(RecordSpec spec) {
  auto record = std::make_shared<Record>(std::move(spec));
  Record& open = *record;
  records_.push_back(std::move(record));
  return open;
}

const Record* Payload::find(std::string_view name) const& {
  for (const RecordRef& record : records_) {
    if (record->name() == name) return record.get();
  }
  return nullptr;
}

Payload::RecordRef Payload::share(std::string_view name) const {
  for (const RecordRef& record : records_) {
    if (record->name() == name) return record;
  }
  return nullptr;
}

const Record& Payload::at(std::string_view name) const& {
  const Record* record = find(name);
  SKERRY_CHECK(record != nullptr, "the payload has no record \"" + std::string(name) + "\"");
  return *record;
}

Record& Payload::open(std::string_view name) {
  for (RecordRef& record : records_) {
    if (record->name() != name) continue;
    if (record.use_count() > 1) record = std::make_shared<Record>(*record);
    return const_cast<Record&>(*record);  // we are its only holder
  }
  SKERRY_CHECK(false, "the payload has no record \"" + std::string(name) + "\"");
  std::abort();
}

void Payload::close() const {
  for (const RecordRef& record : records_) record->ensure_zero();
}

std::size_t Payload::tensor_bytes() const {
  std::size_t bytes = 0;
  for (const RecordRef& record : records_) bytes += record->layout().bytes();
  return bytes;
}

void save_head(ByteWriter& writer, const RecordSpec& spec) {
  writer(spec.name, spec.reduce, *spec.layout);
}

std::size_t saved_bytes(const RecordSpec& spec) {
  return sizeof(std::uint64_t) + spec.name.size() + sizeof spec.reduce +
         spec.layout->archived_bytes() + spec.layout->bytes();
}

std::vector<std::byte> save_payload(const Payload& payload) {
  ByteWriter writer;
  writer(std::uint32_t(payload.records().size()));
  for (const auto& record : payload.records()) {
    save_head(writer, record->spec());
    writer.raw(record->bytes());
  }
  return writer.take();
}

namespace {

/// @param size  of all bytes that came.
Status check_layout(const std::string& name, Reduce reduce, const Layout& layout,
                    std::size_t size) {
  if (layout.type() > DType::kUint8 || reduce > Reduce::kEach ||
      layout.tensors().size() > kMaxTensors) {
    return Failure{"record \"" + name + "\": unknown type, reduction or too many tensors"};
  }
  std::size_t elements = 0;
  for (const TensorSpec& tensor : layout.tensors()) {
    std::size_t count = 1;
    for (std::uint32_t extent : tensor.shape) {
      if (extent != 0 && count > size / extent) count = size + 1;
      count = std::min(count * extent, size + 1);
    }
    elements += count;
    if (tensor.shape.size() > kMaxRank || tensor.group > Group::kBuffer || elements > size) {
      return Failure{"tensor \"" + tensor.name + "\": shape does not fit the bytes that came"};
    }
  }
  return {};
}

}  // namespace

Result<std::vector<SavedRecord>> find_records(std::span<const std::byte> bytes) {
  ByteReader reader(bytes);
  std::uint32_t count = 0;
  reader(count);
  std::vector<SavedRecord> records;
  for (std::uint32_t i = 0; i < count && reader.ok(); ++i) {
    std::string name;
    Reduce reduce{};
    Layout layout;
    reader(name, reduce, layout);
    if (!reader.ok()) break;
    if (const Status fits = check_layout(name, reduce, layout, bytes.size()); !fits) {
      return fits.failure();
    }
    if (layout.bytes() > reader.remaining()) {
      return Failure{"record \"" + name + "\" needs " + std::to_string(layout.bytes()) +
                     " bytes, " + std::to_string(reader.remaining()) + " came"};
    }
    const auto values = reader.raw(layout.bytes());
    records.push_back(
        {{std::move(name), std::make_shared<const Layout>(std::move(layout)), reduce}, values});
  }
  if (!reader.finished()) return Failure{"a payload is cut short or has bytes left over"};
  return records;
}

Result<Payload> load_payload(std::span<const std::byte> bytes) {
  auto records = find_records(bytes);
  if (!records) return records.failure();
  Payload payload;
  for (SavedRecord& saved : records.value()) {
    Record& record = payload.add(std::move(saved.spec));
    if (!saved.values.empty()) {
      std::memcpy(record.overwrite().data(), saved.values.data(), saved.values.size());
    }
  }
  return payload;
}

}  // namespace skerry
