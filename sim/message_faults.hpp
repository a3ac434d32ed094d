#pragma once

#include <array>
#include <cstdint>

#include "algorithms/sdk/ids.hpp"
#include "algorithms/sdk/time.hpp"

namespace skerry::sim {

/// What becomes of one message beyond what links and devices do to it.
struct MessageFate {
  std::uint8_t copies = 1;  // that arrive: 0 when it is lost, 2 when it is duplicated
  bool corrupt = false;     // its bytes, in every copy
  /// How much later than usual each copy arrives; it may then come after later messages.
  std::array<Duration, 2> extra_delay{};

  bool lost() const { return copies == 0; }
  bool operator==(const MessageFate&) const = default;
};

/// Faults that strike messages at random. The fate of message m from one node to another is a pure
/// function of (seed, from, to, m): neither the order of asking nor the fate of other messages has
/// any part in it. All probabilities are resolved to 2^-32. Cost: one Philox block per message, two
/// if it is delayed.
class MessageFaults {
 public:
  struct Config {
    double loss = 0;         // probability that no copy arrives
    double duplication = 0;  // probability that two copies arrive if any does
    double corruption = 0;   // probability that the bytes are altered
    double reordering = 0;   // probability that the first copy is delayed
    Duration
        max_delay;  // delays are uniform in (0, max_delay]; a second copy always has one. < 2^62 ns
  };
  MessageFaults(const Config& config, std::uint64_t seed);

  struct Message {
    NodeId from;
    NodeId to;
    std::uint64_t number = 0;  // among all messages from `from` to `to`
  };
  MessageFate fate(const Message& message) const;

 private:
  using Key = std::array<std::uint32_t, 2>;

  /// Of 2^32 equally likely draws, how many are hits.
  std::uint64_t losses_;
  std::uint64_t duplications_;
  std::uint64_t corruptions_;
  std::uint64_t reorderings_;
  Duration max_delay_;
  Key fate_key_;
  Key delay_key_;
};

}  // namespace skerry::sim
