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

/// How to simulate one run. What the pointers refer to must outlive it.
struct SimulateOptions {
  unsigned threads = 1;
  host::Places* places = nullptr;       // other processes that compute
  host::JobsUnderWay* watch = nullptr;  // told which jobs are running
  RunMonitor* monitor = nullptr;        // told where the run stands
  /// Once this is true, the run stops as soon as it can.
  const std::atomic<bool>* interrupted = nullptr;
  /// The folder for checkpoints, which also says which run they belong to (read_identity()).
  /// Empty: no checkpoints.
  std::filesystem::path checkpoints;
  /// Wall time between two checkpoints.
  std::chrono::seconds every{30};
  /// A folder of checkpoints of the same run; its `stop` may differ. The run goes on from the
  /// newest and ends in the same bits as a run that was never interrupted. Empty: the run starts
  /// anew.
  std::filesystem::path resume_from = {};
};

/// What a simulated run leaves behind.
struct Simulated {
  host::RunRecord record;  // empty after a fault
  bool interrupted = false;
  /// How the last attempt to write a checkpoint went. A failure does not end the run.
  Status checkpointed;
  /// Why the run was ended without a result.
  std::optional<host::RunFault> fault;
};

/// Simulates one run, until its stop rule holds, it is interrupted, or it cannot go on. A run that
/// comes to a standstill is a run that failed: its record says why, and has what there is. Called
/// once at a time, on the thread that owns the monitor. Errors: a plugin's file or the checkpoint
/// to go on from cannot be read. A checkpoint that cannot be written is reported to the monitor,
/// and the run goes on.
Result<Simulated> simulate(const Document& document, const Setup& setup,
                           const SimulateOptions& options);

}  // namespace skerry::experiments
