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

/// The shortest plugin of each slot of algorithms/ that includes nothing of ours but the SDK.
/// `name` is its path from the root; `text` is the unchanged file, without placeholders.
std::span<const Template> shortest_plugins();

}  // namespace skerry::experiments
