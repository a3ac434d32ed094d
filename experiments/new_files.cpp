#include "experiments/new_files.hpp"

#include <algorithm>
#include <cctype>
#include <map>
#include <regex>
#include <set>
#include <sstream>

#include "algorithms/sdk/check.hpp"
#include "scenarios/host/plugin_file.hpp"

namespace skerry::experiments {

namespace {

const Template* template_called(std::string_view name) {
  const auto all = templates();
  const auto found = std::ranges::find(all, name, &Template::name);
  return found != all.end() ? &*found : nullptr;
}

/// The shortest plugin of each slot of algorithms/, keyed by the slot's name on the command line.
std::map<std::string, const Template*> shortest_by_slot() {
  const Registry registry = host::built_in_plugins();
  std::map<std::string, const Template*> found;
  for (const Template& plugin : shortest_plugins()) {
    for (const PluginEntry* entry : registry.entries()) {
      if (!std::string_view(entry->file).ends_with(plugin.name)) continue;
      std::string slot = entry->slot;
      std::ranges::replace(slot, ' ', '_');
      found[slot] = &plugin;
    }
  }
  return found;
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

std::string filled(std::string_view text, const std::string& name) {
  std::string result(text);
  replace_all(result, "{{name}}", name);
  replace_all(result, "{{class}}", class_name(name));
  return result;
}

std::string filled_template(std::string_view template_name, const std::string& name) {
  const Template* found = template_called(template_name);
  SKERRY_CHECK(found != nullptr, "there is a template " + std::string(template_name));
  return filled(found->text, name);
}

std::vector<std::string> offered_slots() {
  constexpr std::string_view kBegin = "plugin_", kEnd = ".cpp";
  std::set<std::string> slots;
  for (const auto& [slot, plugin] : shortest_by_slot()) slots.insert(slot);
  for (const Template& one : templates()) {
    if (!one.name.starts_with(kBegin) || !one.name.ends_with(kEnd)) continue;
    slots.emplace(one.name.substr(kBegin.size(), one.name.size() - kBegin.size() - kEnd.size()));
  }
  return {slots.begin(), slots.end()};
}

std::string new_plugin_text(const std::string& slot, const std::string& name) {
  const std::string template_name = "plugin_" + slot + ".cpp";
  if (template_called(template_name) != nullptr) return filled_template(template_name, name);
  return copied_plugin(*shortest_by_slot().at(slot), name);
}

std::string copied_plugin(const Template& plugin, const std::string& name) {
  static const std::regex kRegistration(R"re(SKERRY_PLUGIN\(\s*[\w:]+,\s*(\w+),\s*"([^"]+)")re");
  std::string text(plugin.text);
  std::smatch found;
  const bool registers = std::regex_search(text, found, kRegistration);
  SKERRY_CHECK(registers, std::string(plugin.name) + " registers a plugin");
  const std::string original = found[2];
  const std::regex class_word("\\b" + found[1].str() + "\\b");
  text.replace(static_cast<std::size_t>(found.position(2)), original.size(), name);
  std::string copy = "// " + class_name(name) + ": begun as a copy of \"" + original + "\" (" +
                     std::string(plugin.name) + "), of which the comments speak.\n//\n";
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const auto first = line.find_first_not_of(' ');
    const bool comment = first != std::string::npos && line.compare(first, 2, "//") == 0;
    copy += (comment ? line : std::regex_replace(line, class_word, class_name(name))) + "\n";
  }
  return copy;
}

}  // namespace skerry::experiments
