#include "algorithms/sdk/printable.hpp"

#include <charconv>
#include <cinttypes>
#include <cmath>
#include <cstdio>

#include "algorithms/sdk/problems.hpp"

namespace skerry {

std::string in_quotes(std::string_view text) { return '"' + printable(text) + '"'; }

std::string number_text(double value) {
  if (std::isnan(value)) return "nan";
  constexpr double kMostDigits = 1e21;
  const bool digits = value == std::floor(value) && std::fabs(value) < kMostDigits;
  char text[40];
  const auto [end, error] =
      digits ? std::to_chars(text, text + sizeof text, value, std::chars_format::fixed)
             : std::to_chars(text, text + sizeof text, value);
  return std::string(text, end);
}

std::string hex16(std::uint64_t value) {
  char text[17];
  std::snprintf(text, sizeof text, "%016" PRIx64, value);
  return text;
}

std::optional<std::uint64_t> parse_hex16(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
  if (text.size() != 16 || error != std::errc{} || end != text.data() + text.size()) return {};
  return value;
}

std::string_view without_byte_order_mark(std::string_view text) {
  constexpr std::string_view kMark = "\xef\xbb\xbf";
  if (text.starts_with(kMark)) text.remove_prefix(kMark.size());
  return text;
}

std::string choices(std::string_view word, const std::vector<std::string>& candidates) {
  if (candidates.empty()) return "; there is none";
  const std::string near = nearest(word, candidates);
  return (near.empty() ? "" : "; nearest " + in_quotes(near)) + "; all: " + listed(candidates);
}

namespace {

/// How many bytes of a control character stand at that place, or 0: those below a space, DEL, and
/// U+0080 to U+009F in UTF-8, which terminals obey, too.
std::size_t control_bytes(std::string_view text, std::size_t at) {
  const auto byte = static_cast<unsigned char>(text[at]);
  if (byte < 0x20 || byte == 0x7f) return 1;
  if (byte != 0xc2 || at + 1 >= text.size()) return 0;
  const auto next = static_cast<unsigned char>(text[at + 1]);
  return next >= 0x80 && next < 0xa0 ? 2 : 0;
}

}  // namespace

std::string printable(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t bytes = control_bytes(text, at);
    if (bytes == 0) {
      out += text[at++];
      continue;
    }
    const auto code = static_cast<unsigned char>(text[at + bytes - 1]);
    at += bytes;
    if (code == '\n' || code == '\r' || code == '\t') {
      out += code == '\n' ? "\\n" : code == '\r' ? "\\r" : "\\t";
      continue;
    }
    out += "\\x";
    out += kDigits[code >> 4];
    out += kDigits[code & 15];
  }
  return out;
}

}  // namespace skerry
