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

/// The first input of every role.
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
/// A message from a peer. The role must check its body and payloads, and must not trust them.
struct MessageArrived {
  Message message;
  template <class A>
  void archive(A& a) {
    a(message);
  }
};
/// A timer has fired; it is no longer set.
struct TimerFired {
  std::uint64_t timer = 0;
  template <class A>
  void archive(A& a) {
    a(timer);
  }
};
/// A job has given its results. The outputs are in the order of its kind's shapes; their values
/// need not be there yet.
struct JobFinished {
  std::uint64_t number = 0;
  std::vector<PayloadRef> outputs;
  ByteVector report;  // empty if the kind has none
  template <class A>
  void archive(A& a) {
    a(number, outputs, report);
  }
};
/// A job gave no result. Its number is never used again. The role decides whether to start another
/// job like it, to go on without the result, or to stop.
struct JobFailed {
  std::uint64_t number = 0;
  JobFailure failure;
  template <class A>
  void archive(A& a) {
    a(number, failure);
  }
};
/// A peer can be reached. On the cloud, `samples` is how many training examples that edge has.
struct PeerJoined {
  NodeId node;
  std::uint64_t samples = 0;
  template <class A>
  void archive(A& a) {
    a(node, samples);
  }
};
/// A peer counts as lost until its next PeerJoined.
struct PeerLost {
  NodeId node;
  template <class A>
  void archive(A& a) {
    a(node);
  }
};
/// This bit is set in the number of every request from outside the run. A role must not set it in
/// the numbers of its own requests, so the number of an answer says who asked.
inline constexpr std::uint64_t kFromOutside = std::uint64_t{1} << 63;

/// Somebody outside the run wants an answer about one example. The driver feeds the request to the
/// node that was asked. The node's role must give exactly one Answer with the same number, in this
/// step or a later one. If it cannot answer, the Answer must say why.
///
/// The example is untrusted: the role must check its shape before it starts a job with it.
struct Request {
  /// Given by the driver, with the bit kFromOutside. Never used twice in a run.
  std::uint64_t number = 0;
  /// One flat record "input" of DataSchema::input_size() values, in the form in which edges send
  /// examples to the cloud: uint8 (raw, to be normalised as the schema says) or float32 (normalised
  /// already). Never null. The driver keeps it alive until the step is over; a role that needs it
  /// longer must hold it.
  PayloadRef example;
  template <class A>
  void archive(A& a) {
    a(number, example);
  }
};
/// Samples came to this node from outside the run, such as rows that a program appends to a file.
/// They are untrusted: the role must check their shape and labels.
///
/// The first one may be empty. From then on more may come at any time, until the run ends.
struct SamplesArrived {
  /// One flat record "input" of labels.size() x DataSchema::input_size() values, in either form of
  /// Request::example. Null if `labels` is empty. The driver keeps it alive until the step is over.
  PayloadRef inputs;
  std::vector<std::int32_t> labels;  // the true class of each; -1: nobody knows it
  std::uint32_t faulty = 0;          // rows that came with them and made no sample
  template <class A>
  void archive(A& a) {
    a(inputs, labels, faulty);
  }
};
/// People said of which classes examples are (AskLabels). Everything in it is untrusted.
///
/// The first one may be empty. From then on people label, and no oracle of the scenario.
struct LabelsArrived {
  struct Label {
    NodeId node;                 // to which the example came
    std::uint32_t position = 0;  // AskLabels::Question::position
    std::int32_t label = 0;
    std::uint64_t line = 0;  // of the source
    template <class A>
    void archive(A& a) {
      a(node, position, label, line);
    }
  };
  std::vector<Label> labels;
  std::string source;        // where they stand, in the words of people: "labels.csv"
  std::uint32_t faulty = 0;  // rows that came with them and said no label
  template <class A>
  void archive(A& a) {
    a(labels, source, faulty);
  }
};
/// A command of an operator: "stop", or what else the role understands. The role says in the same
/// step what became of it (Reply). It ignores commands that it does not know: the driver then tells
/// the operator so.
struct Command {
  std::string text;
  template <class A>
  void archive(A& a) {
    a(text);
  }
};

using Event = std::variant<Start, MessageArrived, TimerFired, JobFinished, PeerJoined, PeerLost,
                           Request, Command, JobFailed, SamplesArrived, LabelsArrived>;

/// One input of a role, with the time at which it came.
struct Input {
  SimTime now;
  Event event;
  /// For the cloud of a paradigm that asks who is there, while the step lasts. Null: all changes
  /// are announced (PeerJoined, PeerLost). Not archived: what is recorded and replayed announces
  /// them.
  const Presence* presence = nullptr;
  template <class A>
  void archive(A& a) {
    a(now, event);
  }
};

}  // namespace skerry::role
