#pragma once

#include <atomic>
#include <chrono>
#include <filesystem>
#include <optional>
#include <string>

#include "experiments/setup.hpp"
#include "scenarios/host/jobs_under_way.hpp"
#include "scenarios/host/places.hpp"
#include "scenarios/host/run_fault.hpp"
#include "scenarios/host/run_record.hpp"

namespace skerry::experiments {

class RunMonitor;

/// One simulated run, from a set-up scenario to what it leaves behind.
struct SimulateOptions {
  unsigned threads = 1;
  host::Places* places = nullptr;       // other processes that compute
  host::JobsUnderWay* watch = nullptr;  // told what is computed
  RunMonitor* monitor = nullptr;        // told how the run goes on
  const std::atomic<bool>* interrupted = nullptr;
  /// Where checkpoints are kept: in a folder of their own, which says whose they are
  /// (read_identity()). Empty: none are.
  std::filesystem::path checkpoints;
  /// Wall time between two checkpoints.
  std::chrono::seconds every{30};
  /// A folder of checkpoints of the same run, whatever its `stop` was: the run goes on from the
  /// newest and ends in the same bits as one that was never interrupted. Empty: it starts.
  std::filesystem::path resume_from = {};
};

struct Simulated {
  host::RunRecord record;
  bool interrupted = false;
  /// How the last attempt to write a checkpoint went; a failure ends no run.
  Status checkpointed;
  /// Why the run was ended, and has no result; empty where it was not.
  std::optional<host::RunFault> fault;
  /// Why the run came to a standstill before its stop rule was met; empty where it did not.
  std::string standstill;
};

/// Fails when a plugin's file or, where the run is to go on, a checkpoint cannot be read. A
/// checkpoint that cannot be written is told to the monitor, and the run goes on.
Result<Simulated> simulate(const Document& document, const Setup& setup,
                           const SimulateOptions& options);

}  // namespace skerry::experiments
