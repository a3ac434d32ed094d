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

/// What an edge may have sent and the cloud not have read yet, and so what a session takes of the
/// cloud's memory; 80 Mbit/s where an answer takes 200 ms.
inline constexpr int kWindowBytes = 2 << 20;

/// The status a stream ends with. Its details are the reason's name, so that the peer can tell what
/// no retry will mend.
grpc::Status status_of(host::RefusalReason reason, const std::string& text);
/// Whether trying again could help.
bool may_retry(const grpc::Status& status);
/// `PERMISSION_DENIED`.
std::string_view name_of(grpc::StatusCode code);

/// Whether `host:port` names this machine only.
bool is_loopback(const std::string& address);

}  // namespace skerry::real
