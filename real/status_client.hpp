#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "algorithms/sdk/result.hpp"
#include "real/keys.hpp"
#include "scenarios/host/failure_log.hpp"
#include "scenarios/role/effects.hpp"

namespace skerry::real {

/// How a live run stands.
struct RunStatus {
  struct Metric {
    std::string name;
    std::uint64_t step = 0;
    double value = 0;
  };
  std::uint64_t run = 0;
  double seconds = 0;  // since it began
  std::uint64_t inputs = 0;
  std::uint32_t edges = 0;
  std::vector<std::string> joined;
  std::vector<Metric> metrics;  // the last value of each
  std::map<std::string, std::uint64_t> counters;
  std::vector<host::FailedJobs> failed_jobs;  // of the cloud
  std::string waiting;                        // for which edges, where the run stands still
  std::string stopped;                        // why; empty while it runs
};

/// Asks a cloud. Errors: not reached within ten seconds, or not allowed, with the status.
Result<RunStatus> ask_status(const std::string& server, const std::optional<NodeKeys>& keys);
/// Tells it what an operator wants (`stop`, and what else its role understands), and returns what
/// became of that. Errors: those of ask_status().
Result<role::Reply> send_command(const std::string& server, const std::optional<NodeKeys>& keys,
                                 const std::string& text);

}  // namespace skerry::real
