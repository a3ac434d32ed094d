#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "algorithms/sdk/ids.hpp"
#include "scenarios/parts/evaluation.hpp"
#include "scenarios/parts/exchange.hpp"

namespace skerry::parts {

/// The messages between the cloud's rounds and the edges' trainees, on one Channel.
enum class RoundMessage : std::uint8_t {
  kTrain,      // cloud -> edge: TrainOrder, payload [down]
  kUpdate,     // edge -> cloud: Update, payload [update as it crosses the wire]
  kRefused,    // cloud -> edge: Refused
  kEvaluate,   // cloud -> edge: AskOrder, payload [down]
  kEvaluated,  // edge -> cloud: Evaluated
  kFailed,     // edge -> cloud: Failed
  kTrainFrom,  // cloud -> edge: TrainFrom, payloads [changes] or [down]; if changes are sent
  kNoBase,     // edge -> cloud: NoBase
  kAsk,        // cloud -> edge: AskOrder, payload [down]: train, and keep nothing of it
  kAsked,      // edge -> cloud: AskOrder, payload [plain update]
};

/// Why an update was refused.
enum class Refusal : std::uint8_t {
  kNotFinite,
  kWrongShape,
  kStaleRound,
  kDuplicate,
  kNotInCohort,
  kNotOpened,  // what a transform encoded could not be decoded
};
std::string_view to_string(Refusal refusal);

struct TrainOrder {
  Round round = 0;             // sync: the round; async: version of the model + 1
  std::uint32_t dispatch = 0;  // counts orders; keys the edge's random streams
  Exchange exchange;           // coding > 0: encode once more what you trained, do not train
  float rate_scale = 1;
  std::uint32_t epochs = 0;         // 0 = the scenario's
  std::uint32_t last_accepted = 0;  // dispatch of the node's last accepted update; 0 = none
  template <class A>
  void archive(A& a) {
    a(round, dispatch, exchange, rate_scale, epochs, last_accepted);
  }
};

/// An order to train from a version of the model that comes whole, or as changes to a version that
/// the edge holds.
struct TrainFrom {
  TrainOrder order;
  std::uint64_t base = 0;  // the payloads lead from here to `version`; 0: the payload is the model
  std::uint64_t version = 0;
  template <class A>
  void archive(A& a) {
    a(order, base, version);
  }
};

/// The edge does not hold the version that an order starts from.
struct NoBase {
  std::uint32_t dispatch = 0;
  template <class A>
  void archive(A& a) {
    a(dispatch);
  }
};

struct Update {
  Round round = 0;
  std::uint32_t dispatch = 0;
  Exchange exchange;
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

/// Who asked for an evaluation or a training.
enum class Asker : std::uint8_t {
  kSurvey,    // the experiment: on the edge's test view
  kSelector,  // a plugin of the cloud: on the edge's training view
  kReducer,
};

/// Work on a round's model that is not the round's training.
struct AskOrder {
  Round round = 0;
  Asker asker = Asker::kSurvey;
  template <class A>
  void archive(A& a) {
    a(round, asker);
  }
};

struct Evaluated {
  Round round = 0;
  Asker asker = Asker::kSurvey;
  Evaluation evaluation;
  template <class A>
  void archive(A& a) {
    a(round, asker, evaluation);
  }
};

/// An order that the edge could not carry out.
struct Failed {
  Round round = 0;
  std::uint32_t dispatch = 0;  // of a training; 0: it was to evaluate
  Exchange exchange;
  std::string why;
  template <class A>
  void archive(A& a) {
    a(round, dispatch, exchange, why);
  }
};

}  // namespace skerry::parts
