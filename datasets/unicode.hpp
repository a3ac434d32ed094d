#pragma once

#include <filesystem>
#include <string>

#include "algorithms/sdk/result.hpp"
#include "datasets/file_bytes.hpp"

namespace skerry::datasets {

/// Whether a number stands for a character: at most 0x10ffff, and no half of a pair of UTF-16.
bool is_character(char32_t code);
/// Appends the UTF-8 of a character.
void add_utf8(char32_t code, std::string& text);

/// Whether bytes begin with the mark of UTF-16, in either byte order.
bool is_utf16(std::span<const std::byte> bytes);

/// Text as UTF-8. Bytes that begin with the mark of UTF-16 are converted, and the mark is taken
/// away; all others are returned as they are.
/// Errors: `PATH: byte 12: ...` for half a character of UTF-16, and for the mark of UTF-32.
Result<FileBytes> as_utf8(FileBytes bytes, const std::filesystem::path& path);

}  // namespace skerry::datasets
