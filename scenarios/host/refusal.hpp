#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace skerry::host {

/// Why something that came from a peer was refused.
enum class RefusalReason : std::uint8_t {
  kIdentity,    // the sender is not who the message says
  kNoSession,   // no joined session, or of another run
  kFenced,      // a newer session of the same node took over
  kTooMany,     // more sessions than admitted
  kSchema,      // data of other shape, classes or normalisation
  kNumerics,    // other numerics rule
  kVersion,     // other protocol version
  kMalformed,   // bytes that are no message
  kTooLarge,    // declared larger than anything the scenario sends
  kDamaged,     // digest does not fit
  kShape,       // other records, types or extents than expected
  kNotFinite,   // NaN or infinity
  kStaleRound,  // belongs to a round that is over
  kDuplicate,   // counted already
  kNotInCohort,
  kCount,
};

inline constexpr std::size_t kRefusalReasons = static_cast<std::size_t>(RefusalReason::kCount);

/// The name in counters and frames: `not-finite`, `stale-round`.
std::string_view to_string(RefusalReason reason);

/// How often each reason was met. Used by one thread.
class RefusalCounts {
 public:
  void add(RefusalReason reason) { ++counts_[static_cast<std::size_t>(reason)]; }
  std::uint64_t of(RefusalReason reason) const { return counts_[static_cast<std::size_t>(reason)]; }
  std::uint64_t total() const;

  template <class A>
  void archive(A& a) {
    a(counts_);
  }

 private:
  std::array<std::uint64_t, kRefusalReasons> counts_{};
};

}  // namespace skerry::host
