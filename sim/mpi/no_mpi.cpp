#include "sim/mpi/join.hpp"

namespace skerry::mpi {

std::string library() { return ""; }

Result<std::unique_ptr<Channel>> join(std::function<void(const std::string& name)>) {
  return Failure{
      "this program was built without MPI and runs as one process; install libopenmpi-dev and "
      "openmpi-bin and build again (-DSKERRY_MPI=ON), or start it without mpirun"};
}

}  // namespace skerry::mpi
