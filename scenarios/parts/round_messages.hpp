#pragma once

#include <cstdint>
#include <optional>

#include "algorithms/sdk/ids.hpp"
#include "scenarios/role/message.hpp"

namespace skerry::federated {

/// What cloud and edges say to each other.
enum class MessageKind : std::uint16_t {
  kTrain,      // cloud -> edge: TrainOrder, payload [down]
  kUpdate,     // edge -> cloud: Update, payload [update]
  kRefused,    // cloud -> edge: Refused
  kEvaluate,   // cloud -> edge: EvaluateOrder, payload [down]
  kEvaluated,  // edge -> cloud: Evaluated
};

/// Why an update was not taken.
enum class Refusal : std::uint8_t {
  kNotFinite,
  kWrongShape,
  kStaleRound,
  kDuplicate,
  kNotInCohort,
};
std::string_view to_string(Refusal refusal);

struct TrainOrder {
  Round round = 0;             // sync: the round; async: version of the model + 1
  std::uint32_t dispatch = 0;  // counts orders; keys the edge's random streams
  std::uint32_t exchange = 0;
  float rate_scale = 1;
  std::uint32_t epochs = 0;         // 0 = the scenario's
  std::uint32_t last_accepted = 0;  // dispatch of the node's last accepted update; 0 = none
  template <class A>
  void archive(A& a) {
    a(round, dispatch, exchange, rate_scale, epochs, last_accepted);
  }
};

struct Update {
  Round round = 0;
  std::uint32_t dispatch = 0;
  std::uint32_t exchange = 0;
  template <class A>
  void archive(A& a) {
    a(round, dispatch, exchange);
  }
};

struct Refused {
  Round round = 0;
  Refusal refusal{};
  template <class A>
  void archive(A& a) {
    a(round, refusal);
  }
};

struct EvaluateOrder {
  Round round = 0;
  bool asked_by_selector = false;  // on the training view; otherwise on the edge's test view
  template <class A>
  void archive(A& a) {
    a(round, asked_by_selector);
  }
};

/// Of one node's view; personal values are those of its personal model, where it has one.
struct Evaluation {
  std::uint64_t samples = 0;
  double loss = 0;
  double accuracy = 0;
  std::optional<double> personal_loss;
  std::optional<double> personal_accuracy;
  template <class A>
  void archive(A& a) {
    a(samples, loss, accuracy, personal_loss, personal_accuracy);
  }
};

struct Evaluated {
  Round round = 0;
  bool asked_by_selector = false;
  Evaluation evaluation;
  template <class A>
  void archive(A& a) {
    a(round, asked_by_selector, evaluation);
  }
};

template <class Body>
role::Message message(NodeId from, NodeId to, MessageKind kind, const Body& body,
                      std::vector<role::PayloadRef> payloads = {}) {
  return {from, to, static_cast<std::uint16_t>(kind), false, to_bytes(body), std::move(payloads)};
}

}  // namespace skerry::federated
