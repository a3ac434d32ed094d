#pragma once

#include <algorithm>
#include <cstddef>

#include "algorithms/sdk/workspace.hpp"

namespace skerry::learners {

/// Something that can be cut, and what all of it costs.
struct Divisible {
  std::size_t size = 0;
  std::size_t unit = 1;  // cuts are at multiples of it
  double flops = 0;
};

/// Calls body(begin, end, workspace) for parts that make up [0, size). Several run at once where
/// threads of `owner` (null: none) are idle and it is worth waking them, each with the workspace of
/// its thread. Otherwise calls it once for all, with null: the caller's own scratch is free then.
template <class Body>
void share(Workspace* owner, const Divisible& work, const Body& body) {
  constexpr double kWorthWaking = 5e6;  // some 30 microseconds
  const std::size_t spare = owner && work.flops > kWorthWaking ? owner->spare() : 0;
  if (spare == 0) return body(std::size_t{0}, work.size, nullptr);
  const std::size_t units = (work.size + work.unit - 1) / work.unit;
  // More parts than threads, which neither begin together nor run equally fast.
  const std::size_t parts = std::min(units, 4 * (spare + 1));
  owner->each(parts, [&](std::size_t part, Workspace& mine) {
    body(units * part / parts * work.unit,
         std::min(work.size, units * (part + 1) / parts * work.unit), &mine);
  });
}

}  // namespace skerry::learners
