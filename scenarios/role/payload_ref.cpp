#include "scenarios/role/payload_ref.hpp"

#include <algorithm>

namespace skerry::role {

ByteVector save_content(const Content& content) {
  ByteWriter writer;
  writer(save_payload(content.payload), std::uint64_t{content.sums.size()});
  for (const auto& [name, sum] : content.sums) {
    writer(name, std::uint64_t{sum.size()}, sum.save());
  }
  return writer.take();
}

Result<Content> load_content(std::span<const std::byte> bytes) {
  ByteReader reader(bytes);
  ByteVector records;
  std::uint64_t sums = 0;
  reader(records, sums);
  if (!reader.ok()) return Failure{"a stored payload is cut short"};
  auto payload = load_payload(records);
  if (!payload) return payload.failure();
  Content content{std::move(*payload), {}};
  for (std::uint64_t i = 0; i < sums; ++i) {
    std::string name;
    std::uint64_t size = 0;
    ByteVector saved;
    reader(name, size, saved);
    if (!reader.ok() || size > (std::uint64_t{1} << 32)) {
      return Failure{"a stored sum is damaged"};
    }
    ExactSum sum(size);
    if (!sum.load(saved)) return Failure{"a stored sum is damaged"};
    content.sums.emplace_back(std::move(name), std::move(sum));
  }
  if (!reader.finished()) return Failure{"a stored payload has bytes left over"};
  return content;
}

namespace {

std::vector<RecordSpec> shape_of(const Payload& payload) {
  std::vector<RecordSpec> shape;
  for (const auto& record : payload.records()) shape.push_back(record->spec());
  return shape;
}

}  // namespace

const Content& PayloadCell::wait() const {
  ready_.wait(false);
  return content_;
}

void PayloadCell::fulfil(Content content) {
  SKERRY_CHECK(!ready_, "a payload is made once");
  content_ = std::move(content);
  content_.payload.close();
  if (shape_.empty()) shape_ = shape_of(content_.payload);
  ready_ = true;
  ready_.notify_all();
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

Content PayloadRef::take() && {
  const std::shared_ptr<PayloadCell> cell = std::move(cell_);
  cell->wait();
  if (cell.use_count() == 1) return cell->steal();
  return cell->wait();
}

std::size_t PayloadRef::tensor_bytes() const {
  std::size_t bytes = 0;
  for (const RecordSpec& spec : shape()) bytes += spec.layout->bytes();
  return bytes;
}

// The sizes of what save_payload() writes.
std::size_t PayloadRef::encoded_bytes() const {
  std::size_t bytes = sizeof(std::uint32_t);  // how many records
  for (const RecordSpec& spec : shape()) {
    bytes += sizeof(std::uint64_t) + spec.name.size() + sizeof spec.reduce +
             spec.layout->archived_bytes() + spec.layout->bytes();
  }
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
