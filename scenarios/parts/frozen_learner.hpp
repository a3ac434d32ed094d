#pragma once

#include <memory>
#include <string>
#include <vector>

#include "algorithms/sdk/learner.hpp"
#include "algorithms/sdk/problems.hpp"

namespace skerry::parts {

/// Whether a name fits a pattern, in which each `*` stands for any characters, or none.
bool fits(std::string_view name, std::string_view pattern);

/// The learner with the tensors that fit a pattern in Group::kFrozen: they keep the values they
/// begin with. Its layout has the names and shapes of the learner's own in another order, and each
/// step copies the parameters into the learner's order and the gradient back; it has no fused path.
/// The bits of a step are those of the learner's own plain path.
/// Errors, at `pointer`/i: a pattern that fits none of the tensors that are learnt; at `pointer`:
/// patterns that leave nothing to learn. Returns null if there are any. No pattern: the learner.
std::unique_ptr<Learner> with_frozen(std::unique_ptr<Learner> learner,
                                     const std::vector<std::string>& patterns,
                                     const std::string& pointer, Problems& problems);

}  // namespace skerry::parts
