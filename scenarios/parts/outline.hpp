#pragma once

#include "scenarios/role/paradigm.hpp"

namespace skerry::parts {

/// The outline of a scenario whose data was read. Whether edges have test examples is not looked
/// at, since a live edge may have a data set of its own.
role::Outline outline_of(const role::ParadigmContext& context);

}  // namespace skerry::parts
