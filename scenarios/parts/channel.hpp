#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "scenarios/role/message.hpp"

namespace skerry::parts {

/// The name space of one part inside a paradigm: its kinds of message and its timers. A paradigm
/// must give each of its parts another number, the same on cloud and edges. Then parts never take
/// each other's messages, and a paradigm may have the same part twice. A value type.
class Channel {
 public:
  constexpr explicit Channel(std::uint8_t number) : number_(number) {}

  /// A message of kind `kind`, a value below 256 of the part's own enum.
  template <class Kind, class Body>
  role::Message message(NodeId from, NodeId to, Kind kind, const Body& body,
                        std::vector<role::PayloadRef> payloads = {}) const {
    return {from, to, number_of(kind), false, to_bytes(body), std::move(payloads)};
  }
  /// Such a message as measurement traffic: free and instant in a simulation.
  template <class Kind, class Body>
  role::Message measurement(NodeId from, NodeId to, Kind kind, const Body& body,
                            std::vector<role::PayloadRef> payloads = {}) const {
    role::Message made = message(from, to, kind, body, std::move(payloads));
    made.measurement = true;
    return made;
  }
  bool carries(const role::Message& message) const { return message.kind >> 8 == number_; }
  /// The kind of a message of this channel. The message came from a peer, so any value is possible.
  template <class Kind>
  Kind kind_of(const role::Message& message) const {
    return static_cast<Kind>(message.kind & 0xff);
  }
  template <class Kind>
  bool is(const role::Message& message, Kind kind) const {
    return message.kind == number_of(kind);
  }

  /// The number of a timer of kind `kind` that is about `subject` (a round, a dispatch, a ticket),
  /// of which it keeps 48 bits.
  constexpr std::uint64_t timer(std::uint8_t kind, std::uint64_t subject = 0) const {
    return std::uint64_t{number_} << 56 | std::uint64_t{kind} << 48 | subject_of(subject);
  }
  constexpr bool owns(std::uint64_t timer) const { return timer >> 56 == number_; }
  static constexpr std::uint8_t kind_of(std::uint64_t timer) { return timer >> 48 & 0xff; }
  static constexpr std::uint64_t subject_of(std::uint64_t timer) { return timer & 0xffffffffffff; }

 private:
  template <class Kind>
  std::uint16_t number_of(Kind kind) const {
    return static_cast<std::uint16_t>(number_ << 8 | static_cast<std::uint8_t>(kind));
  }
  std::uint8_t number_;
};

}  // namespace skerry::parts
