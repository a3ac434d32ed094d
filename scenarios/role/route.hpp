#pragma once

#include <optional>
#include <string>

#include "algorithms/sdk/ids.hpp"

namespace skerry::role {

/// Why no message may go from one node to another; nullopt if one may. Messages go only between the
/// cloud and an edge, until a scenario can describe a topology.
///
/// Both drivers ask this for every message that a role sends. A refusal there is a bug of the
/// paradigm: the run ends with this text. The cloud also asks it for every message that arrives,
/// and ends the session of a peer whose message is refused.
std::optional<std::string> refused_route(NodeId from, NodeId to);

}  // namespace skerry::role
