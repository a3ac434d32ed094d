#pragma once

namespace skerry::host {

/// Lowers the priority of the calling thread, for good, so that it yields to the other threads of
/// the process. Where the system does not allow that the thread stays as it is.
void yield_to_others();

}  // namespace skerry::host
