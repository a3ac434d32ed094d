#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "algorithms/sdk/result.hpp"

namespace skerry::datasets {

using FileBytes = std::vector<std::byte>;

/// `PATH: <the system's reason>` for an error of open(2) or the like. It is the user's where the
/// path leads nowhere: it does not exist, is a folder, or is too long.
Failure file_failure(const std::filesystem::path& path, int error);

/// Fails, with a fault of the user's, if the folder that `file` is to be written into is missing.
Status check_folder_of(const std::filesystem::path& file);

/// The whole file, as it is on disk.
/// Errors: `PATH: <the system's reason>`.
Result<FileBytes> read_file(const std::filesystem::path& path);

/// Whether bytes begin like gzip (RFC 1952). Names say nothing: some archives drop the `.gz`.
bool is_gzip(std::span<const std::byte> bytes);

/// Unpacks gzip, all its members.
/// Errors: damaged, cut short, followed by something else, or more than `limit` bytes; each names
/// `path` and the byte of the packed file.
Result<FileBytes> gunzip(std::span<const std::byte> packed, const std::filesystem::path& path,
                         std::size_t limit = std::size_t{1} << 36);

/// read_file(), and gunzip() where the content is gzip.
Result<FileBytes> read_unpacked(const std::filesystem::path& path);

/// Replaces `path` in one step: a reader, or the next start after a power cut, sees the old file or
/// the whole new one. Writes a temporary file next to it and calls commit_file().
/// Errors: those of check_folder_of(); `PATH: <the system's reason>`.
Status write_file(const std::filesystem::path& path, std::span<const std::byte> bytes);
Status write_file(const std::filesystem::path& path, std::string_view text);

/// The second half of write_file(), for a file that another library wrote: syncs `temporary`,
/// renames it to `path` and syncs the folder. Removes `temporary` on failure.
Status commit_file(const std::filesystem::path& temporary, const std::filesystem::path& path);

/// `PATH.<process>-<count>.part`: a name next to `path` that no other call and process gets.
std::filesystem::path temporary_beside(const std::filesystem::path& path);

/// `PATH: byte 12: message`: how readers report what is wrong in a file.
Failure wrong_at(const std::filesystem::path& path, std::size_t byte, const std::string& message);

}  // namespace skerry::datasets
