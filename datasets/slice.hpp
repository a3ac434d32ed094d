#pragma once

#include <cstdint>

#include "algorithms/sdk/time.hpp"

namespace skerry::datasets {

/// A part of what comes to a node: all of it, one experience, the experiences up to one, or what
/// arrives in a range of time. Plain data, so that a job can carry it.
class Slice {
 public:
  enum class Kind : std::uint8_t { kEverything, kExperience, kUpTo, kBetween };

  /// Everything.
  constexpr Slice() = default;
  static constexpr Slice everything() { return {}; }
  /// Experience k of the node, from 0. One that the node does not have is empty.
  static constexpr Slice experience(std::uint32_t k) { return {Kind::kExperience, k, {}, {}}; }
  /// Experiences 0 to k, k included.
  static constexpr Slice up_to(std::uint32_t k) { return {Kind::kUpTo, k, {}, {}}; }
  /// What arrives in [from, to), counted from the start of the run.
  static constexpr Slice between(Duration from, Duration to) {
    return {Kind::kBetween, 0, from, to};
  }

  constexpr Kind kind() const { return kind_; }
  constexpr std::uint32_t experience() const { return experience_; }
  constexpr Duration from() const { return from_; }
  constexpr Duration to() const { return to_; }

  bool operator==(const Slice&) const = default;
  template <class A>
  void archive(A& a) {
    a(kind_, experience_, from_, to_);
  }

 private:
  constexpr Slice(Kind kind, std::uint32_t experience, Duration from, Duration to)
      : kind_(kind), experience_(experience), from_(from), to_(to) {}

  Kind kind_ = Kind::kEverything;
  std::uint32_t experience_ = 0;
  Duration from_, to_;
};

}  // namespace skerry::datasets
