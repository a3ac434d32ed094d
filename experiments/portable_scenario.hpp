#pragma once

#include "algorithms/sdk/config_node.hpp"
#include "experiments/setup.hpp"

namespace skerry::experiments {

/// The resolved scenario as results keep it. Each path of a built-in data source is absolute and
/// leads to the file that was read, so that the scenario can be run from any folder. Files whose
/// content is part of the scenario (a model, a trace) have no path left. The paths of a plugin's
/// own data source stay as they are.
ConfigNode portable(const Document& document, const schema::Scenario& scenario);

}  // namespace skerry::experiments
