#include "scenarios/host/thread_priority.hpp"

#include <sys/resource.h>

namespace skerry::host {

void yield_to_others() {
#if defined(__linux__)
  constexpr int kBy = 10;  // there, priorities are the threads' own, and 0 means this thread
  (void)::setpriority(PRIO_PROCESS, 0, ::getpriority(PRIO_PROCESS, 0) + kBy);
#endif
}

}  // namespace skerry::host
