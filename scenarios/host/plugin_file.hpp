#pragma once

#include <optional>
#include <string>
#include <vector>

#include "algorithms/sdk/config_node.hpp"
#include "algorithms/sdk/registry.hpp"

namespace skerry::host {

/// The plugins linked into this program.
Registry built_in_plugins();

/// Adds the plugins of a file (.so) to a registry. The file stays loaded for the life of the process.
///
/// Everything is done in a child process first, so that a file that crashes, exits or hangs while being
/// opened does no harm here. Errors, each naming the file, the registry unchanged: missing, not a shared
/// library, not a plugin, built against other headers or by another compiler, a name that is taken. To be
/// called before there are threads.
Status load_plugin_file(const std::string& path, Registry& registry);

/// The file of LibTorch's learners, beside the program or in ../lib/skerry; nothing where it is in neither.
std::optional<std::string> torch_file();

/// Adds what is built with this program but loaded only where it is named: plugins `torch_…` come from
/// skerry-torch.so, looked for beside the program and in ../lib/skerry. A name stands under "name" or "model";
/// one that the registry knows already is left alone. To be called before there are threads.
/// @return the files that were loaded. Fails, with the JSON pointer, where a file is not there or does not fit.
Result<std::vector<std::string>> load_named_plugins(const ConfigNode& document, Registry& registry);

}  // namespace skerry::host
