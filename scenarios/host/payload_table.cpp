#include "scenarios/host/payload_table.hpp"

#include <algorithm>

namespace skerry::host {

using role::PayloadCell;
using role::PayloadId;
using role::PayloadRef;

void PayloadTable::add(const PayloadRef& payload) {
  auto& cell = cells_[payload.id()];
  if (cell.expired()) cell = payload.cell();
  if (cells_.size() >= next_cleaning_) drop_expired();
}

std::shared_ptr<void> PayloadTable::find(std::uint64_t origin, std::uint64_t number) const {
  const auto found = cells_.find(PayloadId{origin, number});
  return found == cells_.end() ? nullptr : found->second.lock();
}

void PayloadTable::drop_expired() {
  std::erase_if(cells_, [](const auto& entry) { return entry.second.expired(); });
  next_cleaning_ = std::max<std::size_t>(64, 2 * cells_.size());
}

void write_shape(ByteWriter& writer, const std::vector<RecordSpec>& shape) {
  writer(std::uint64_t{shape.size()});
  for (const RecordSpec& spec : shape) writer(spec.name, spec.reduce, *spec.layout);
}

std::vector<RecordSpec> read_shape(ByteReader& reader) {
  std::uint64_t count = 0;
  reader(count);
  std::vector<RecordSpec> shape;
  for (std::uint64_t i = 0; i < count && reader.ok(); ++i) {
    RecordSpec spec;
    Layout layout;
    reader(spec.name, spec.reduce, layout);
    if (layout.type() > DType::kUint8 || spec.reduce > Reduce::kEach) reader.fail();
    spec.layout = std::make_shared<const Layout>(std::move(layout));
    shape.push_back(std::move(spec));
  }
  return shape;
}

Result<PayloadRef> payload_in(const std::shared_ptr<const MappedFile>& file,
                              std::span<const std::byte> part, PayloadId id) {
  if (file && part.size() >= kStoredFrom) {
    return PayloadRef::stored(id, std::make_shared<FilePart>(file, part));
  }
  auto content = role::load_content(part);
  if (!content) return content.failure();
  return PayloadRef::of(id, std::move(*content));
}

role::Encoding encode_whole(const PayloadRef& payload) {
  SKERRY_CHECK(payload.ready(), "a payload is there before it is stored");
  role::Encoding whole(payload);
  ByteWriter writer;
  writer(payload.id());
  write_shape(writer, payload.shape());
  writer(whole.size());
  whole.put_before(writer.take());
  return whole;
}

Result<PayloadRef> load_whole(const std::shared_ptr<const MappedFile>& file,
                              std::span<const std::byte> part) {
  ByteReader reader(part);
  PayloadId id;
  reader(id);
  (void)read_shape(reader);  // the content has it, too
  std::uint64_t size = 0;
  reader(size);
  const auto content = reader.raw(size);
  if (!reader.finished()) return Failure{"a stored payload is damaged"};
  return payload_in(file, content, id);
}

}  // namespace skerry::host
