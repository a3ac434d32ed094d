#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace skerry {

/// Text from a file as it may stand in one line on a terminal: control characters are escaped
/// (`\n`, `\x1b`), everything else stays.
std::string printable(std::string_view text);

/// The same between quotes: `"mean"`.
std::string in_quotes(std::string_view text);

/// The shortest text that reads back as the number. A whole number is written in digits, unless an
/// exponent says more (from 1e21 on). `nan`, `inf` or `-inf` if it is not finite.
std::string number_text(double value);

/// 16 hexadecimal digits: the form of hashes and fingerprints.
std::string hex16(std::uint64_t value);
/// Reads what hex16() wrote; nothing if the text is something else.
std::optional<std::uint64_t> parse_hex16(std::string_view text);

/// The text without the byte-order mark of UTF-8 that some editors put at the beginning of a file.
std::string_view without_byte_order_mark(std::string_view text);

/// How an error about a name that nothing has goes on, from its semicolon:
/// `; nearest "mean"; all: "mean" and "median"`, or `; there is none`.
std::string choices(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace skerry
