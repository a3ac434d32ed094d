#pragma once

#include <string>
#include <vector>

#include "algorithms/sdk/config_node.hpp"
#include "experiments/setup.hpp"
#include "scenarios/role/description.hpp"

namespace skerry::experiments {

/// A scenario for a reader: what it says beside its models, in the order in which one would ask.
/// The data are loaded by then; nothing generated is drawn.
std::vector<role::Fact> facts_of(const Setup& setup);

/// The same with its models, layer by layer: for `skerry describe FILE.json`.
std::string scenario_words(const Document& document, const Setup& setup);
/// And for scripts: {"file", "name", "paradigm", "facts", "models"}. Numbers are in bytes and
/// floating-point operations.
ConfigNode scenario_node(const Document& document, const Setup& setup);

}  // namespace skerry::experiments
