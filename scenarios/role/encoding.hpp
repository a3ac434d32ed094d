#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "algorithms/sdk/archive.hpp"
#include "scenarios/role/payload_ref.hpp"

namespace skerry::role {

/// The canonical bytes of a payload's content, without a second copy of its values: they are read
/// part by part from where they lie, in memory or in a file. A value type; const calls may run
/// concurrently.
class Encoding {
 public:
  /// Waits until the payload is there, and holds it. The payload must not be given up.
  explicit Encoding(PayloadRef payload);
  /// @param content  outlives the encoding.
  explicit Encoding(const Content& content) { add(content); }

  /// Puts more bytes before everything else.
  void put_before(ByteVector bytes);

  std::uint64_t size() const { return size_; }
  /// Copies the part that begins at `offset` and lies within size().
  void read(std::uint64_t offset, std::span<std::byte> into) const;
  /// Calls `take` with all bytes in order, in parts of kPart bytes; the last part may be shorter.
  void each(const std::function<void(std::span<const std::byte>)>& take) const;
  /// Copies all bytes.
  ByteVector whole() const;

  static constexpr std::size_t kPart = 1 << 20;

 private:
  struct Piece {
    std::uint64_t begin = 0;  // within the whole
    std::shared_ptr<const ByteVector> own;
    std::span<const std::byte> bytes;
    std::shared_ptr<const StoredBytes> stored;  // in place of the bytes
  };
  void add(ByteVector own);
  void add(std::span<const std::byte> bytes);
  void add(const Content& content);

  PayloadRef payload_;
  std::vector<Piece> pieces_;
  std::uint64_t size_ = 0;
};

}  // namespace skerry::role
