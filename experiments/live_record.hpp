#pragma once

#include <optional>
#include <string>
#include <vector>

#include "algorithms/sdk/config_node.hpp"
#include "experiments/setup.hpp"
#include "real/node_driver.hpp"
#include "scenarios/host/run_fault.hpp"
#include "scenarios/host/run_record.hpp"

namespace skerry::experiments {

/// The record of a live run, as its cloud saw it. It has no fingerprints: those describe the order
/// of events in a simulation.
/// @param driver    the cloud's, after the run's end.
/// @param scenario  the scenario as the results keep it.
host::RunRecord live_record(const real::NodeDriver& driver, const Setup& setup,
                            const ConfigNode& scenario);

/// Prints one line a row on standard output.
void print_failed_jobs(const std::vector<host::FailedJobs>& rows);

/// The exit code of a run that failed: kBug if our own code broke its contract, else kWorldFailed.
int exit_code_of(const std::optional<host::RunFault>& fault);

/// SHA-256 of the bytes of the record "model", as manifests hold it; empty if there is no model.
std::string model_sha256(const Payload& result);

}  // namespace skerry::experiments
