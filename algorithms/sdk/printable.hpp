#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace skerry {

/// Text from a file as it may stand in one line on a terminal: control characters are escaped
/// (`\n`, `\x1b`), everything else stays.
std::string printable(std::string_view text);

/// The same between quotes: `"mean"`.
std::string in_quotes(std::string_view text);

/// How an error about a name that nothing has goes on, from its semicolon:
/// `; nearest "mean"; all: "mean" and "median"`, or `; there is none`.
std::string choices(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace skerry
