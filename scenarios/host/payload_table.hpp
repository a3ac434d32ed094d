#pragma once

#include <map>
#include <memory>

#include "algorithms/sdk/archive.hpp"
#include "scenarios/host/mapped_file.hpp"
#include "scenarios/role/encoding.hpp"
#include "scenarios/role/payload_ref.hpp"

namespace skerry::host {

/// Finds payloads by id, for state that was saved with ids. Knows those that somebody holds and
/// keeps none alive. Used by one thread.
class PayloadTable : public HandleTable {
 public:
  /// Payloads of equal id must have equal content; the first that is still alive stays.
  void add(const role::PayloadRef& payload);
  std::shared_ptr<void> find(std::uint64_t origin, std::uint64_t number) const override;

 private:
  void drop_expired();
  std::map<role::PayloadId, std::weak_ptr<role::PayloadCell>> cells_;
  std::size_t next_cleaning_ = 64;
};

/// Writes the shape of a payload, and reads it back. The reader fails if the bytes are no shape.
void write_shape(ByteWriter& writer, const std::vector<RecordSpec>& shape);
std::vector<RecordSpec> read_shape(ByteReader& reader);

/// The payload whose content is `part` of a file. A part below kStoredFrom bytes is decoded at
/// once; the values of a larger one stay in the file (PayloadRef::stored()). If `file` is null, the
/// part lies in memory and is decoded. Fails if the part is damaged.
Result<role::PayloadRef> payload_in(const std::shared_ptr<const MappedFile>& file,
                                    std::span<const std::byte> part, role::PayloadId id);
inline constexpr std::size_t kStoredFrom = 1 << 20;

/// The bytes of a payload from which it can be read back without its maker: id, shape, content. The
/// payload must be ready.
role::Encoding encode_whole(const role::PayloadRef& payload);
/// Reads back what encode_whole() gave, from a part of a file. Fails if it is damaged.
Result<role::PayloadRef> load_whole(const std::shared_ptr<const MappedFile>& file,
                                    std::span<const std::byte> part);

}  // namespace skerry::host
