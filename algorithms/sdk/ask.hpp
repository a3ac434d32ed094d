#pragma once

#include <cstdint>
#include <variant>
#include <vector>

#include "algorithms/sdk/ids.hpp"

namespace skerry {

class Payload;

/// Work that a cloud-side slot needs done before it can answer. The role has it done, at its cost
/// in time and bytes, and then asks the slot again with the replies. Power-of-choice and FLTrust
/// use it.
struct Ask {
  enum class Work : std::uint8_t {
    kEvaluate,  // loss and accuracy of the current model on the node's training data
    kTrain,     // trains from the current model as an edge would; the result holds its update
  };
  Work work = Work::kEvaluate;
  /// Edges, or the cloud. The cloud's training data is its validation view, the "root data set" of
  /// FLTrust (`data.split.server_validation` of a scenario); without one such an ask is refused
  /// when the scenario is read.
  std::vector<NodeId> nodes;

  template <class A>
  void archive(A& a) {
    a(work, nodes);
  }
};

/// One node's reply to an Ask. An edge may fail to reply; the cloud always does.
struct Reply {
  NodeId node;
  std::uint64_t samples = 0;
  double loss = 0;
  double accuracy = 0;
  /// kTrain: the update, its records as they were before any transform; null otherwise. Lives as
  /// long as the call it is given to, and is not archived.
  const Payload* result = nullptr;

  template <class A>
  void archive(A& a) {
    a(node, samples, loss, accuracy);
  }
};

template <class T>
using AnswerOrAsk = std::variant<T, Ask>;

}  // namespace skerry
