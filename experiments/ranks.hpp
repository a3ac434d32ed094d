#pragma once

#include <cstdint>
#include <optional>

#include "experiments/setup.hpp"
#include "sim/mpi/remote_ranks.hpp"

namespace skerry::experiments {

/// Rank 0's view of one run on all ranks; ends it on them when it goes.
class RankedRun {
 public:
  /// Tells the others to prepare the run, which takes them as long as it takes us.
  RankedRun(mpi::RemoteRanks& ranks, const ScenarioRequest& request, std::uint64_t seed,
            unsigned threads);
  ~RankedRun() { ranks_.end(); }
  RankedRun(const RankedRun&) = delete;
  RankedRun& operator=(const RankedRun&) = delete;

  /// Waits until all have; fails where one could not, or prepared something else than we did.
  Status agree(const Setup& setup);

 private:
  mpi::RemoteRanks& ranks_;
};

/// The work of every other rank, until rank 0 quits. Prints nothing.
void serve_ranks(mpi::Channel& channel);

}  // namespace skerry::experiments
