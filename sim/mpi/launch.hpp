#pragma once

#include <functional>
#include <memory>
#include <string>

#include "algorithms/sdk/result.hpp"
#include "sim/mpi/channel.hpp"

namespace skerry::mpi {

/// How this process was started, as its launcher says in the environment.
struct Launch {
  unsigned rank = 0;
  unsigned ranks = 1;       // of the whole program; 1 without a launcher
  unsigned neighbours = 1;  // of these, on this machine
};
Launch launch();

/// The MPI library in this program, empty where there is none.
std::string library();

/// Meets the other ranks. Once a process; only the calling thread may use the channel, whose end is
/// the end of MPI in this process.
/// @param lost  told, where somebody waits for a rank that is no more, its name; then the program
///              ends on all ranks with code 3. A rank that others do not depend on is not noticed.
Result<std::unique_ptr<Channel>> join(std::function<void(const std::string& name)> lost);

}  // namespace skerry::mpi
