// What the program says about itself and about scenarios: list, describe, validate.
#include <algorithm>
#include <cstdio>
#include <map>
#include <string_view>

#include "algorithms/sdk/learner.hpp"
#include "experiments/command.hpp"
#include "experiments/options.hpp"
#include "experiments/scenario_words.hpp"
#include "experiments/setup.hpp"
#include "scenarios/host/plugin_file.hpp"
#include "scenarios/schema/json.hpp"
#include "scenarios/schema/scenario.hpp"
#include "sim/simulation.hpp"

namespace skerry::experiments {

namespace {

namespace po = boost::program_options;

/// The built-in plugins and those of the --plugin files. Fails if a file cannot be loaded.
Result<Registry> plugins_of(const Options& options) {
  Registry registry = host::built_in_plugins();
  for (const std::string& file : options.list("plugin")) {
    if (const Status loaded = host::load_plugin_file(file, registry); !loaded) {
      return loaded.failure();
    }
  }
  return registry;
}

/// Adds LibTorch's models if they were built with this program.
Status load_torch(Registry& registry) {
  const auto loaded =
      host::load_named_plugins(ConfigNode::Object{{"model", "torch_script"}}, registry);
  if (loaded || !host::torch_file()) return {};
  return loaded.failure();
}

void add_plugin_option(Options& options) {
  options.add()("plugin", po::value<std::vector<std::string>>()->composing(),
                "load plugins from a file (.so)");
}

/// The metrics that runs record, by name, of every paradigm that has an example scenario.
std::map<std::string, role::MetricInfo> recorded_metrics(const Registry& registry) {
  role::Results results;
  sim::Simulation::declare(results);
  for (const std::string& name : registry.names(role::ParadigmFactory::kSlot)) {
    const char* example = registry.find(role::ParadigmFactory::kSlot, name)->example;
    if (example == nullptr) continue;
    const auto node = schema::parse_json(example);
    Problems problems;
    if (!node) continue;
    const auto scenario = schema::read_scenario(*node, registry, "", problems);
    if (!problems.empty()) continue;
    for (auto& info : registry.make(scenario.paradigm)->results().metrics) {
      results.metrics.push_back(std::move(info));
    }
  }
  std::map<std::string, role::MetricInfo> metrics;
  for (auto& info : results.metrics) metrics.emplace(info.name, info);
  return metrics;
}

void print_fields(const std::vector<FieldDescriber::Field>& fields, int depth) {
  for (const auto& field : fields) {
    std::printf("%*s%-18s %s", depth * 2 + 2, "", field.key.c_str(), field.type.c_str());
    if (!field.range.empty()) std::printf(" in %s", field.range.c_str());
    if (field.fallback == "required") {
      std::printf(", required");
    } else if (!field.fallback.empty() && field.nested.empty()) {
      std::printf(", default %s", field.fallback.c_str());
    }
    std::printf("\n%*s%s\n", depth * 2 + 21, "", field.meaning.c_str());
    print_fields(field.nested, depth + 1);
  }
}

ConfigNode fields_node(const std::vector<FieldDescriber::Field>& fields) {
  ConfigNode::Array list;
  for (const auto& field : fields) {
    ConfigNode node = ConfigNode::Object{{"key", field.key},
                                         {"type", field.type},
                                         {"default", field.fallback},
                                         {"range", field.range},
                                         {"meaning", field.meaning}};
    if (!field.nested.empty()) node.set("fields", fields_node(field.nested));
    list.push_back(std::move(node));
  }
  return list;
}

/// Collects and prints what the user asked about: plugins, or other things with keys or names.
class Described {
 public:
  Described(const Registry& registry, bool json) : registry_(registry), json_(json) {}

  /// Adds everything of that name. False if there is nothing.
  bool add(const std::string& name) {
    const std::size_t before = count_;
    if (name == "scenario") {
      keys("", name, "the keys of every scenario; those of a paradigm stand beside them",
           FieldDescriber::describe<schema::Scenario>());
    }
    if (name == "metrics") metrics();
    for (const PluginEntry* entry : registry_.entries()) {
      const bool world = entry->slot == std::string_view(schema::WorldSection::kSlot);
      if (name != entry->name && !(world && name == entry->slot)) continue;
      keys(entry->slot, entry->name, entry->purpose, entry->describe());
    }
    return count_ > before;
  }
  std::vector<std::string> names() const {
    std::vector<std::string> names{"scenario", schema::WorldSection::kSlot, "metrics"};
    for (const PluginEntry* entry : registry_.entries()) names.emplace_back(entry->name);
    return names;
  }
  ConfigNode::Array& list() { return list_; }

