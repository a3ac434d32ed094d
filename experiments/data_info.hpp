#pragma once

#include <string>

#include "algorithms/sdk/config_node.hpp"
#include "datasets/data_source.hpp"

namespace skerry::experiments {

/// What `skerry data info` prints of a source's data, for people: DataProfile is part of it.
void print_info(const std::string& name, const datasets::DataSet& data);

/// The same for programs.
ConfigNode info_node(const std::string& name, const datasets::DataSet& data);

}  // namespace skerry::experiments
