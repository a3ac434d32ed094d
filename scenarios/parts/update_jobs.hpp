#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "algorithms/sdk/ask.hpp"
#include "algorithms/sdk/local_method.hpp"
#include "algorithms/sdk/reducer.hpp"
#include "scenarios/parts/exchange.hpp"
#include "scenarios/role/job.hpp"

namespace skerry::parts {

/// What the cloud knows of an update without looking into it.
struct UpdateEntry {
  NodeId node;
  Round round = 0;
  std::uint32_t dispatch = 0;
  std::uint32_t staleness = 0;
  float weight = 1;
  std::uint64_t samples = 0;  // training examples that the node has, as far as the cloud knows
  template <class A>
  void archive(A& a) {
    a(node, round, dispatch, staleness, weight, samples);
  }
};

/// "encode": plain update, down [, codec state] -> encoded update [, codec state].
struct EncodeBody {
  Exchange exchange;
  Round round = 0;
  std::optional<Settlement> settlement;  // of the node's previous update, if it was pending
  template <class A>
  void archive(A& a) {
    a(exchange, round, settlement);
  }
};

/// "decode": encoded update -> opened update; DecodeReport.
struct DecodeBody {
  Exchange exchange;
  UpdateEntry update;
  template <class A>
  void archive(A& a) {
    a(exchange, update);
  }
};
struct DecodeReport {
  UpdateEntry update;
  std::string refused;  // why the update could not be opened; empty if it could
  template <class A>
  void archive(A& a) {
    a(update, refused);
  }
};

/// "accumulate": [sums,] updates -> sums; AccumulateReport.
struct AccumulateBody {
  Exchange exchange;
  bool has_sums = false;             // the first input is the running sums
  std::vector<UpdateEntry> updates;  // in the order of the inputs
  template <class A>
  void archive(A& a) {
    a(exchange, has_sums, updates);
  }
};

/// What became of one update when it was looked into.
struct Verdict {
  UpdateEntry update;
  bool finite = false;
  std::uint64_t samples = 0;  // that the update was trained on: its weight
  double loss = 0;            // mean over these samples
  template <class A>
  void archive(A& a) {
    a(update, finite, samples, loss);
  }
};

struct AccumulateReport {
  std::vector<Verdict> verdicts;
  template <class A>
  void archive(A& a) {
    a(verdicts);
  }
};

/// A node's reply to what the reducer asked for.
struct AskedReply {
  Reply reply;
  bool has_result = false;  // its records are an input of the job
  template <class A>
  void archive(A& a) {
    a(reply, has_result);
  }
};

/// "finish": server, sums | updates, results of replies -> server, down; FinishReport.
struct FinishBody {
  Round round = 0;
  Exchange exchange;
  bool has_sums = false;       // the second input is running sums; otherwise the updates follow
  std::uint32_t accepted = 0;  // updates in the sums
  std::uint32_t minimum = 1;   // fewer accepted updates leave the model unchanged
  std::vector<UpdateEntry> updates;
  std::vector<AskedReply> replies;
  template <class A>
  void archive(A& a) {
    a(round, exchange, has_sums, accepted, minimum, updates, replies);
  }
};

/// How a round goes on after its updates were combined.
enum class NextExchange : std::uint8_t {
  kNone,      // the model has been stepped
  kTraining,  // the reducer asks the cohort to train once more
  kCoding,    // a transform asks the cohort to encode once more what it trained
};

/// What a round, or a step, did to the model.
enum class RoundEnd : std::uint8_t {
  kChanged,
  kAbandoned,  // nothing: it had too few finite updates
  kUnchanged,  // nothing: the step left every bit as it was
};

struct FinishReport {
  NextExchange next = NextExchange::kNone;
  RoundEnd end = RoundEnd::kChanged;  // if no exchange follows
  std::vector<Verdict> verdicts;      // only if the reducer gathers
  template <class A>
  void archive(A& a) {
    a(next, end, verdicts);
  }
};

}  // namespace skerry::parts
