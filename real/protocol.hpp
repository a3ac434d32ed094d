#pragma once

#include <grpcpp/grpcpp.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "scenarios/host/refusal.hpp"

namespace skerry::real {

/// Of the frames in skerry.proto; raised with every change that an older program would not
/// understand.
inline constexpr std::uint32_t kProtocolVersion = 1;

/// Keepalive: both ends must agree, or the server takes pings for an attack.
inline constexpr int kKeepaliveMs = 10'000;
inline constexpr int kKeepaliveTimeoutMs = 10'000;
/// The largest frame that an edge sends: a chunk, or a message's body.
inline constexpr int kMaxFrameBytes = 4 << 20;
/// The largest that the cloud sends: a scenario may hold files.
inline constexpr int kMaxOfferBytes = 64 << 20;

/// The most that an edge may have sent and the cloud not yet read, and so the memory that a session
/// costs the cloud. Allows 80 Mbit/s at a round trip of 200 ms.
inline constexpr int kWindowBytes = 2 << 20;

/// The status a stream ends with. Its details are the reason's name, so that the peer can tell when
/// retrying is useless.
grpc::Status status_of(host::RefusalReason reason, const std::string& text);
/// Whether trying again could help.
bool may_retry(const grpc::Status& status);
/// `PERMISSION_DENIED`.
std::string_view name_of(grpc::StatusCode code);

}  // namespace skerry::real
