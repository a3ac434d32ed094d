#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "algorithms/sdk/ids.hpp"
#include "scenarios/parts/evaluation.hpp"
#include "scenarios/role/results.hpp"

namespace skerry::parts {

/// One evaluation on the edges: who was asked, who answered, and what the answers say together. One
/// survey runs at a time.
class EdgeSurvey {
 public:
  /// Begins a survey; one that runs is forgotten.
  /// @param round  not 0; the name of the survey in orders and answers.
  void begin(Round round, std::vector<NodeId> asked);
  bool running() const { return round_ != 0; }
  Round round() const { return round_; }
  // Each returns true if the survey waited for that node, and now waits for no other.
  bool answered(NodeId node, const Evaluation& evaluation);
  bool lost(NodeId node);
  /// Whether an edge has answered, be it that it has nothing to measure on.
  bool heard() const { return heard_; }

  /// Over the edges that answered, each counting once: mean, standard deviation, tenth percentile,
  /// worst; for the global model and, if there are any, the personal models. Ends the survey.
  std::vector<std::pair<std::string, double>> conclude();
  /// Declares the metrics that conclude() may give.
  static void declare(role::Results& results);

  template <class A>
  void archive(A& a) {
    a(round_, awaited_, answers_, heard_);
  }

 private:
  bool complete() const { return running() && awaited_.empty(); }
  Round round_ = 0;
  std::map<NodeId, bool> awaited_;
  std::map<NodeId, Evaluation> answers_;
  bool heard_ = false;
};

}  // namespace skerry::parts
