#pragma once

#include <cstdint>

#include "scenarios/role/effects.hpp"
#include "scenarios/role/headway.hpp"
#include "scenarios/role/results.hpp"

namespace skerry::parts {

/// Counts the bytes of a node's messages, up (from edges) and down (to edges). Measurements do not
/// count.
class Traffic {
 public:
  void went_up(const role::Message& message) { add(up_, message); }
  void went_down(const role::Message& message) { add(down_, message); }

  const role::MessageBytes& up() const { return up_; }
  const role::MessageBytes& down() const { return down_; }
  /// Encoded bytes of both ways: what a stop rule counts.
  std::uint64_t encoded() const { return up_.encoded + down_.encoded; }
  /// The same for a run, from what record() recorded last; 0 before that.
  static double encoded(const role::Standing& standing);
  /// Records `bytes/tensor_up`, `bytes/encoded_up`, `bytes/wire_up`, and the same down: totals so
  /// far.
  void record(std::uint64_t step, role::Effects& effects) const;
  static void declare(role::Results& results);

  template <class A>
  void archive(A& a) {
    a(up_, down_);
  }

 private:
  static void add(role::MessageBytes& sum, const role::Message& message) {
    if (!message.measurement) sum += role::bytes_of(message);
  }
  role::MessageBytes up_;
  role::MessageBytes down_;
};

}  // namespace skerry::parts
