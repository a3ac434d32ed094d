#include "scenarios/parts/operator_commands.hpp"

#include <algorithm>
#include <utility>

#include "algorithms/sdk/printable.hpp"

namespace skerry::parts {

std::vector<std::string> words_of(const std::string& command) {
  std::vector<std::string> words;
  std::string word;
  for (const char c : command + ' ') {
    if (c != ' ') {
      word += c;
    } else if (!word.empty()) {
      words.push_back(std::exchange(word, {}));
    }
  }
  return words;
}

namespace {

bool has_form(const std::vector<std::string>& words, const CommandForm& form) {
  const std::vector<std::string> parts = words_of(form);
  const auto needed = std::ranges::count_if(parts, [](auto& part) { return part.front() != '['; });
  return std::ssize(words) >= needed && words.size() <= parts.size();
}

/// What is wrong with a command; empty if nothing is.
std::string fault_of(const std::string& command, const std::vector<CommandForm>& forms,
                     const std::vector<std::string>& exact) {
  if (std::ranges::find(exact, command) != exact.end()) return "";
  const std::vector<std::string> words = words_of(command);
  std::string known;
  for (const CommandForm& form : forms) {
    const bool meant = !words.empty() && words.front() == words_of(form).front();
    if (meant && has_form(words, form)) return "";
    if (meant) return "is not of the form " + in_quotes(form);
    known += (known.empty() ? "" : ", ") + in_quotes(form);
  }
  for (const std::string& one : exact) known += ", " + in_quotes(one);
  return "nobody in this run knows " + in_quotes(command) + "; there is " + known;
}

}  // namespace

void check_commands(const std::vector<std::string>& commands, const std::vector<CommandForm>& forms,
                    const std::vector<std::string>& exact, Problems& problems) {
  for (std::size_t i = 0; i < commands.size(); ++i) {
    const std::string fault = fault_of(commands[i], forms, exact);
    if (!fault.empty()) {
      problems.add("/world/commands/" + std::to_string(i) + "/command", fault);
    }
  }
}

}  // namespace skerry::parts
