#pragma once

#include "scenarios/role/results.hpp"

namespace skerry::joint_inference {

/// What a run records, one step per threshold, and how it is shown.
role::Results results();

}  // namespace skerry::joint_inference
