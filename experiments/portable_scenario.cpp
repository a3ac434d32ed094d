#include "experiments/portable_scenario.hpp"

#include <filesystem>
#include <string_view>
#include <utility>

#include "datasets/data_source.hpp"

namespace skerry::experiments {

namespace {

/// The keys of built-in data sources that hold paths.
constexpr std::pair<std::string_view, std::string_view> kPathKeys[] = {
    {"csv", "train"}, {"csv", "test"}, {"npz", "path"}, {"mnist", "writers"}};

}  // namespace

ConfigNode portable(const Document& document, const schema::Scenario& scenario) {
  ConfigNode node = schema::resolved(scenario);
  ConfigNode* data = node.find("data");
  ConfigNode* source = data != nullptr ? data->find("source") : nullptr;
  if (source == nullptr) return node;
  auto environment = datasets::DataEnvironment::of_process(scenario.partition_seed());
  if (!document.folder.empty()) environment.search_folders.emplace_back(document.folder);
  for (const auto& [name, key] : kPathKeys) {
    ConfigNode* path = name == scenario.data.source.name ? source->find(key) : nullptr;
    if (path == nullptr || path->as_string() == nullptr || path->as_string()->empty()) continue;
    const auto found = datasets::resolve_path(environment, *path->as_string());
    *path = std::filesystem::absolute(found).lexically_normal().string();
  }
  return node;
}

}  // namespace skerry::experiments
