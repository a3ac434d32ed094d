#pragma once

#include <string>

namespace skerry::real {

/// Whether `host:port` names this machine only.
bool is_loopback(const std::string& address);

}  // namespace skerry::real
