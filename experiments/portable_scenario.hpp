#pragma once

#include "algorithms/sdk/config_node.hpp"
#include "experiments/setup.hpp"

namespace skerry::experiments {

/// The resolved scenario as results keep it: each path of a built-in data source is absolute and
/// leads to the file that was read, so that the scenario can be run from any folder. Files that a
/// scenario holds whole (a model, a trace) need none. Paths of a plugin's own data source stay.
ConfigNode portable(const Document& document, const schema::Scenario& scenario);

}  // namespace skerry::experiments
