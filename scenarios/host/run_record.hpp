#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "algorithms/sdk/config_node.hpp"
#include "algorithms/sdk/record.hpp"
#include "scenarios/host/failure_log.hpp"
#include "scenarios/host/metric_log.hpp"
#include "scenarios/host/span_log.hpp"
#include "scenarios/role/effects.hpp"
#include "scenarios/role/results.hpp"

namespace skerry::host {

/// What a run leaves behind, simulated or live: everything the results folder, tables and pictures
/// are made of.
struct RunRecord {
  ConfigNode scenario;         // resolved: every key with its value
  std::string stop_reason;     // "200 rounds", "test/accuracy >= 0.97", "an operator"
  bool failed = false;         // the run could not go on, for that reason; what it has is kept
  std::string nothing_learnt;  // as role::Stop says it
  SimTime ended;               // virtual (or steady) time at the end
  double wall_seconds = 0;
  std::vector<MetricRow> metrics;  // in decided order; names like test/accuracy, bytes/wire_up
  role::Results declared;          // what these metrics are, and how they are shown
  std::vector<Span> spans;         // of the rounds that were traced
  std::vector<FailedJobs> failed_jobs;
  std::vector<std::pair<std::string, std::uint64_t>> undelivered;  // messages, by cause
  std::uint64_t corrupted = 0;  // messages whose values were altered on the way
  Payload result;               // record "model": the final model, with its tensors' names
  std::uint64_t schedule_fingerprint = 0;
  std::uint64_t numerics_fingerprint = 0;
  std::string numerics;  // `native-1`
  std::uint64_t data_hash = 0;
  std::string data_origin;

  /// How the role ended it; the model's bits are left to the driver, which may have to wait.
  void take_end(const role::Stop& stop) {
    stop_reason = stop.reason;
    failed = stop.failed;
    nothing_learnt = stop.nothing_learnt;
  }
};

}  // namespace skerry::host
