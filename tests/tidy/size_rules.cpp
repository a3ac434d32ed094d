#include <algorithm>
#include <cctype>
#include <regex>

#include "tests/tidy/rules.hpp"

namespace skerry::tidy {

namespace {

constexpr std::size_t kMostFileLines = 600;
constexpr std::size_t kMostAlgorithmLines = 300;
constexpr std::size_t kMostFunctionLines = 70;

bool starts_with_word(std::string_view text, std::string_view word) {
  return text.starts_with(word) &&
         (text.size() == word.size() ||
          std::isalnum(static_cast<unsigned char>(text[word.size()])) == 0);
}

/// Measures functions by their braces. A brace opens a function where its head (the code since the
/// last statement, brace or label) has a parameter list and is not a class, a namespace or a value;
/// braces inside a function are its own business.
class Functions {
 public:
  explicit Functions(const std::string& code) : code_(without_directives(code)) {}

  struct Function {
    std::size_t first_line;
    std::size_t lines;
  };
  std::vector<Function> measure() {
    for (std::size_t i = 0; i < code_.size(); ++i) {
      const char c = code_[i];
      if (c == '(') ++round_;
      if (c == ')') --round_;
      if (c == '{') open(i);
      if (c == '}') close(i);
      // A parameter list may hold `= {}` and lambdas; only at its own level does a statement end.
      if (c == ';' && round_ == 0) head_ = i + 1;
    }
    return std::move(functions_);
  }

 private:
  struct Brace {
    bool function = false;
    bool initialiser = false;  // of a member, before a constructor's body
    std::size_t head = 0;
    int round = 0;  // parentheses open around it
  };

  static std::string without_directives(std::string code) {
    bool directive = false, line_start = true;
    for (std::size_t i = 0; i < code.size(); ++i) {
      if (code[i] == '\n') {
        directive = directive && i > 0 && code[i - 1] == '\\';
        line_start = true;
        continue;
      }
      if (line_start && code[i] == '#') directive = true;
      if (std::isspace(static_cast<unsigned char>(code[i])) == 0) line_start = false;
      if (directive && code[i] != '\\') code[i] = ' ';
      if (directive && code[i] == '\\' && code[i + 1] != '\n') code[i] = ' ';
    }
    return code;
  }

  bool inside_function() const {
    return std::any_of(braces_.begin(), braces_.end(), [](const Brace& b) { return b.function; });
  }

  std::string_view head_before(std::size_t at) const {
    std::string_view head = std::string_view(code_).substr(head_, at - head_);
    head.remove_prefix(std::min(head.find_first_not_of(" \t\n"), head.size()));
    return head.substr(0, head.find_last_not_of(" \t\n") + 1);
  }

  /// `C::C(int a) : x_{` : a name stands before the brace, and a colon after the parameters.
  bool opens_initialiser(std::size_t at) const {
    static const std::regex kMember(R"(\)\s*(noexcept\s*)?:[^:][\s\S]*[\w>]$)");
    const std::string_view head = head_before(at);
    return !inside_function() && std::regex_search(head.begin(), head.end(), kMember);
  }

  bool opens_function(std::size_t at) const {
    if (inside_function()) return false;
    const std::string_view head = head_before(at);
    for (std::string_view word : {"namespace", "class", "struct", "union", "enum", "extern"}) {
      if (starts_with_word(head, word)) return false;
    }
    if (head.ends_with("namespace")) return false;  // an anonymous one, behind a macro's line
    return head.find(')') != std::string_view::npos;
  }

  void open(std::size_t at) {
    const bool initialiser = opens_initialiser(at);
    braces_.push_back({!initialiser && opens_function(at), initialiser, head_, round_});
    round_ = 0;
    head_ = at + 1;
  }

  void close(std::size_t at) {
    if (braces_.empty()) return;
    const Brace brace = braces_.back();
    braces_.pop_back();
    round_ = brace.round;
    head_ = brace.initialiser ? brace.head : at + 1;
    if (!brace.function) return;
    const std::size_t start = std::min(code_.find_first_not_of(" \t\n", brace.head), at);
    const std::size_t first = line_at(code_, start);
    functions_.push_back({first, line_at(code_, at) - first + 1});
  }

  std::string code_;
  std::vector<Brace> braces_;
  std::vector<Function> functions_;
  std::size_t head_ = 0;
  int round_ = 0;
};

}  // namespace

Findings size_findings(const Source& source) {
  Findings findings;
  const std::size_t lines = lines_of(source.text).size();
  const bool algorithm = slot_folder(source.folder());
  const std::size_t most = algorithm ? kMostAlgorithmLines : kMostFileLines;
  if (lines > most) {
    findings.push_back({source.path, 0,
                        std::to_string(lines) + " lines; at most " + std::to_string(most) +
                            (algorithm ? " for an algorithm" : "") +
                            ": split by concept, one a file"});
  }
  for (const auto& function : Functions(source.code).measure()) {
    if (function.lines <= kMostFunctionLines) continue;
    findings.push_back({source.path, function.first_line,
                        "a function of " + std::to_string(function.lines) + " lines; at most " +
                            std::to_string(kMostFunctionLines) +
                            ": give its steps names and make them functions"});
  }
  return findings;
}

}  // namespace skerry::tidy
