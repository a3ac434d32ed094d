#pragma once

#include <span>
#include <string_view>

namespace skerry::experiments {

/// A file that `skerry new` can write, before `{{name}}` and `{{class}}` are replaced in it.
struct Template {
  std::string_view name;  // "plugin_reducer.cpp"
  std::string_view text;
};

/// All files of experiments/templates, by name.
std::span<const Template> templates();

/// Of each slot of algorithms/ the shortest plugin that includes the SDK alone: its path from the
/// root and the file as it stands, with nothing to be replaced.
std::span<const Template> shortest_plugins();

}  // namespace skerry::experiments
