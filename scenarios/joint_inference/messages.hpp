#pragma once

#include <cstdint>

#include "scenarios/joint_inference/tally.hpp"

namespace skerry::joint_inference {

/// The messages between cloud and edges. Phase 0 delivers the edge's model; phase p replays the
/// requests with threshold p - 1 (counted from 0). Orders and reports are measurements: they belong
/// to the experiment, not to what would be deployed.
enum class MessageKind : std::uint8_t {
  kModel,    // cloud -> edge: Nothing, payload [edge's model]
  kServe,    // cloud -> edge: ServeOrder
  kServed,   // edge -> cloud: Served
  kNoModel,  // edge -> cloud: Nothing; it was asked to serve and has no model
  kOffload,  // edge -> cloud: Offload, payload [example]
  kLabel,    // cloud -> edge: CloudLabel [, payload [prediction], in phase 0 only]
  kNoLabel,  // cloud -> edge: NoLabel
};

/// Timers of the cloud and of edges.
enum Timer : std::uint8_t {
  kBatchTimer,     // the next batch is due
  kResendTimer,    // orders that got no answer are repeated
  kDeadlineTimer,  // its subject, a ticket, is answered without the cloud
};

struct Nothing {
  template <class A>
  void archive(A&) {}
};

struct ServeOrder {
  std::uint32_t phase = 0;
  template <class A>
  void archive(A& a) {
    a(phase);
  }
};

/// A phase is over on this edge: no request of it is open.
struct Served {
  std::uint32_t phase = 0;
  Tally tally;
  template <class A>
  void archive(A& a) {
    a(phase, tally);
  }
};

struct Offload {
  std::uint32_t phase = 0;  // 0: asked from outside, belongs to no phase
  std::uint64_t ticket = 0;
  template <class A>
  void archive(A& a) {
    a(phase, ticket);
  }
};

struct CloudLabel {
  std::uint64_t ticket = 0;
  std::int32_t label = 0;
  template <class A>
  void archive(A& a) {
    a(ticket, label);
  }
};

/// The cloud has no label: the edge's own answer stands.
struct NoLabel {
  std::uint64_t ticket = 0;
  template <class A>
  void archive(A& a) {
    a(ticket);
  }
};

}  // namespace skerry::joint_inference
