#pragma once

#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <utility>

#include "algorithms/sdk/archive.hpp"
#include "algorithms/sdk/result.hpp"

namespace skerry::host {

/// Owns an open file of the operating system and closes it.
class FileHandle {
 public:
  FileHandle() = default;
  explicit FileHandle(int descriptor) : descriptor_(descriptor) {}
  FileHandle(FileHandle&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  FileHandle& operator=(FileHandle&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
  }
  ~FileHandle();

  bool open() const { return descriptor_ >= 0; }
  int descriptor() const { return descriptor_; }

 private:
  int descriptor_ = -1;
};

/// Opens a file with the flags of open(2). Only the owner may read and write a file that this
/// creates.
Result<FileHandle> open_file(const std::filesystem::path& path, int flags);
/// Writes all bytes at the file's position.
/// @param path  for the text of a failure.
Status write_all(const FileHandle& file, std::span<const std::byte> bytes,
                 const std::filesystem::path& path);
/// Makes what was written to a file durable. After a failure the state of the file's pages is
/// unknown: the call must not be repeated, and nothing that relies on it may leave the process.
Status sync_file(const FileHandle& file, const std::filesystem::path& path);
/// Makes the names in a directory durable: files that were created, renamed or removed.
Status sync_directory(const std::filesystem::path& directory);
/// Makes a directory and its missing parents, durably. Succeeds if the directory is there already.
Status make_directory(const std::filesystem::path& directory);
/// Removes a file, which need not be there. The removal is not made durable.
Status remove_file(const std::filesystem::path& path);

/// Replaces a file in such a way that after a crash at any moment its name leads to the old content
/// or to the whole new one: a temporary file in the same directory, fsync, rename, fsync of the
/// directory. Used by one thread.
class DurableFile {
 public:
  explicit DurableFile(std::filesystem::path path);
  DurableFile(DurableFile&&) = default;
  /// Without commit() the old content stays, and the temporary file is removed.
  ~DurableFile();

  /// After the first failure nothing more is written, and commit() returns that failure.
  void write(std::span<const std::byte> bytes);
  /// Replaces the file; the new content is durable if it succeeds. Called once, last.
  Status commit();

 private:
  std::filesystem::path path_;
  std::filesystem::path temporary_;
  FileHandle file_;
  Status status_;
};

/// Writes a whole file as DurableFile does.
Status write_durably(const std::filesystem::path& path, std::span<const std::byte> bytes);
/// The same for a file that everybody may read, such as a result.
Status write_readable(const std::filesystem::path& path, std::span<const std::byte> bytes);
Result<ByteVector> read_file(const std::filesystem::path& path);

/// 64-bit digest that shows damage to files and frames. A change within any eight aligned bytes
/// always changes it. Not cryptographic.
std::uint64_t digest(std::span<const std::byte> bytes);

}  // namespace skerry::host
