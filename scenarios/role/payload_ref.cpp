#include "scenarios/role/payload_ref.hpp"

#include <algorithm>

namespace skerry::role {

namespace {

constexpr const char* kCutShort = "a stored payload is cut short";

/// Reads the sums, which follow the records.
Result<std::vector<std::pair<std::string, ExactSum>>> load_sums(ByteReader& reader) {
  std::uint64_t count = 0;
  reader(count);
  if (!reader.ok()) return Failure{kCutShort};
  std::vector<std::pair<std::string, ExactSum>> sums;
  for (std::uint64_t i = 0; i < count; ++i) {
    std::string name;
    std::uint64_t size = 0, length = 0;
    reader(name, size, length);
    const auto saved = reader.raw(length);
    if (!reader.ok() || size > (std::uint64_t{1} << 32)) {
      return Failure{"a stored sum is damaged"};
    }
    ExactSum sum(size);
    if (!sum.load(saved)) return Failure{"a stored sum is damaged"};
    sums.emplace_back(std::move(name), std::move(sum));
  }
  if (!reader.finished()) return Failure{"a stored payload has bytes left over"};
  return sums;
}

/// Reads the bytes of the records, which come first.
Result<std::span<const std::byte>> saved_records(ByteReader& reader) {
  std::uint64_t length = 0;
  reader(length);
  const auto records = reader.raw(length);
  if (!reader.ok()) return Failure{kCutShort};
  return records;
}

}  // namespace

Result<Content> load_content(std::span<const std::byte> bytes) {
  ByteReader reader(bytes);
  const auto records = saved_records(reader);
  if (!records) return records.failure();
  auto payload = load_payload(*records);
  if (!payload) return payload.failure();
  auto sums = load_sums(reader);
  if (!sums) return sums.failure();
  return Content{std::move(*payload), std::move(*sums)};
}

namespace {

std::vector<RecordSpec> shape_of(const Payload& payload) {
  std::vector<RecordSpec> shape;
  for (const auto& record : payload.records()) shape.push_back(record->spec());
  return shape;
}

}  // namespace

PayloadCell::PayloadCell(PayloadId id, std::unique_ptr<const StoredPayload> stored)
    : id_(id), shape_(stored->shape()), state_(State::kReady), stored_(std::move(stored)) {}

const Content& PayloadCell::wait() const {
  SKERRY_CHECK(!stored_, "a payload that is stored has no content in memory");
  state_.wait(State::kComing);
  SKERRY_CHECK(ready(), "nobody waits for a payload that is given up: " + *why_);
  return content_;
}

Payload PayloadCell::payload() const { return stored_ ? stored_->read() : wait().payload; }

void PayloadCell::fulfil(Content content) {
  SKERRY_CHECK(state_ == State::kComing, "a payload is made once");
  content_ = std::move(content);
  content_.payload.close();
  if (shape_.empty()) shape_ = shape_of(content_.payload);
  state_ = State::kReady;
  state_.notify_all();
}

void PayloadCell::give_up(std::string why) {
  SKERRY_CHECK(state_ == State::kComing, "what is given up was never made");
  why_ = std::make_unique<const std::string>(std::move(why));
  state_ = State::kGivenUp;
  state_.notify_all();
}

Content PayloadCell::steal() {
  wait();
  return std::move(content_);
}

PayloadRef PayloadRef::of(PayloadId id, Content content) {
  auto cell = std::make_shared<PayloadCell>(id, std::vector<RecordSpec>{});
  cell->fulfil(std::move(content));
  return PayloadRef(std::move(cell));
}

Result<PayloadRef> PayloadRef::stored(PayloadId id, std::shared_ptr<const StoredBytes> bytes) {
  ByteReader reader(bytes->bytes());
  const auto saved = saved_records(reader);
  if (!saved) return saved.failure();
  const auto records = find_records(*saved);
  if (!records) return records.failure();
  auto sums = load_sums(reader);
  if (!sums) return sums.failure();
  if (!sums.value().empty()) {
    auto payload = load_payload(*saved);
    if (!payload) return payload.failure();
    return of(id, {std::move(*payload), std::move(*sums)});
  }
  return PayloadRef(std::make_shared<PayloadCell>(
      id, std::make_unique<const StoredPayload>(std::move(bytes), *records)));
}

Payload PayloadRef::kept() const {
  if (cell_->stored() != nullptr) cell_->stored()->keep();
  return payload();
}

Content PayloadRef::take() && {
  const std::shared_ptr<PayloadCell> cell = std::move(cell_);
  if (cell->stored()) return {cell->payload(), {}};
  cell->wait();
  if (cell.use_count() == 1) return cell->steal();
  return cell->wait();
}

std::size_t PayloadRef::tensor_bytes() const {
  std::size_t bytes = 0;
  for (const RecordSpec& spec : shape()) bytes += spec.layout->bytes();
  return bytes;
}

std::size_t PayloadRef::encoded_bytes() const {
  std::size_t bytes = sizeof(std::uint32_t);  // how many records
  for (const RecordSpec& spec : shape()) bytes += saved_bytes(spec);
  return bytes;
}

void PayloadRef::restore(ByteReader& reader, PayloadId id) {
  cell_.reset();
  if (!reader.ok()) return;
  if (reader.handles() != nullptr) {
    cell_ = std::static_pointer_cast<PayloadCell>(reader.handles()->find(id.origin, id.number));
  }
  if (cell_ == nullptr) reader.fail();
}

bool same_shape(const std::vector<RecordSpec>& a, const std::vector<RecordSpec>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const RecordSpec& x, const RecordSpec& y) {
                      return x.name == y.name && (x.layout == y.layout || *x.layout == *y.layout);
                    });
}

}  // namespace skerry::role
