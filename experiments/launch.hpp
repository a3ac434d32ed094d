#pragma once

namespace skerry::experiments {

/// How this process was started, as mpirun or its like says in the environment.
struct Launch {
  unsigned rank = 0;
  unsigned ranks = 1;       // of the whole program; 1 without a launcher
  unsigned neighbours = 1;  // of these, on this machine
};
Launch launch();

}  // namespace skerry::experiments
