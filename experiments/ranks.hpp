#pragma once

#include <cstdint>
#include <optional>

#include "experiments/setup.hpp"
#include "sim/mpi/remote_ranks.hpp"

namespace skerry::experiments {

/// One run on all ranks, as rank 0 sees it. The destructor ends the run on the other ranks.
/// `ranks` must outlive it.
class RankedRun {
 public:
  /// Tells the other ranks to prepare the run and does not wait for them: they take as long as this
  /// rank, which should call set_up() meanwhile.
  RankedRun(mpi::RemoteRanks& ranks, const ScenarioRequest& request, std::uint64_t seed,
            unsigned threads);
  ~RankedRun() { ranks_.end(); }
  RankedRun(const RankedRun&) = delete;
  RankedRun& operator=(const RankedRun&) = delete;

  /// Waits until every rank is prepared.
  /// Errors: a rank could not prepare the run, runs another build, or has another scenario or other
  /// data than `setup`.
  Status agree(const Setup& setup);

 private:
  mpi::RemoteRanks& ranks_;
};

/// Does the work of a rank other than 0. Returns when rank 0 quits. Prints nothing.
void serve_ranks(mpi::Channel& channel);

}  // namespace skerry::experiments
