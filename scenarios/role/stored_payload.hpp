#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

#include "algorithms/sdk/record.hpp"

namespace skerry::role {

/// Immutable bytes that the host keeps outside of memory, in a file. Called from many threads.
class StoredBytes {
 public:
  virtual ~StoredBytes() = default;
  /// To be looked at in a few places: what is looked at comes into memory.
  virtual std::span<const std::byte> bytes() const = 0;
  /// Copies the part that begins at `offset`; afterwards only the copy takes memory.
  virtual void read(std::uint64_t offset, std::span<std::byte> into) const = 0;
};

/// Records that lie in stored bytes, checked, until somebody needs their values. Most are needed
/// once (an update is added to a sum), so the values belong to who reads them and go with him; what
/// is read a second time is likely to be read again (a model that answers requests), and stays.
class StoredPayload {
 public:
  /// @param records  of a payload in those bytes.
  StoredPayload(std::shared_ptr<const StoredBytes> bytes, const std::vector<SavedRecord>& records);

  const std::vector<RecordSpec>& shape() const { return shape_; }
  const std::shared_ptr<const StoredBytes>& bytes() const { return bytes_; }
  /// The records, in memory as long as somebody holds them. From many threads.
  Payload read() const;

 private:
  std::shared_ptr<const StoredBytes> bytes_;
  std::vector<RecordSpec> shape_;
  std::vector<std::uint64_t> offsets_;  // of each record's values
  mutable std::mutex mutex_;
  mutable bool was_read_ = false;
  mutable std::optional<Payload> kept_;
};

}  // namespace skerry::role
