#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace skerry::tidy {

/// One C++ file. `code` is its text with comments and the insides of literals blanked out: same
/// length, same lines.
struct Source {
  std::string path;  // from the root: "algorithms/sdk/ids.hpp"
  std::string text;
  std::string code;

  Source(std::string where, std::string what);
  bool header() const { return path.ends_with(".hpp") || path.ends_with(".inl"); }
  /// The folder the file lies in, without a slash at the end.
  std::string folder() const { return path.substr(0, path.rfind('/')); }
  std::string name() const { return path.substr(path.rfind('/') + 1); }
  bool in(std::string_view folder) const;
};

/// A broken rule: what is wrong and what to do instead.
struct Finding {
  std::string path;
  std::size_t line;  // from 1; 0 = the file or folder as a whole
  std::string message;
};
using Findings = std::vector<Finding>;

/// `path:line: message`, one a line.
std::string text_of(const Findings& findings);

/// The lines of a text, without line ends.
std::vector<std::string_view> lines_of(std::string_view text);
std::size_t line_at(std::string_view text, std::size_t position);
/// True if `path` is `folder` or lies below it.
bool below(std::string_view path, std::string_view folder);

/// Every C++ file in the project's folders, except generated ones.
std::vector<Source> read_tree(const std::string& root);
std::string read_text(const std::string& path);

}  // namespace skerry::tidy
