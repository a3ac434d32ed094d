#include "tests/tidy/source.hpp"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace skerry::tidy {

namespace {

namespace fs = std::filesystem;

/// Blanks comments, strings, characters and raw strings of a C++ file, from left to right.
class Blanker {
 public:
  explicit Blanker(std::string text) : code_(std::move(text)) {}

  std::string run() {
    while (at_ < code_.size()) {
      if (starts("//")) {
        blank_until("\n", 0);
      } else if (starts("/*")) {
        blank_until("*/", 2);
      } else if (starts("R\"") && !after_word()) {
        raw();
      } else if (code_[at_] == '"') {
        quoted('"');
      } else if (code_[at_] == '\'' && !after_word()) {  // not the separator of 1'000
        quoted('\'');
      } else {
        ++at_;
      }
    }
    return std::move(code_);
  }

 private:
  bool starts(std::string_view word) const { return code_.compare(at_, word.size(), word) == 0; }
  bool after_word() const {
    return at_ > 0 && (std::isalnum(static_cast<unsigned char>(code_[at_ - 1])) != 0);
  }
  void blank_to(std::size_t end) {
    for (end = std::min(end, code_.size()); at_ < end; ++at_) {
      if (code_[at_] != '\n') code_[at_] = ' ';
    }
  }
  void blank_until(std::string_view mark, std::size_t further) {
    const std::size_t end = code_.find(mark, at_ + further);
    blank_to(end == std::string::npos ? end : end + further);
  }
  void quoted(char mark) {
    std::size_t end = ++at_;
    while (end < code_.size() && code_[end] != mark && code_[end] != '\n') {
      end += code_[end] == '\\' ? 2 : 1;
    }
    blank_to(end);
    ++at_;
  }
  void raw() {
    const std::size_t open = code_.find('(', at_);
    if (open == std::string::npos) return blank_to(open);
    const std::string close = ")" + code_.substr(at_ + 2, open - at_ - 2) + "\"";
    const std::size_t end = code_.find(close, open);
    blank_to(end == std::string::npos ? end : end + close.size());
  }

  std::string code_;
  std::size_t at_ = 0;
};

bool generated(const std::string& path) { return path.find(".pb.") != std::string::npos; }

}  // namespace

Source::Source(std::string where, std::string what)
    : path(std::move(where)), text(std::move(what)), code(Blanker(text).run()) {}

bool Source::in(std::string_view folder) const { return below(path, folder); }

std::string text_of(const Findings& findings) {
  std::string text;
  for (const Finding& finding : findings) {
    text += finding.path;
    if (finding.line > 0) text += ":" + std::to_string(finding.line);
    text += ": " + finding.message + "\n";
  }
  return text;
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

std::size_t line_at(std::string_view text, std::size_t position) {
  return 1 + static_cast<std::size_t>(std::count(
                 text.begin(), text.begin() + static_cast<std::ptrdiff_t>(position), '\n'));
}

bool below(std::string_view path, std::string_view folder) {
  return path.starts_with(folder) && (path.size() == folder.size() || path[folder.size()] == '/');
}

std::string read_text(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::vector<Source> read_tree(const std::string& root) {
  std::vector<Source> sources;
  for (const char* top :
       {"algorithms", "datasets", "scenarios", "sim", "real", "experiments", "bench", "tests"}) {
    if (!fs::is_directory(fs::path(root) / top)) continue;
    for (const auto& entry : fs::recursive_directory_iterator(fs::path(root) / top)) {
      const std::string kind = entry.path().extension().string();
      if (kind != ".cpp" && kind != ".hpp" && kind != ".inl" && kind != ".h" && kind != ".cc") {
        continue;
      }
      std::string path = fs::relative(entry.path(), root).generic_string();
      if (!generated(path)) sources.emplace_back(path, read_text(entry.path().string()));
    }
  }
  std::sort(sources.begin(), sources.end(),
            [](const Source& a, const Source& b) { return a.path < b.path; });
  return sources;
}

}  // namespace skerry::tidy
