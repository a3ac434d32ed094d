#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>

#include "algorithms/sdk/archive.hpp"
#include "algorithms/sdk/result.hpp"
#include "scenarios/host/durable_file.hpp"
#include "scenarios/host/mapped_file.hpp"

namespace skerry::real {

/// Bytes that come in pieces: in memory while they are few, in a file without a name when there are
/// many.
class Spool {
 public:
  Spool() = default;
  /// @param size  all bytes that will come.
  static Result<Spool> make(std::uint64_t size, const std::filesystem::path& folder);

  Status append(std::span<const std::byte> bytes);
  /// Everything that was appended; nothing may be appended after this. Valid while the spool or its
  /// file lives.
  Result<std::span<const std::byte>> bytes();
  /// Where bytes() found them: null where that was in memory.
  const std::shared_ptr<const host::MappedFile>& file() const { return mapped_; }

  static constexpr std::uint64_t kInMemory = 1 << 20;

 private:
  ByteVector memory_;
  host::FileHandle file_;
  std::filesystem::path folder_;
  std::shared_ptr<const host::MappedFile> mapped_;
};

}  // namespace skerry::real
