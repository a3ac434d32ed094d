#pragma once

#include <cstdint>

#include "algorithms/sdk/time.hpp"

namespace skerry::sim {

/// Work to be done (bytes to carry, seconds to compute) and the rates at which it is done, as
/// integers.
///
/// Whoever shares something picks a unit so fine that a rate is a whole number of units a
/// nanosecond, and rounds a share such as C/n *up* to the next unit. Work done is then rate * time
/// exactly and nothing is rounded again. So a flow or job whose true finish is a whole nanosecond
/// finishes exactly there, because the excess, under one unit a nanosecond, stays far below a
/// nanosecond's work. There are no tolerances and no drift over long runs, and every machine gives
/// the same answer, before and after a save and load.
__extension__ typedef __int128 Work;

/// The least integer not below numerator / denominator; denominator > 0.
constexpr Work ceil_ratio(Work numerator, Work denominator) {
  const Work quotient = numerator / denominator;
  return quotient + (numerator % denominator > 0 ? 1 : 0);
}

/// The first whole nanosecond at which `left` is done at `rate` per nanosecond, starting now;
/// never() when the rate is zero, last() when that lies beyond the end of time.
constexpr SimTime completion(SimTime now, Work left, Work rate) {
  if (left <= 0) return now;
  if (rate == 0) return SimTime::never();
  const Work ns = ceil_ratio(left, rate);
  if (ns >= (SimTime::last() - now).count()) return SimTime::last();
  return now + Duration::nanoseconds(static_cast<std::int64_t>(ns));
}

/// A work amount as two words, for archives.
struct WorkWords {
  std::uint64_t high = 0;
  std::uint64_t low = 0;

  WorkWords() = default;
  explicit WorkWords(Work work)
      : high(static_cast<std::uint64_t>(work >> 64)), low(static_cast<std::uint64_t>(work)) {}
  Work work() const { return static_cast<Work>(high) << 64 | static_cast<Work>(low); }

  bool operator==(const WorkWords&) const = default;

  template <class A>
  void archive(A& a) {
    a(high, low);
  }
};

}  // namespace skerry::sim
