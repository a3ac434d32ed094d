#include "experiments/sub_commands.hpp"

#include <algorithm>
#include <vector>

#include "experiments/options.hpp"

namespace skerry::experiments {

namespace {

/// `list|show|tag`, or `list, show and tag`.
std::string joined(const std::vector<std::string>& names, const char* between, const char* last) {
  std::string text = names.front();
  for (std::size_t i = 1; i < names.size(); ++i) {
    text += (i + 1 < names.size() ? between : last) + names[i];
  }
  return text;
}

/// A line for each, its purpose below the others'.
std::string purposes(std::span<const SubCommand> all) {
  std::size_t width = 0;
  for (const SubCommand& one : all) width = std::max(width, one.name.size());
  std::string text;
  for (const SubCommand& one : all) {
    text += (text.empty() ? "" : "\n") + std::string(one.name);
    text += std::string(width + 2 - one.name.size(), ' ') + std::string(one.purpose);
  }
  return text;
}

}  // namespace

int run_sub_command(const std::string& command, std::span<const SubCommand> all,
                    std::span<const std::string> arguments) {
  std::vector<std::string> names;
  for (const SubCommand& one : all) names.emplace_back(one.name);
  Options options(command + " " + joined(names, "|", "|") + " …", purposes(all));
  if (arguments.empty()) {
    return options.complain("one of " + joined(names, ", ", " and ") + " is needed");
  }
  const std::string& name = arguments.front();
  for (const SubCommand& one : all) {
    if (name == one.name) return one.command(arguments.subspan(1));
  }
  if (name.starts_with("-")) return options.parse(arguments).value_or(kUserError);
  const std::string near = nearest(name, names);
  return options.complain("no command \"" + command + " " + name + "\"" +
                          (near.empty() ? "" : "; nearest \"" + command + " " + near + "\""));
}

}  // namespace skerry::experiments
