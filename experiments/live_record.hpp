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

/// What a live run leaves behind, as its cloud saw it. Fingerprints are of a simulation's order of
/// events: a live run has none.
host::RunRecord live_record(const real::NodeDriver& driver, const Setup& setup,
                            const ConfigNode& scenario);

/// On standard output, a line a row.
void print_failed_jobs(const std::vector<host::FailedJobs>& rows);

/// Of a run that failed, by what ended it.
int exit_code_of(const std::optional<host::RunFault>& fault);

/// SHA-256 of the model's values, as manifests hold it; empty where there is no model.
std::string model_sha256(const Payload& result);

}  // namespace skerry::experiments
