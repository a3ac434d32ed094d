#include "real/quiet_grpc.hpp"

#include <grpc/support/log.h>

#include <cstdlib>

namespace skerry::real {

void keep_grpc_quiet() {
  static const bool wanted = std::getenv("GRPC_VERBOSITY") != nullptr;
  if (!wanted) gpr_set_log_function([](gpr_log_func_args*) {});
}

}  // namespace skerry::real
