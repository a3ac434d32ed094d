#pragma once

#include <cstdint>
#include <vector>

#include "algorithms/sdk/archive.hpp"
#include "algorithms/sdk/ids.hpp"
#include "scenarios/role/payload_ref.hpp"

namespace skerry::role {

/// The only kind of message between nodes. The same archive() writes a body and saved state, so a
/// new paradigm needs no change to a driver, and the simulator counts the bytes that a real link
/// would carry.
struct Message {
  NodeId from;
  NodeId to;
  std::uint16_t kind = 0;    // the paradigm's own enum
  bool measurement = false;  // evaluation traffic: free and instant in a simulation
  ByteVector body;
  std::vector<PayloadRef> payloads;

  template <class A>
  void archive(A& a) {
    a(from, to, kind, measurement, body, payloads);
  }
};

/// Bytes of one message or of several: of the tensors, of all that is encoded, and on the wire.
struct MessageBytes {
  std::uint64_t tensor = 0;
  std::uint64_t encoded = 0;
  std::uint64_t wire = 0;

  MessageBytes& operator+=(const MessageBytes& other) {
    tensor += other.tensor;
    encoded += other.encoded;
    wire += other.wire;
    return *this;
  }
  template <class A>
  void archive(A& a) {
    a(tensor, encoded, wire);
  }
};

/// Payloads travel in chunks of this many bytes.
inline constexpr std::size_t kChunkBytes = 256 * 1024;
/// HTTP/2 and gRPC frame headers, TLS record overhead, field tags: charged once per chunk.
inline constexpr std::size_t kChunkOverhead = 64;

/// Follows from the shapes of the payloads; never waits for their values.
MessageBytes bytes_of(const Message& message);

}  // namespace skerry::role
