#pragma once

#include <cstring>
#include <functional>
#include <utility>

#include "scenarios/role/encoding.hpp"

namespace skerry {

/// Stored bytes that report each read of their values.
class WatchedBytes final : public role::StoredBytes {
 public:
  WatchedBytes(ByteVector bytes, std::function<void()> on_read)
      : bytes_(std::move(bytes)), on_read_(std::move(on_read)) {}
  std::span<const std::byte> bytes() const override { return bytes_; }
  void read(std::uint64_t offset, std::span<std::byte> into) const override {
    if (on_read_) on_read_();
    std::memcpy(into.data(), bytes_.data() + offset, into.size());
  }

 private:
  ByteVector bytes_;
  std::function<void()> on_read_;
};

/// The same payload under the same id, with its values in stored bytes.
inline role::PayloadRef stored_copy(const role::PayloadRef& payload,
                                    std::function<void()> on_read = {}) {
  auto bytes = std::make_shared<WatchedBytes>(role::Encoding(payload).whole(), std::move(on_read));
  auto stored = role::PayloadRef::stored(payload.id(), std::move(bytes));
  SKERRY_CHECK(stored.ok(), stored.message());
  return *stored;
}

}  // namespace skerry
