#pragma once

#include "scenarios/role/paradigm.hpp"

namespace skerry::parts {

/// The outline of a scenario whose data was read. Edges are assumed to have test examples, since a
/// live edge may have a data set of its own.
role::Outline outline_of(const role::ParadigmContext& context);

}  // namespace skerry::parts
