#pragma once

#include <memory>
#include <optional>
#include <string>

#include "algorithms/sdk/config_node.hpp"
#include "algorithms/sdk/registry.hpp"
#include "datasets/node_data.hpp"
#include "scenarios/role/paradigm.hpp"
#include "scenarios/schema/scenario.hpp"

namespace skerry::real {

/// A scenario as one live node runs it: the paradigm over the data that the node has.
struct Deployment {
  schema::Scenario scenario;
  std::shared_ptr<const datasets::NodeData> data;
  std::unique_ptr<role::Paradigm> paradigm;
};

/// What the node itself says about its data.
struct LocalData {
  /// A data source of its own, as `data.source` of a scenario would be; its whole training set is
  /// the node's. Without one, edge k loads the scenario's source and takes partition k.
  std::optional<ConfigNode> source;
  std::string folder;  // where relative paths start
};

/// Reads a deployed scenario, loads data, builds the paradigm. The registry must outlive it.
/// Errors: problems with their pointers, one per line; data that cannot be loaded. All are of the
/// user's input: the scenario, the node's data, or the plugins they name.
Result<std::shared_ptr<const Deployment>> deploy(const std::string& scenario,
                                                 const Registry& registry, NodeId self,
                                                 const LocalData& local);

}  // namespace skerry::real
