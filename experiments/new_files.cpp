#include "experiments/new_files.hpp"

#include <algorithm>
#include <cctype>

#include "algorithms/sdk/check.hpp"
#include "experiments/templates.hpp"

namespace skerry::experiments {

namespace {

std::string text_of_template(std::string_view name) {
  const auto all = templates();
  const auto found = std::ranges::find(all, name, &Template::name);
  SKERRY_CHECK(found != all.end(), "every slot and paradigm offered has a template");
  return std::string(found->text);
}

void replace_all(std::string& text, std::string_view word, std::string_view by) {
  for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, at)) {
    text.replace(at, word.size(), by);
    at += by.size();
  }
}

/// `my_rule` -> `MyRule`.
std::string class_name(const std::string& name) {
  std::string text;
  bool upper = true;
  for (const char c : name) {
    if (c == '_') {
      upper = true;
      continue;
    }
    text += upper ? static_cast<char>(std::toupper(static_cast<unsigned char>(c))) : c;
    upper = false;
  }
  return text;
}

}  // namespace

std::string filled_template(std::string_view template_name, const std::string& name) {
  std::string text = text_of_template(template_name);
  replace_all(text, "{{name}}", name);
  replace_all(text, "{{class}}", class_name(name));
  return text;
}

}  // namespace skerry::experiments
