#pragma once

#include <functional>
#include <memory>
#include <string>

#include "algorithms/sdk/result.hpp"
#include "sim/mpi/channel.hpp"

namespace skerry::mpi {

/// The MPI library in this program, empty where there is none.
std::string library();

/// Meets the other ranks. Once a process; only the calling thread may use the channel, whose end is
/// the end of MPI in this process.
/// @param lost  told the name of a rank that is no more, where rank 0 notices it of another or
///              another of rank 0; then the program ends on all ranks with code 3.
/// Errors: there is no MPI in this program, or it does not work here.
Result<std::unique_ptr<Channel>> join(std::function<void(const std::string& name)> lost);

}  // namespace skerry::mpi
