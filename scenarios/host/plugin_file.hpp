#pragma once

#include <optional>
#include <string>
#include <vector>

#include "algorithms/sdk/config_node.hpp"
#include "algorithms/sdk/registry.hpp"

namespace skerry::host {

/// The plugins linked into this program.
Registry built_in_plugins();

/// Adds the plugins of a file (.so) to a registry. The file stays loaded for the life of the
/// process. Must be called before there are threads.
///
/// A child process loads the file first, so a file that crashes, exits or hangs while it is opened
/// does no harm here. Errors name the file and leave the registry unchanged: the file is missing,
/// is not a shared library or not a plugin, was built against other headers or by another compiler,
/// or has a plugin whose name is taken.
Status load_plugin_file(const std::string& path, Registry& registry);

/// The file of LibTorch's learners, beside the program or in ../lib/skerry; nullopt if it is in
/// neither.
std::optional<std::string> torch_file();

/// Adds plugins that are built with this program but are loaded only if a document names them: the
/// learners `torch_…`, from torch_file(). Looks for names under "name" and "model" that the
/// registry lacks. Must be called before there are threads.
/// @return the files that were loaded. Fails if a file is missing, with the JSON pointer of the
///         name, or if the file does not fit.
Result<std::vector<std::string>> load_named_plugins(const ConfigNode& document, Registry& registry);

}  // namespace skerry::host
