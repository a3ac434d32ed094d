#pragma once

#include <map>
#include <memory>

#include "algorithms/sdk/archive.hpp"
#include "scenarios/host/mapped_file.hpp"
#include "scenarios/role/encoding.hpp"
#include "scenarios/role/payload_ref.hpp"

namespace skerry::host {

/// The payloads somebody holds, by id: how state that was saved by id finds them again. It keeps
/// nothing alive. Used by one thread.
class PayloadTable : public HandleTable {
 public:
  /// Payloads of equal id have equal content: the first that is still alive stays.
  void add(const role::PayloadRef& payload);
  std::shared_ptr<void> find(std::uint64_t origin, std::uint64_t number) const override;

 private:
  void drop_expired();
  std::map<role::PayloadId, std::weak_ptr<role::PayloadCell>> cells_;
  std::size_t next_cleaning_ = 64;
};

/// Shape of a payload as bytes, and back.
void write_shape(ByteWriter& writer, const std::vector<RecordSpec>& shape);
std::vector<RecordSpec> read_shape(ByteReader& reader);

/// The payload whose content is that part of a file. Small ones are decoded at once, of others the
/// values stay there (PayloadRef::stored). Without a file the part is in memory, and decoded.
Result<role::PayloadRef> payload_in(const std::shared_ptr<const MappedFile>& file,
                                    std::span<const std::byte> part, role::PayloadId id);
inline constexpr std::size_t kStoredFrom = 1 << 20;

/// A payload whole, so that it can be read back without its maker: id, shape, content.
/// It must be there already.
role::Encoding encode_whole(const role::PayloadRef& payload);
/// Reads it back from a part of a file.
Result<role::PayloadRef> load_whole(const std::shared_ptr<const MappedFile>& file,
                                    std::span<const std::byte> part);

}  // namespace skerry::host
