#pragma once

#include "scenarios/role/results.hpp"

namespace skerry::incremental {

/// What runs of incremental learning record, and how it is shown.
role::Results results();

}  // namespace skerry::incremental
