#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

#include "algorithms/sdk/record.hpp"

namespace skerry::role {

/// Immutable bytes that the host keeps outside of memory, in a file. All calls may come from any
/// thread.
class StoredBytes {
 public:
  virtual ~StoredBytes() = default;
  /// For a look at a few places: every place that is looked at comes into memory.
  virtual std::span<const std::byte> bytes() const = 0;
  /// Copies the part that begins at `offset`; afterwards only the copy takes memory.
  virtual void read(std::uint64_t offset, std::span<std::byte> into) const = 0;
};

/// Checked records whose values lie in stored bytes until somebody needs them. Most values are
/// needed once (an update is added to a sum), so the first read() leaves them to its caller alone.
/// Values that are read a second time are likely to be read again (a model that answers requests),
/// so the second read() also keeps them in memory. keep() is for whoever knows that beforehand.
class StoredPayload {
 public:
  /// @param records  what find_records() found in `bytes`.
  StoredPayload(std::shared_ptr<const StoredBytes> bytes, const std::vector<SavedRecord>& records);

  const std::vector<RecordSpec>& shape() const { return shape_; }
  const std::shared_ptr<const StoredBytes>& bytes() const { return bytes_; }
  /// The records; they stay in memory as long as somebody holds them. From any thread.
  Payload read() const;
  /// Brings the values into memory, where they then stay as long as this object, so that no later
  /// read() has to wait for them. From any thread.
  void keep() const;

 private:
  Payload copy() const;
  std::shared_ptr<const StoredBytes> bytes_;
  std::vector<RecordSpec> shape_;
  std::vector<std::uint64_t> offsets_;  // of each record's values
  mutable std::mutex mutex_;
  mutable bool was_read_ = false;
  mutable std::optional<Payload> kept_;
};

}  // namespace skerry::role
