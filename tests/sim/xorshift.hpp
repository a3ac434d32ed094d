#pragma once

#include <cmath>
#include <cstdint>

namespace skerry::sim {

/// Random input for tests, independent of the generator that other tests check.
/// [Marsaglia 2003]
class Xorshift {
 public:
  explicit Xorshift(std::uint64_t seed) : state_(seed * 0x9E3779B97F4A7C15u + 1) {}

  std::uint64_t operator()() {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 7;
    state_ ^= state_ << 17;
    return state_;
  }
  std::int64_t below(std::int64_t bound) {
    return static_cast<std::int64_t>((*this)() % static_cast<std::uint64_t>(bound));
  }
  /// In (0, 1].
  double uniform() { return static_cast<double>(((*this)() >> 11) + 1) * 0x1p-53; }
  double exponential() { return -std::log(uniform()); }

 private:
  std::uint64_t state_;
};

}  // namespace skerry::sim
