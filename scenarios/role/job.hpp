#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "algorithms/sdk/archive.hpp"
#include "algorithms/sdk/learner.hpp"
#include "algorithms/sdk/local_method.hpp"
#include "scenarios/role/payload_ref.hpp"

namespace skerry::role {

/// A unit of computing that is described by data alone. Unless its kind says `once`, the same job
/// gives the same result on any thread, rank or process, and on a real edge.
struct Job {
  std::uint64_t number = 0;  // the node's own count
  std::uint32_t life = 0;    // how often the node lost its count; set by the driver
  NodeId node;               // whose data and device
  std::uint16_t kind = 0;    // place in the paradigm's JobKinds
  /// The role gets neither JobFinished nor JobFailed. The report is a list of metrics, which the
  /// driver records once they are there. If the job fails, the driver ends the run.
  bool detached = false;
  StreamKey key;           // of its random streams, and of nothing else
  std::uint64_t step = 0;  // which step of the metrics, and which group of spans, it belongs to
  std::vector<PayloadRef> inputs;
  ByteVector body;  // the kind's parameters, archived

  /// The name of an output. It differs from every name that the node gave before a restart.
  PayloadId output(std::uint64_t index) const {
    return {std::uint64_t{node.number()} << 32 | number, std::uint64_t{life} << 32 | index};
  }

  template <class A>
  void archive(A& a) {
    a(number, life, node, kind, detached, key, step, inputs, body);
  }
};

/// What a job costs on a device. Known before the job runs.
struct Work {
  Phase phase = Phase::kTrain;
  std::uint64_t samples = 0;
  std::uint32_t batch_size = 0;
  double flops = 0;
  double bytes = 0;
  /// False for measurements and the simulation's own bookkeeping: they take no virtual time.
  bool charged = true;
};

/// Named numbers: the report of an evaluation.
using Metrics = std::vector<std::pair<std::string, double>>;

/// The result of a job.
struct JobResult {
  std::vector<Content> outputs;
  ByteVector report;  // the kind's own, archived; Metrics for a detached job
};

}  // namespace skerry::role
