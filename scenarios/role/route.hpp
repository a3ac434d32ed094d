#pragma once

#include <optional>
#include <string>

#include "algorithms/sdk/ids.hpp"

namespace skerry::role {

/// Why no message may go from one node to another; nothing where it may. Messages go between the
/// cloud and an edge, until a scenario can describe a topology.
///
/// Both drivers ask for every message that a role sends. A role that is refused has a bug: its run
/// ends with this text. A cloud also asks for what arrives, and ends the session of a peer that
/// sent such a message.
std::optional<std::string> refused_route(NodeId from, NodeId to);

}  // namespace skerry::role
