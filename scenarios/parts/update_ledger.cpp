#include "scenarios/parts/update_ledger.hpp"

namespace skerry::parts {

namespace {

// What is counted of rounds.
constexpr const char* kRoundsAbandoned = "abandoned";
constexpr const char* kRoundsUnchanged = "unchanged";

}  // namespace

void UpdateLedger::arrived(NodeId node, std::uint32_t dispatch, Duration took) {
  took_[{node, dispatch}] = took;
}

std::vector<UpdateEntry> UpdateLedger::judge(const std::vector<Verdict>& verdicts, bool counts_loss,
                                             Selector& selector) {
  std::vector<UpdateEntry> refused;
  for (const Verdict& verdict : verdicts) {
    const auto took = took_.extract({verdict.update.node, verdict.update.dispatch});
    selector.observe({.node = verdict.update.node,
                      .round = verdict.update.round,
                      .fate = verdict.finite ? Outcome::Fate::kAccepted : Outcome::Fate::kRefused,
                      .loss = verdict.loss,
                      .seconds = took.empty() ? 0 : took.mapped().in_seconds()});
    if (verdict.finite) {
      accepted_.push_back(verdict.update);
      if (counts_loss) {
        loss_sum_ += static_cast<double>(verdict.samples) * verdict.loss;
        samples_ += verdict.samples;
      }
    } else {
      unsettle(verdict.update.node, verdict.update.dispatch);
      refused.push_back(verdict.update);
    }
  }
  return refused;
}

void UpdateLedger::unsettle(NodeId node, std::uint32_t dispatch) {
  const auto settled = last_accepted_.find(node);
  if (settled != last_accepted_.end() && settled->second == dispatch) {
    last_accepted_.erase(settled);
  }
}

void UpdateLedger::settle_accepted() {
  for (const UpdateEntry& entry : accepted_) settle(entry.node, entry.dispatch);
}

std::uint32_t UpdateLedger::last_accepted(NodeId node) const {
  const auto accepted = last_accepted_.find(node);
  return accepted == last_accepted_.end() ? 0 : accepted->second;
}

void UpdateLedger::end_round(RoundEnd end) {
  ++rounds_;
  if (end == RoundEnd::kAbandoned) count(kRoundsAbandoned);
  if (end == RoundEnd::kUnchanged) count(kRoundsUnchanged);
  if (end == RoundEnd::kChanged && !accepted_.empty()) learnt_ = true;
}

std::string UpdateLedger::nothing_learnt() const {
  if (learnt_) return "";
  if (rounds_ == 0) return "no round was completed";
  const auto rounds = [this](const char* name) {
    const auto count = counters_.find(name);
    return count == counters_.end() ? 0 : count->second;
  };
  const std::string all = " of " + std::to_string(rounds_) + " ";
  std::string text = "no round changed the model: ";
  if (rounds(kRoundsUnchanged) > 0) {
    text += std::to_string(rounds(kRoundsUnchanged)) + all + "left it exactly as it was";
  }
  if (rounds(kRoundsUnchanged) == 0 || rounds(kRoundsAbandoned) > 0) {
    text += rounds(kRoundsUnchanged) > 0 ? ", " : "";
    text += std::to_string(rounds(kRoundsAbandoned)) + all + "were abandoned";
  }
  std::string became;
  for (const auto& [name, count] : counters_) {
    if (name == kRoundsAbandoned || name == kRoundsUnchanged || count == 0) continue;
    became += (became.empty() ? " (updates: " : ", ") + std::to_string(count) + " " + name;
  }
  return text + became + (became.empty() ? "" : ")");
}

void UpdateLedger::record_round(role::MetricStep step, Duration took,
                                role::Effects& effects) const {
  effects.metric("round/accepted", step, static_cast<double>(accepted_.size()));
  effects.metric("round/seconds", step, took.in_seconds());
  if (samples_ > 0) effects.metric("train/loss", step, loss_sum_ / static_cast<double>(samples_));
}

void UpdateLedger::record_outcomes(role::MetricStep step, role::Effects& effects) const {
  for (const auto& [name, count] : counters_) {
    effects.metric("updates/" + name, step, static_cast<double>(count));
  }
}

void UpdateLedger::declare(role::Results& results) {
  const role::MetricInfo declared[] = {
      {.name = "train/loss",
       .label = "training loss",
       .unit = "nats",
       .meaning = "mean over the examples of the accepted updates",
       .better = role::Better::kLower},
      {.name = "round/accepted",
       .label = "accepted updates",
       .meaning = "updates that count in this round's model"},
      {.name = "round/seconds",
       .label = "time of the round",
       .unit = "s",
       .meaning = "from the round's first order to its model",
       .better = role::Better::kLower},
      {.name = "updates/*",
       .label = "updates",
       .meaning = "updates so far that came to this end, as far as is known: one that was lost may "
                  "still come, too late"}};
  results.metrics.insert(results.metrics.end(), std::begin(declared), std::end(declared));
}

}  // namespace skerry::parts
