#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace skerry::host {

/// Why a message that a role sent did not reach the node it was meant for.
enum class Undelivered : std::uint8_t {
  kNeverJoined,  // live: the node has not joined the run yet
  kLeft,         // live: it had joined and counts as lost
  kCrashed,      // simulated: the node is down
  kUnavailable,  // simulated: the node is not available at this time
  kCutOff,       // simulated: a partition lies between
  kLost,         // simulated: the network lost it
  kCount,
};

inline constexpr std::size_t kUndelivered = static_cast<std::size_t>(Undelivered::kCount);

/// `never-joined`, `cut-off` ...: as counters name it.
std::string_view to_string(Undelivered cause);

/// How many messages were not delivered, by cause. A role is not told of any of them; these counts
/// show the operator what the role is waiting for in vain. Not for several threads at once.
class UndeliveredCounts {
 public:
  void add(Undelivered cause) { ++counts_[static_cast<std::size_t>(cause)]; }
  std::uint64_t of(Undelivered cause) const { return counts_[static_cast<std::size_t>(cause)]; }
  /// Causes that were met, with their names.
  std::vector<std::pair<std::string, std::uint64_t>> met() const;

  template <class A>
  void archive(A& a) {
    a(counts_);
  }

 private:
  std::array<std::uint64_t, kUndelivered> counts_{};
};

}  // namespace skerry::host
