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

/// A unit of computing, described by data: the same job runs on a thread, on another rank, in
/// another process or on a real edge, and gives the same result.
struct Job {
  std::uint64_t number = 0;  // the node's own count
  std::uint32_t life = 0;    // how often the node forgot its count; set by the driver
  NodeId node;               // whose data and device
  std::uint16_t kind = 0;    // place in the paradigm's JobKinds
  /// Nobody waits for it: its report is a list of metrics that the driver records when they are
  /// there.
  bool detached = false;
  StreamKey key;           // of its random streams, and of nothing else
  std::uint64_t step = 0;  // which step of the metrics, and which group of spans, it belongs to
  std::vector<PayloadRef> inputs;
  ByteVector body;  // the kind's parameters, archived

  /// Names what the job makes, differently from anything the node made before it was restarted.
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
  /// False: measurements and bookkeeping of the simulation itself; takes no virtual time.
  bool charged = true;
};

/// Named numbers: the report of an evaluation.
using Metrics = std::vector<std::pair<std::string, double>>;

/// What a job gives.
struct JobResult {
  std::vector<Content> outputs;
  ByteVector report;  // the kind's own, archived; Metrics for a detached job
};

}  // namespace skerry::role
