#include "scenarios/schema/scenario.hpp"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "algorithms/sdk/registry.hpp"
#include "datasets/user_path.hpp"
#include "scenarios/schema/json.hpp"

namespace skerry::schema {

namespace {

constexpr std::uintmax_t kLargestFile = std::uintmax_t{2} << 30;

Result<std::vector<std::byte>> load_file(const std::filesystem::path& path) {
  std::error_code error;
  const std::uintmax_t size = std::filesystem::file_size(path, error);
  if (error) return Failure{"cannot read \"" + path.string() + "\": " + error.message()};
  if (size > kLargestFile) return Failure{"\"" + path.string() + "\" is larger than 2 GiB"};
  std::ifstream file(path, std::ios::binary);
  std::vector<std::byte> bytes(size);
  file.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(size));
  if (!file) return Failure{"cannot read \"" + path.string() + "\" to its end"};
  return bytes;
}

}  // namespace

Result<Override> parse_override(std::string_view text) {
  const auto equals = text.find('=');
  if (equals == std::string_view::npos || equals == 0) {
    return Failure{"\"" + std::string(text) + "\" is not of the form path.to.key=value"};
  }
  const std::string value(text.substr(equals + 1));
  auto parsed = parse_json(value);
  const bool is_json = value.starts_with('{') || value.starts_with('[');
  if (!parsed && is_json) return Failure{std::string(text) + ": " + parsed.message()};
  return Override{std::string(text.substr(0, equals)), parsed ? *parsed : ConfigNode(value)};
}

Status apply(const Override& change, ConfigNode& document) {
  ConfigNode* node = &document;
  std::string_view rest = change.path;
  std::string pointer;
  while (true) {
    const auto dot = rest.find('.');
    const std::string key(rest.substr(0, dot));
    const bool last = dot == std::string_view::npos;
    if (key.empty()) return Failure{"\"" + change.path + "\" has an empty part"};
    pointer += "/" + key;
    if (ConfigNode::Array* array = node->as_array()) {
      std::size_t index = 0;
      const auto [end, error] = std::from_chars(key.data(), key.data() + key.size(), index);
      if (error != std::errc{} || end != key.data() + key.size() || index >= array->size()) {
        return Failure{pointer + ": a list of " + std::to_string(array->size()) +
                       " has no such index"};
      }
      node = &(*array)[index];
    } else if (node->as_object() != nullptr || node->is_null()) {
      ConfigNode* member = node->find(key);
      node = member != nullptr ? member : &node->set(key, ConfigNode());
    } else if (node->as_string() != nullptr) {
      // The bare name of a plugin or a preset becomes an object with that name.
      const std::string name = *node->as_string();
      *node = ConfigNode::Object{{"name", name}};
      node = &node->set(key, ConfigNode());
    } else {
      return Failure{pointer + ": there is " + std::string(node->kind()) + ", not an object"};
    }
    if (last) break;
    rest.remove_prefix(dot + 1);
  }
  *node = change.value;
  return {};
}

Status apply_all(const std::vector<std::string>& texts, ConfigNode& document) {
  std::vector<Override> changes;
  for (const std::string& text : texts) {
    auto change = parse_override(text);
    if (!change) return change.failure();
    changes.push_back(std::move(*change));
  }
  const auto parts = [](const Override& change) { return std::ranges::count(change.path, '.'); };
  std::ranges::stable_sort(changes, {}, parts);
  for (auto change = changes.begin(); change != changes.end(); ++change) {
    const auto same = std::find_if(
        changes.begin(), change, [&](const Override& other) { return other.path == change->path; });
    const std::string text = change->path + "=" + change->value.text();
    if (same != change && !(same->value == change->value)) {
      return Failure{text + ": contradicts " + same->path + "=" + same->value.text()};
    }
    if (const Status applied = apply(*change, document); !applied) {
      return Failure{text + ": " + applied.message()};
    }
  }
  return {};
}

FieldReader::LoadFile file_loader(const std::string& folder) {
  return [folder](const std::string& path) {
    return load_file(std::filesystem::path(folder) / datasets::user_path(path));
  };
}

Scenario read_scenario(const ConfigNode& document, const Registry& registry,
                       const std::string& folder, Problems& problems) {
  FieldReader reader(registry, problems, file_loader(folder));
  Scenario scenario;
  reader.read(document, scenario, "");
  const auto control = [](unsigned char c) { return c < 0x20 || c == 0x7f; };
  if (std::ranges::any_of(scenario.name, control)) {
    problems.add("/name", "has a control character");
  }
  if (problems.empty() && std::ranges::all_of(scenario.name, [](char c) { return c == ' '; })) {
    problems.add("/name", "is empty");
  }
  if (const PluginEntry* world = registry.find(WorldSection::kSlot, "simulated")) {
    const ConfigNode given = scenario.world.is_null() ? ConfigNode::object() : scenario.world;
    world->resolve(reader, given, "/world", scenario.world);
  }
  return scenario;
}

ConfigNode resolved(const Scenario& scenario) {
  // "paradigm" is put beside the common keys, before the ones it owns.
  return FieldWriter::write(scenario);
}

ConfigNode deployed(const Scenario& scenario) {
  ConfigNode node = resolved(scenario);
  node.erase("world");
  return node;
}

ConfigNode for_edges(const Scenario& scenario, const Registry& registry,
                     const datasets::NodeData& data) {
  Scenario agreed = scenario;
  if (!agreed.data.agreed) agreed.data.agreed = data.agreement();
  ConfigNode node = deployed(agreed);
  registry.make(scenario.paradigm)->leave_out_for_edges(node);
  return node;
}

}  // namespace skerry::schema
