#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstdio>
#include <filesystem>

#include "algorithms/sdk/printable.hpp"
#include "algorithms/sdk/problems.hpp"
#include "datasets/file_bytes.hpp"
#include "experiments/command.hpp"
#include "experiments/new_files.hpp"
#include "experiments/options.hpp"
#include "experiments/templates.hpp"
#include "scenarios/host/plugin_file.hpp"
#include "scenarios/role/paradigm.hpp"

namespace skerry::experiments {

namespace {

namespace po = boost::program_options;
namespace fs = std::filesystem;

struct NewFile {
  fs::path path;
  std::string text;
};

/// Writes all files, or none if one of them exists already.
int write_new(const std::vector<NewFile>& files) {
  for (const NewFile& file : files) {
    std::error_code ignored;
    if (!fs::exists(file.path, ignored)) continue;
    std::fprintf(stderr, "skerry: %s is there already; nothing was written\n", file.path.c_str());
    return kUserError;
  }
  for (const NewFile& file : files) {
    std::error_code ignored;  // opening the file then fails, with a better reason
    if (file.path.has_parent_path()) fs::create_directories(file.path.parent_path(), ignored);
    std::FILE* out = std::fopen(file.path.c_str(), "wxe");
    const bool written = out != nullptr && std::fwrite(file.text.data(), 1, file.text.size(),
                                                       out) == file.text.size();
    if ((out != nullptr && std::fclose(out) != 0) || !written) {
      const Failure failure = datasets::file_failure(file.path, errno);
      std::fprintf(stderr, "skerry: %s\n", failure.message.c_str());
      return exit_code_of(failure);
    }
    std::printf("%s\n", file.path.c_str());
  }
  return kDone;
}

bool made_of(const std::string& name, std::string_view allowed) {
  return name.find_first_not_of(allowed) == std::string::npos;
}

/// The paradigms that have an example scenario.
std::vector<std::string> paradigms(const Registry& registry) {
  std::vector<std::string> names;
  for (const std::string& name : registry.names(role::ParadigmFactory::kSlot)) {
    const PluginEntry* entry = registry.find(role::ParadigmFactory::kSlot, name);
    if (entry->example != nullptr) names.push_back(name);
  }
  return names;
}

int new_scenario(std::span<const std::string> arguments) {
  Options options("new scenario NAME [OPTIONS]",
                  "Writes NAME.json: a scenario that runs as it is, with comments.");
  options.positional("name", 1);
  Registry registry = host::built_in_plugins();
  const std::vector<std::string> built_in = paradigms(registry);
  options.add()("paradigm", po::value<std::string>()->default_value(built_in.front()),
                listed(built_in).c_str())("plugin",
                                          po::value<std::vector<std::string>>()->composing(),
                                          "a file (.so) with another paradigm");
  if (const auto code = options.parse(arguments)) return *code;
  for (const std::string& file : options.list("plugin")) {
    const Status loaded = host::load_plugin_file(file, registry);
    if (!loaded) return options.complain(loaded.message());
  }
  if (options.list("name").size() != 1) return options.complain("a name is needed");
  std::string name = options.list("name").front();
  if (name.ends_with(".json")) name.resize(name.size() - 5);
  if (name.empty() || name.starts_with('.') || name.starts_with('-') ||
      !made_of(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.")) {
    return options.complain("\"" + name + "\" is not made of letters, digits, - _ and .");
  }
  const std::string paradigm = options.get<std::string>("paradigm");
  const std::vector<std::string> all = paradigms(registry);
  if (std::ranges::find(all, paradigm) == all.end()) {
    return options.complain("no paradigm \"" + paradigm + "\"" + choices(paradigm, all));
  }
  const PluginEntry* entry = registry.find(role::ParadigmFactory::kSlot, paradigm);
  return write_new({{name + ".json", filled(entry->example, name)}});
}

/// The slot that the command line calls `slot`: "local method" for "local_method".
std::string slot_name(std::string slot) {
  std::ranges::replace(slot, '_', ' ');
  return slot;
}

int new_plugin(std::span<const std::string> arguments) {
  const std::vector<std::string> slots = offered_slots();
  Options options(
      "new plugin SLOT NAME",
      "Writes a folder NAME with a plugin that compiles as it is, and how it is built.\n"
      "SLOT is one of " +
          listed(slots) + ".");
  options.positional("what", 2);
  if (const auto code = options.parse(arguments)) return *code;
  const std::vector<std::string> what = options.list("what");
  if (what.size() != 2) return options.complain("a slot and a name are needed");
  std::string slot = what[0];  // `list` calls it "local method"
  std::ranges::replace_if(
      slot, [](char c) { return c == ' ' || c == '-'; }, '_');
  if (std::ranges::find(slots, slot) == slots.end()) {
    return options.complain("no slot \"" + what[0] + "\"" + choices(slot, slots));
  }
  const std::string& name = what[1];
  if (name.empty() || std::islower(static_cast<unsigned char>(name[0])) == 0 ||
      !made_of(name, "abcdefghijklmnopqrstuvwxyz0123456789_")) {
    return options.complain("\"" + name +
                            "\" is not made of small letters, digits and _, a letter first");
  }
  if (const PluginEntry* taken = host::built_in_plugins().find(slot_name(slot), name)) {
    return options.complain("there is a " + std::string(taken->slot) + " \"" + name +
                            "\" already (" + taken->purpose +
                            "), and a scenario could not tell the two apart");
  }
  const fs::path folder(name);
  return write_new({{folder / (name + ".cpp"), new_plugin_text(slot, name)},
                    {folder / "CMakeLists.txt", filled_template("plugin_CMakeLists.txt", name)}});
}

}  // namespace

int new_command(std::span<const std::string> arguments) {
  Options options("new scenario|plugin …",
                  "scenario NAME [--paradigm P]  a scenario, commented and ready to run; P is one "
                  "of " +
                      listed(paradigms(host::built_in_plugins())) +
                      "\nplugin SLOT NAME              a plugin, ready to be built; SLOT is one "
                      "of " +
                      listed(offered_slots()));
  if (arguments.empty()) return options.complain("scenario or plugin is needed");
  if (arguments.front() == "scenario") return new_scenario(arguments.subspan(1));
  if (arguments.front() == "plugin") return new_plugin(arguments.subspan(1));
  if (!arguments.front().starts_with("-")) {
    return options.complain("nothing new is called \"" + arguments.front() +
                            "\"; all: \"scenario\" and \"plugin\"");
  }
  return options.parse(arguments).value_or(kUserError);
}

}  // namespace skerry::experiments
