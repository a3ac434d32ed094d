#pragma once

#include <functional>
#include <memory>
#include <string>

#include "algorithms/sdk/result.hpp"
#include "sim/mpi/channel.hpp"

namespace skerry::mpi {

/// The MPI library in this program, empty where there is none.
std::string library();

/// Joins the other ranks. Once per process. Only the calling thread may use the channel; destroying
/// it ends MPI in this process.
/// @param lost  called with the name of a rank that has died, on rank 0 for any other and on the
///              others for rank 0; then the program ends on all ranks with code 3.
/// Errors: there is no MPI in this program, or it does not work here.
Result<std::unique_ptr<Channel>> join(std::function<void(const std::string& name)> lost);

}  // namespace skerry::mpi
