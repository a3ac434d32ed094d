#pragma once

#include <string>
#include <vector>

#include "algorithms/sdk/config_node.hpp"
#include "experiments/setup.hpp"
#include "scenarios/role/description.hpp"

namespace skerry::experiments {

/// What a scenario says, without its models, for a reader and in the order of likely questions.
/// `setup` has loaded the data; no generated sample is drawn for this.
std::vector<role::Fact> facts_of(const Setup& setup);

/// The same with the models, layer by layer, for `skerry describe FILE.json`.
std::string scenario_words(const Document& document, const Setup& setup);
/// The same for scripts: {"file", "name", "paradigm", "facts", "models"}. Sizes are in bytes, costs
/// in floating-point operations.
ConfigNode scenario_node(const Document& document, const Setup& setup);

}  // namespace skerry::experiments
