#pragma once

#include <memory>

#include "algorithms/sdk/problems.hpp"
#include "algorithms/sdk/registry.hpp"
#include "datasets/node_data.hpp"
#include "sim/world.hpp"

namespace skerry::sim {

/// Reports, at /world/attack and before data is there, an attack that data of that schema does not
/// suit.
void check_poison(const WorldConfig& world, const DataSchema& schema, const Registry& registry,
                  Problems& problems);

/// What the nodes of a simulated run hold in this world: `data`, except that malicious edges train
/// on what the world's attack makes of it. It is `data` itself in a world without an attack on
/// data. Every process of a run calls this on the same data before it builds the paradigm, and gets
/// the same bits.
/// Errors: why this data cannot be poisoned, reported at /world/attack; the result is then null.
std::shared_ptr<const datasets::NodeData> poisoned(std::shared_ptr<const datasets::NodeData> data,
                                                   std::shared_ptr<const World> world,
                                                   const Registry& registry, Problems& problems);

}  // namespace skerry::sim
