#pragma once

#include <cstdint>

namespace skerry::real {

/// Raises the limit on open files of this process, as far as that is allowed, until so many
/// connections fit. Gives how many fit.
std::uint64_t make_room_for(std::uint64_t connections);

}  // namespace skerry::real
