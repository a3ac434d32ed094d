#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "algorithms/sdk/config_node.hpp"
#include "real/node_driver.hpp"

namespace skerry::experiments {

/// Why the simulation of a scenario may end in other bits than a live run of it, a reason an entry;
/// empty where both must end in the same.
/// @param cloud      of the live run, which is over.
/// @param data_hash  of the cloud's own data.
/// @param scenario   resolved, with the world that a simulation would have.
std::vector<std::string> reasons_for_other_bits(const real::NodeDriver& cloud,
                                                std::uint64_t data_hash,
                                                const ConfigNode& scenario);

/// The line that tells them.
std::string parity_line(const std::vector<std::string>& reasons);

}  // namespace skerry::experiments
