#include "datasets/unicode.hpp"

#include <algorithm>

namespace skerry::datasets {

namespace {

constexpr std::byte kMarkLow{0xff}, kMarkHigh{0xfe};

}  // namespace

bool is_character(char32_t code) { return code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff); }

void add_utf8(char32_t code, std::string& text) {
  if (code < 0x80) {
    text += static_cast<char>(code);
    return;
  }
  const int more = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
  constexpr std::uint32_t kFirst[] = {0, 0xc0, 0xe0, 0xf0};
  text += static_cast<char>(kFirst[more] | code >> 6 * more);
  for (int left = more; left-- > 0;) text += static_cast<char>(0x80 | (code >> 6 * left & 0x3f));
}

bool is_utf16(std::span<const std::byte> bytes) {
  return bytes.size() >= 2 && ((bytes[0] == kMarkLow && bytes[1] == kMarkHigh) ||
                               (bytes[0] == kMarkHigh && bytes[1] == kMarkLow));
}

Result<FileBytes> as_utf8(FileBytes bytes, const std::filesystem::path& path) {
  if (!is_utf16(bytes)) return bytes;
  const bool big_endian = bytes[0] == kMarkHigh;
  if (!big_endian && bytes.size() >= 4 && bytes[2] == std::byte{0} && bytes[3] == std::byte{0}) {
    return wrong_at(path, 0, "is UTF-32; UTF-8 and UTF-16 are read");
  }
  const auto unit = [&](std::size_t at) {
    const auto first = std::to_integer<char32_t>(bytes[at]);
    const auto second = std::to_integer<char32_t>(bytes[at + 1]);
    return big_endian ? first << 8 | second : second << 8 | first;
  };
  std::string text;
  text.reserve(bytes.size() / 2);
  for (std::size_t at = 2; at < bytes.size(); at += 2) {
    if (at + 1 == bytes.size()) return wrong_at(path, at, "the file ends inside a character");
    char32_t code = unit(at);
    if (!is_character(code)) {
      const char32_t low = at + 3 < bytes.size() ? unit(at + 2) : 0;
      if (code > 0xdbff || low < 0xdc00 || low > 0xdfff) {
        return wrong_at(path, at, "half a character of UTF-16");
      }
      code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
      at += 2;
    }
    add_utf8(code, text);
  }
  const auto made = std::as_bytes(std::span(text));
  bytes.assign(made.begin(), made.end());
  return bytes;
}

}  // namespace skerry::datasets
