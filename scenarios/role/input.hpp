#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "algorithms/sdk/ids.hpp"
#include "algorithms/sdk/time.hpp"
#include "scenarios/role/job_failure.hpp"
#include "scenarios/role/message.hpp"

namespace skerry::role {

/// The first input of a role.
struct Start {
  std::uint32_t edges = 0;  // of the scenario
  /// True: every edge can be reached from the start, and no PeerJoined announces one (a
  /// simulation). False: no edge can be reached before its PeerJoined (live).
  bool all_joined = false;
  template <class A>
  void archive(A& a) {
    a(edges, all_joined);
  }
};
struct MessageArrived {
  Message message;
  template <class A>
  void archive(A& a) {
    a(message);
  }
};
struct TimerFired {
  std::uint64_t timer = 0;
  template <class A>
  void archive(A& a) {
    a(timer);
  }
};
struct JobFinished {
  std::uint64_t number = 0;
  std::vector<PayloadRef> outputs;
  ByteVector report;  // empty where the kind has none
  template <class A>
  void archive(A& a) {
    a(number, outputs, report);
  }
};
/// A job gave no result. Its number is never used again; whether to run another one like it, to go
/// on without, or to stop is the role's to decide.
struct JobFailed {
  std::uint64_t number = 0;
  JobFailure failure;
  template <class A>
  void archive(A& a) {
    a(number, failure);
  }
};
/// A peer can be reached. For the cloud: an edge with that many training examples.
struct PeerJoined {
  NodeId node;
  std::uint64_t samples = 0;
  template <class A>
  void archive(A& a) {
    a(node, samples);
  }
};
struct PeerLost {
  NodeId node;
  template <class A>
  void archive(A& a) {
    a(node);
  }
};
/// Somebody wants an answer about one example of this node's test view.
struct Request {
  std::uint64_t number = 0;
  std::uint32_t row = 0;  // index into the node's test view
  template <class A>
  void archive(A& a) {
    a(number, row);
  }
};
/// What an operator said.
struct Command {
  std::string text;
  template <class A>
  void archive(A& a) {
    a(text);
  }
};

using Event = std::variant<Start, MessageArrived, TimerFired, JobFinished, PeerJoined, PeerLost,
                           Request, Command, JobFailed>;

/// One input of a role, with the time at which it came.
struct Input {
  SimTime now;
  Event event;
  template <class A>
  void archive(A& a) {
    a(now, event);
  }
};

}  // namespace skerry::role
