#pragma once

#include <compare>
#include <cstdint>

namespace skerry::parts {

/// Which exchange of a round an order or an update belongs to. Most rounds have one. A reducer may
/// ask the cohort to train again, a transform to encode again what it trained.
struct Exchange {
  std::uint16_t training = 0;  // trainings before this one
  std::uint16_t coding = 0;    // encodings of the same training before this one

  auto operator<=>(const Exchange&) const = default;
  template <class A>
  void archive(A& a) {
    a(training, coding);
  }
};

}  // namespace skerry::parts
