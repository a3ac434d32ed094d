#pragma once

namespace skerry::experiments {

/// How this process was started, read from the environment variables of mpirun and similar
/// launchers.
struct Launch {
  unsigned rank = 0;
  unsigned ranks = 1;       // in the whole program; 1 without a launcher
  unsigned neighbours = 1;  // ranks on this machine, this one included
};
Launch launch();

}  // namespace skerry::experiments
