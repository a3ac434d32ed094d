#pragma once

#include "scenarios/role/encoding.hpp"
#include "sim/mpi/channel.hpp"
#include "sim/mpi/messages.hpp"

namespace skerry::mpi {

/// A payload on its way, as a message of type Message (Told or Answer), and back.
template <class Message>
Parcel content_parcel(host::PayloadKey key, const role::Content& content) {
  Lend lend{key, {}};
  if (!content.sums.empty()) {
    const role::Content sums{{}, content.sums};
    lend.sums = role::Encoding(sums).whole();
  }
  return {to_bytes(Message(std::move(lend))), content.payload};
}

role::Content content_of(const Lend& lend, Payload payload);

/// The message in a parcel; one of another type is a bug.
template <class Message>
Message read_message(const Parcel& parcel) {
  auto message = from_bytes<Message>(parcel.bytes);
  SKERRY_CHECK(message.has_value(), "ranks of one program understand each other");
  return std::move(*message);
}

}  // namespace skerry::mpi
