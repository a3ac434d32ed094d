#pragma once

#include <cstdint>
#include <vector>

#include "scenarios/parts/serving.hpp"

namespace skerry::parts {

/// The messages from EdgeService to Harvest. Reports are measurements: they belong to the
/// experiment, not to what would be deployed.
enum class ServingKind : std::uint8_t {
  kServed,      // edge -> cloud: Served
  kExamples,    // edge -> cloud: ExamplesSent, payload [inputs]
  kDrift,       // edge -> cloud: DriftSeen
  kServedLive,  // edge -> cloud: ServedLive, from an edge to which samples come from outside
};

/// What became of the requests of one moment.
struct Served {
  ModelVersion version = 0;  // of the model that answered
  std::uint32_t requests = 0;
  std::uint32_t correct = 0;
  std::uint32_t hard = 0;
  std::uint32_t mined = 0;   // of these, examples that are sent
  std::uint32_t missed = 0;  // came while the edge was away, or failed, and were not answered
  bool over = false;         // nothing more will come to this edge
  template <class A>
  void archive(A& a) {
    a(version, requests, correct, hard, mined, missed, over);
  }
};

/// The same of an edge to which samples come from outside, which may go on for ever.
struct ServedLive {
  Served served;
  std::uint32_t unknown = 0;  // of the requests: nobody knows the true class
  std::uint32_t live = 0;     // of the requests and the missed ones: came from outside
  std::uint32_t faulty = 0;   // rows that came from outside and made no sample
  template <class A>
  void archive(A& a) {
    a(served, unknown, live, faulty);
  }
};

struct ExamplesSent {
  ModelVersion version = 0;
  ModelVersion shadow = 0;
  std::vector<Mined> mined;  // in ascending positions
  template <class A>
  void archive(A& a) {
    a(version, shadow, mined);
  }
};

struct DriftSeen {
  Drift drift = Drift::kNone;
  template <class A>
  void archive(A& a) {
    a(drift);
  }
};

}  // namespace skerry::parts
