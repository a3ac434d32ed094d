#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>

#include "algorithms/sdk/result.hpp"
#include "scenarios/host/durable_file.hpp"
#include "scenarios/role/stored_payload.hpp"

namespace skerry::host {

/// A whole file as bytes that take memory only while they are looked at. The file may be closed and
/// its name removed, but it must not become shorter. Const calls may come from any thread.
class MappedFile {
 public:
  /// @param path  for the text of a failure.
  static Result<std::shared_ptr<const MappedFile>> of(const FileHandle& file,
                                                      const std::filesystem::path& path);
  static Result<std::shared_ptr<const MappedFile>> open(const std::filesystem::path& path);
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;
  ~MappedFile();

  std::span<const std::byte> bytes() const { return bytes_; }
  /// Gives back the memory of a part that has been looked at. The part can be looked at again.
  void let_go(std::span<const std::byte> part) const;

 private:
  explicit MappedFile(std::span<const std::byte> bytes) : bytes_(bytes) {}
  std::span<const std::byte> bytes_;
};

/// A part of a mapped file.
class FilePart final : public role::StoredBytes {
 public:
  FilePart(std::shared_ptr<const MappedFile> file, std::span<const std::byte> part)
      : file_(std::move(file)), part_(part) {}
  std::span<const std::byte> bytes() const override { return part_; }
  void read(std::uint64_t offset, std::span<std::byte> into) const override;

 private:
  std::shared_ptr<const MappedFile> file_;
  std::span<const std::byte> part_;
};

}  // namespace skerry::host
