#pragma once

#include <span>

#include "algorithms/sdk/problems.hpp"
#include "scenarios/role/paradigm.hpp"

namespace skerry::parts {

/// The outline of a scenario whose data was read. Edges are assumed to have test examples, since a
/// live edge may have a data set of its own.
role::Outline outline_of(const role::ParadigmContext& context);

/// Reports `data.split` where it holds examples back for such a part of a node's data, and nobody
/// looks at them.
void check_unseen(const datasets::NodeData& data, std::span<const Split> of_edges, bool of_cloud,
                  Problems& problems);

}  // namespace skerry::parts
