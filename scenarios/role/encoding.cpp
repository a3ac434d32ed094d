#include "scenarios/role/encoding.hpp"

#include <algorithm>
#include <cstring>

namespace skerry::role {

Encoding::Encoding(PayloadRef payload) : payload_(std::move(payload)) {
  const PayloadCell& cell = *payload_.cell();
  if (const StoredPayload* stored = cell.stored()) {
    pieces_.push_back({size_, nullptr, {}, stored->bytes()});
    size_ += stored->bytes()->bytes().size();
  } else {
    add(cell.wait());
  }
}

void Encoding::put_before(ByteVector bytes) {
  for (Piece& piece : pieces_) piece.begin += bytes.size();
  size_ += bytes.size();
  const auto held = std::make_shared<const ByteVector>(std::move(bytes));
  pieces_.insert(pieces_.begin(), {0, held, *held, nullptr});
}

void Encoding::add(ByteVector own) {
  const auto held = std::make_shared<const ByteVector>(std::move(own));
  pieces_.push_back({size_, held, *held, nullptr});
  size_ += held->size();
}

void Encoding::add(std::span<const std::byte> bytes) {
  pieces_.push_back({size_, nullptr, bytes, nullptr});
  size_ += bytes.size();
}

void Encoding::add(const Content& content) {
  std::uint64_t bytes = sizeof(std::uint32_t);
  for (const auto& record : content.payload.records()) bytes += saved_bytes(record->spec());
  ByteWriter writer;
  writer(bytes, std::uint32_t(content.payload.records().size()));
  for (const auto& record : content.payload.records()) {
    save_head(writer, record->spec());
    add(writer.take());
    add(record->bytes());
  }
  writer(std::uint64_t{content.sums.size()});
  for (const auto& [name, sum] : content.sums) {
    ByteVector saved = sum.save();
    writer(name, std::uint64_t{sum.size()}, std::uint64_t{saved.size()});
    add(writer.take());
    add(std::move(saved));
  }
  add(writer.take());
}

void Encoding::read(std::uint64_t offset, std::span<std::byte> into) const {
  SKERRY_CHECK(offset + into.size() <= size_, "only what is there is read");
  auto piece = std::upper_bound(pieces_.begin(), pieces_.end(), offset,
                                [](std::uint64_t at, const Piece& p) { return at < p.begin; });
  for (--piece; !into.empty(); ++piece) {
    const std::uint64_t end = piece + 1 == pieces_.end() ? size_ : (piece + 1)->begin;
    const std::uint64_t from = offset - piece->begin;
    const auto part = into.first(std::min<std::uint64_t>(into.size(), end - offset));
    if (part.empty()) continue;
    if (piece->stored) {
      piece->stored->read(from, part);
    } else {
      std::memcpy(part.data(), piece->bytes.data() + from, part.size());
    }
    offset += part.size();
    into = into.subspan(part.size());
  }
}

void Encoding::each(const std::function<void(std::span<const std::byte>)>& take) const {
  ByteVector part(std::min<std::uint64_t>(size_, kPart));
  for (std::uint64_t offset = 0; offset < size_; offset += part.size()) {
    part.resize(std::min<std::uint64_t>(part.size(), size_ - offset));
    read(offset, part);
    take(part);
  }
}

ByteVector Encoding::whole() const {
  ByteVector bytes(size_);
  read(0, bytes);
  return bytes;
}

}  // namespace skerry::role
