#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "algorithms/sdk/selector.hpp"
#include "scenarios/parts/update_jobs.hpp"
#include "scenarios/role/effects.hpp"
#include "scenarios/role/results.hpp"

namespace skerry::parts {

/// What became of the updates: which were accepted since the last model, how long they took, what
/// each edge must be told about its last update, and how many updates ended in which way.
class UpdateLedger {
 public:
  /// An update arrived, `took` after it was asked for. It has not been looked into yet.
  void arrived(NodeId node, std::uint32_t dispatch, Duration took);
  /// Updates were looked into: tells the selector, and keeps those that count.
  /// @param counts_loss  whether their losses belong to the metric train/loss.
  /// Returns those that are not finite.
  std::vector<UpdateEntry> judge(const std::vector<Verdict>& verdicts, bool counts_loss,
                                 Selector& selector);
  /// Counts one more update, or order, that ended like that: `lost`, `refused/duplicate`.
  void count(const std::string& outcome) { ++counters_[outcome]; }
  /// One that was counted came to another end after all.
  void recount(const std::string& from, const std::string& to) {
    --counters_.at(from);
    ++counters_[to];
  }

  /// For edges that keep state: the update of that order counts, or (unsettle) does not after all.
  void settle(NodeId node, std::uint32_t dispatch) { last_accepted_[node] = dispatch; }
  void unsettle(NodeId node, std::uint32_t dispatch);
  /// settle() for all accepted updates.
  void settle_accepted();
  /// Dispatch of the node's last accepted update; 0 if there is none.
  std::uint32_t last_accepted(NodeId node) const;

  /// Forgets the accepted updates: they are in a model, or belong to an exchange that is over.
  void clear_accepted() { accepted_.clear(); }
  /// A round is over.
  void end_round(RoundEnd end);
  void begin_round() {
    accepted_.clear();
    loss_sum_ = 0;
    samples_ = 0;
  }
  /// Records `round/accepted`, `round/seconds` and, if an accepted update was trained on an
  /// example, `train/loss`: the mean over these examples.
  void record_round(role::MetricStep step, Duration took, role::Effects& effects) const;
  /// What became of the updates, if no round so far changed the model by an accepted update: "no
  /// round changed the model: 3 of 3 were abandoned (updates: 12 lost)". Empty if one did.
  std::string nothing_learnt() const;
  /// Records `updates/...`: totals so far.
  void record_outcomes(role::MetricStep step, role::Effects& effects) const;
  static void declare(role::Results& results);

  template <class A>
  void archive(A& a) {
    a(accepted_, took_, loss_sum_, samples_, rounds_, learnt_, last_accepted_, counters_);
  }

 private:
  std::vector<UpdateEntry> accepted_;
  // Of updates not looked into yet, by node and dispatch.
  std::map<std::pair<NodeId, std::uint32_t>, Duration> took_;
  double loss_sum_ = 0;        // over the examples of the accepted updates
  std::uint64_t samples_ = 0;  // how many examples these are
  std::uint32_t rounds_ = 0;   // rounds that are over
  bool learnt_ = false;        // one of them changed the model by an accepted update
  std::map<NodeId, std::uint32_t> last_accepted_;
  std::map<std::string, std::uint64_t> counters_;
};

}  // namespace skerry::parts
