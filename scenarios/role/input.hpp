#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "algorithms/sdk/ids.hpp"
#include "algorithms/sdk/job_failure.hpp"
#include "algorithms/sdk/time.hpp"
#include "scenarios/role/message.hpp"
#include "scenarios/role/presence.hpp"

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
/// Set in the number of every request from outside the run, and in no number that a role gives to
/// requests of its own: an answer tells by its number whose it is.
inline constexpr std::uint64_t kFromOutside = std::uint64_t{1} << 63;

/// Somebody outside the run wants an answer about one example. The driver feeds it to the node that
/// was asked. That node's role gives exactly one Answer with the same number, in this step or a
/// later one; where it cannot answer, the Answer says why. It is never silent.
///
/// The example came from a stranger: a role checks its shape before it starts a job with it.
struct Request {
  /// Given by the driver, with the bit kFromOutside. Never used twice in a run.
  std::uint64_t number = 0;
  /// One record "input", flat, as many values as an example has (DataSchema::input_size()), as
  /// edges send examples to the cloud: uint8 (raw, normalised as the schema says) or float32
  /// (normalised already). Never null. The driver keeps it alive until the step is over; the role
  /// holds it for as long as it needs it.
  PayloadRef example;
  template <class A>
  void archive(A& a) {
    a(number, example);
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
  /// For the cloud of a paradigm that asks who is there, while the step lasts. Null: all changes are
  /// announced (PeerJoined, PeerLost). Not archived: what is recorded and replayed announces them.
  const Presence* presence = nullptr;
  template <class A>
  void archive(A& a) {
    a(now, event);
  }
};

}  // namespace skerry::role
