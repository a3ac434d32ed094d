#pragma once

#include <string>

namespace skerry::real {

/// Why nobody can listen at `HOST:PORT`, in the system's words; empty if somebody could. For a
/// server that failed to: gRPC does not say why.
std::string listen_fault(const std::string& address);

}  // namespace skerry::real
