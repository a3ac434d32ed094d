#pragma once

namespace skerry::real {

/// Keeps gRPC from printing lines of its own on standard error: the failures of this folder say
/// what went wrong. Whoever sets $GRPC_VERBOSITY still sees them. Everything that makes a server or
/// a channel calls it first; from any thread, any number of times.
void keep_grpc_quiet();

}  // namespace skerry::real
