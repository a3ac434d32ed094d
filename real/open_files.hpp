#pragma once

#include <cstdint>

namespace skerry::real {

/// Raises this process's limit on open files, as far as that is allowed, until that many
/// connections fit. Returns how many fit.
std::uint64_t make_room_for(std::uint64_t connections);

}  // namespace skerry::real
