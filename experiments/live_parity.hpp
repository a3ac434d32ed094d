#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "algorithms/sdk/config_node.hpp"
#include "real/node_driver.hpp"

namespace skerry::experiments {

/// The reasons why a simulation may end in other bits than a live run of the same scenario, each in
/// a few words. Empty if both must end in the same bits.
/// @param cloud      the driver of the live run's cloud. The run must be over.
/// @param data_hash  the hash of the cloud's own data.
/// @param scenario   the resolved scenario, with the `world` that a simulation would have.
std::vector<std::string> reasons_for_other_bits(const real::NodeDriver& cloud,
                                                std::uint64_t data_hash,
                                                const ConfigNode& scenario);

/// The line that tells the user about these reasons, or that there are none.
std::string parity_line(const std::vector<std::string>& reasons);

}  // namespace skerry::experiments
