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

/// One evaluation on the edges: who was asked, who answered, and what the answers say together.
class EdgeSurvey {
 public:
  void begin(Round round, std::vector<NodeId> asked);
  bool running() const { return round_ != 0; }
  Round round() const { return round_; }
  /// True when this was the last answer awaited.
  bool answered(NodeId node, const Evaluation& evaluation);
  bool lost(NodeId node);

  /// Over the edges that answered, each counting once: mean, standard deviation, tenth percentile,
  /// worst; for the global model and, where there are any, the personal models. Ends the survey.
  std::vector<std::pair<std::string, double>> conclude();
  /// What conclude() may give.
  static void declare(role::Results& results);

  template <class A>
  void archive(A& a) {
    a(round_, awaited_, answers_);
  }

 private:
  bool complete() const { return running() && awaited_.empty(); }
  Round round_ = 0;
  std::map<NodeId, bool> awaited_;
  std::map<NodeId, Evaluation> answers_;
};

}  // namespace skerry::parts
