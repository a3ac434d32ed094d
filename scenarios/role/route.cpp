#include "scenarios/role/route.hpp"

namespace skerry::role {

std::optional<std::string> refused_route(NodeId from, NodeId to) {
  if (from.is_cloud() != to.is_cloud()) return std::nullopt;
  return to_string(from) + " may not send to " + (from == to ? "itself" : to_string(to)) +
         ": messages go between the cloud and an edge, until a scenario can describe a topology";
}

}  // namespace skerry::role