 private:
  void keys(const std::string& slot, const std::string& name, const std::string& purpose,
            const std::vector<FieldDescriber::Field>& fields) {
    ++count_;
    if (json_) {
      ConfigNode node = ConfigNode::object();
      if (!slot.empty()) node.set("slot", slot);
      node.set("name", name);
      node.set("purpose", purpose);
      node.set("fields", fields_node(fields));
      list_.push_back(std::move(node));
      return;
    }
    const std::string quoted = slot.empty() ? name : slot + " \"" + name + "\"";
    std::printf("%s: %s\n", quoted.c_str(), purpose.c_str());
    print_fields(fields, 0);
  }
  void metrics() {
    ++count_;
    if (!json_) std::printf("metrics: what a run may record, by name\n");
    ConfigNode::Array all;
    for (const auto& [name, info] : recorded_metrics(registry_)) {
      all.push_back(FieldWriter::write(info));
      if (json_) continue;
      std::printf("  %-28s %-6s %s\n", name.c_str(), info.unit.c_str(), info.meaning.c_str());
    }
    if (json_) list_.push_back(ConfigNode::Object{{"name", "metrics"}, {"metrics", all}});
  }

  const Registry& registry_;
  bool json_;
  std::size_t count_ = 0;
  ConfigNode::Array list_;
};

/// The presets of one kind of object: compositions that may stand in its place, by name.
struct PresetList {
  std::string key;  // the first of the scenario's keys that take them
  const Presets* presets;
};

void find_presets(const std::vector<FieldDescriber::Field>& fields, const std::string& prefix,
                  std::vector<PresetList>& found) {
  for (const auto& field : fields) {
    const bool is_new =
        std::ranges::find(found, field.presets, &PresetList::presets) == found.end();
    if (field.presets != nullptr && is_new) found.push_back({prefix + field.key, field.presets});
    find_presets(field.nested, prefix + field.key + ".", found);
  }
}

/// Those of the keys of paradigms and of the world.
std::vector<PresetList> presets_of(const Registry& registry) {
  std::vector<PresetList> found;
  for (const PluginEntry* entry : registry.entries()) {
    const bool world = entry->slot == std::string_view(schema::WorldSection::kSlot);
    const bool paradigm = entry->slot == std::string_view(role::ParadigmFactory::kSlot);
    if (world || paradigm) find_presets(entry->describe(), world ? "world." : "", found);
  }
  return found;
}

std::string preset_slot(const PresetList& list) { return "preset of " + list.key; }

/// The names that `list` accepts: slots, and keys that have presets.
std::vector<std::string> listed_slots(const Registry& registry) {
  std::vector<std::string> slots = registry.slots();
  for (const PresetList& list : presets_of(registry)) slots.push_back(preset_slot(list));
  return slots;
}

/// One thing that a scenario can name.
struct Listed {
  std::string slot, name, purpose;
};

std::vector<Listed> everything(const Registry& registry) {
  std::vector<Listed> all;
  for (const PluginEntry* entry : registry.entries()) {
    all.push_back({entry->slot, entry->name, entry->purpose});
  }
  for (const PresetList& list : presets_of(registry)) {
    for (const auto& [name, composition] : *list.presets) {
      all.push_back({preset_slot(list), name, composition.text()});
    }
  }
  return all;
}

bool is_scenario_file(const std::string& name) { return name.ends_with(".json"); }

int describe_scenario(const Options& options, const std::string& file, ConfigNode::Array& list) {
  const auto fail = [](const std::string& text) {
    std::fprintf(stderr, "%s\n", text.c_str());
    return kUserError;
  };
  const auto document = open_document(
      {.file = file, .overrides = options.list("set"), .plugins = options.list("plugin")});
  if (!document) return fail(document.message());
  if (const auto scenario = check(*document); !scenario) return fail(scenario.message());
  const auto setup = set_up(*document);
  if (!setup) return fail(setup.message());
  if (options.json()) {
    list.push_back(scenario_node(*document, *setup));
  } else {
    std::fputs(scenario_words(*document, *setup).c_str(), stdout);
  }
  return kDone;
}

int validate(const Options& options, const std::string& file) {
  const auto fail = [](const Failure& failure) {
    std::fprintf(stderr, "%s\n", failure.message.c_str());
    return kUserError;
  };
  const auto document = open_document(
      {.file = file, .overrides = options.list("set"), .plugins = options.list("plugin")});
  if (!document) return fail(document.failure());
  const auto scenario = check(*document);
  if (!scenario) return fail(scenario.failure());
  if (!options.has("without-data")) {
    const auto setup = set_up(*document);
    if (!setup) return fail(setup.failure());
    say_remarks(*document, *setup);
  }
  if (options.has("resolved")) {
    std::fputs(schema::write_json(schema::resolved(*scenario)).c_str(), stdout);
  } else {
    std::printf("%s: good\n", file.c_str());
  }
  return kDone;
}

}  // namespace

int list_command(std::span<const std::string> arguments) {
  Options options(
      "list [SLOT] [OPTIONS]",
      "Lists the plugins of a slot, or of all slots, and the presets of keys that have some.");
  options.positional("slot", 1);
  add_plugin_option(options);
  options.add_format();
  if (const auto code = options.parse(arguments)) return *code;
  auto registry = plugins_of(options);
  if (!registry) return options.complain(registry.message());
  const auto wanted = options.list("slot");
  if (wanted.empty() || wanted[0] == LearnerFactory::kSlot) {
    if (const Status loaded = load_torch(*registry); !loaded) {
      std::fprintf(stderr, "skerry: models of LibTorch are left out: %s\n",
                   loaded.message().c_str());
    }
  }
  const auto slots = listed_slots(*registry);
  if (!wanted.empty() && std::find(slots.begin(), slots.end(), wanted[0]) == slots.end()) {
    return options.complain("no slot \"" + wanted[0] + "\"; all: " + listed(slots));
  }
  ConfigNode::Array list;
  std::string slot;
  for (const Listed& one : everything(*registry)) {
    if (!wanted.empty() && wanted[0] != one.slot) continue;
    if (options.json()) {
      list.push_back(
          ConfigNode::Object{{"slot", one.slot}, {"name", one.name}, {"purpose", one.purpose}});
      continue;
    }
    if (slot != one.slot) std::printf("%s%s\n", slot.empty() ? "" : "\n", one.slot.c_str());
    slot = one.slot;
    std::printf("  %-20s %s\n", one.name.c_str(), one.purpose.c_str());
  }
  if (options.json()) std::fputs(schema::write_json(list).c_str(), stdout);
  return kDone;
}

int describe_command(std::span<const std::string> arguments) {
  Options options("describe NAME… | SCENARIO.json… [OPTIONS]",
                  "Says what a plugin is and what its parameters mean, or what a scenario does and "
                  "what its\nmodels are made of. `scenario` and `world` describe the keys of a "
                  "scenario, `metrics` what\na run records.");
  options.positional("name", -1);
  options.add()("set", po::value<std::vector<std::string>>()->composing(),
                "of a scenario, override a value: path.to.key=value");
  add_plugin_option(options);
  options.add_format();
  if (const auto code = options.parse(arguments)) return *code;
  auto registry = plugins_of(options);
  if (!registry) return options.complain(registry.message());
  const auto wanted = options.list("name");
  if (wanted.empty()) {
    return options.complain("the name of a plugin, or a scenario file, is needed");
  }
  for (const std::string& name : wanted) {
    if (is_scenario_file(name)) continue;
    const ConfigNode document = ConfigNode::Object{{"name", name}};
    (void)host::load_named_plugins(document, *registry);  // an unknown name is reported below
  }
  Described described(*registry, options.json());
  for (const std::string& name : wanted) {
    if (is_scenario_file(name)) {
      if (const int code = describe_scenario(options, name, described.list()); code != kDone) {
        return code;
      }
      continue;
    }
    if (described.add(name)) continue;
    const std::string near = nearest(name, described.names());
    return options.complain("no plugin \"" + name + "\"" +
                            (near.empty() ? "" : "; nearest \"" + near + "\""));
  }
  if (options.json()) std::fputs(schema::write_json(described.list()).c_str(), stdout);
  return kDone;
}

int validate_command(std::span<const std::string> arguments) {
  Options options(
      "validate SCENARIO… [OPTIONS]",
      "Checks scenarios without running them: everything that `run` would refuse, their "
      "data\nincluded.");
  options.positional("scenario", -1);
  options.add()("set", po::value<std::vector<std::string>>()->composing(),
                "override a value: path.to.key=value")(
      "without-data", "do not load the data, nor check what only it tells")(
      "resolved", "print the scenario with every default filled in");
  add_plugin_option(options);
  if (const auto code = options.parse(arguments)) return *code;
  if (options.list("scenario").empty()) return options.complain("a scenario file is needed");
  int code = kDone;
  for (const std::string& file : options.list("scenario")) {
    if (const int one = validate(options, file); one != kDone) code = one;
  }
  return code;
}

}  // namespace skerry::experiments
