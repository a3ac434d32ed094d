#pragma once

#include <memory>
#include <vector>

#include "scenarios/parts/asking.hpp"
#include "scenarios/parts/fruitless.hpp"
#include "scenarios/parts/round_pieces.hpp"

namespace skerry::parts {

/// Training in rounds: chooses who trains, collects updates until the round closes, makes the next
/// model, measures it, and ends when the rule says so.
///
/// A round closes when every edge that was asked has answered or is lost, when the cohort is full,
/// or at the deadline, whichever comes first. A task that only a metric can end fails after
/// kMostFruitless rounds in a row that changed nothing.
class SyncRounds final : public Rounds {
 public:
  SyncRounds(const Federation& federation, const CloudParts& parts);

  void begin(const RoundsTask& task, SimTime now, role::Effects& effects) override;
  void stop(const std::string& reason, bool failed, role::Effects& effects) override;
  bool on_message(const role::Message& message, SimTime now, role::Effects& effects) override;
  bool on_timer(std::uint64_t timer, SimTime now, role::Effects& effects) override;
  bool on_job(const role::JobFinished& finished, SimTime now, role::Effects& effects) override;
  bool on_job_failed(const role::JobFailed& failed, SimTime now, role::Effects& effects) override;
  void on_peer_joined(NodeId node, bool was_present, SimTime now, role::Effects& effects) override;
  void on_peer_lost(NodeId node, SimTime now, role::Effects& effects) override;
  void save(ByteWriter& writer) const override;
  void load(ByteReader& reader) override;

 private:
  static constexpr std::uint32_t kMostFruitless = 1000;
  enum class Phase : std::uint8_t {
    kIdle,       // no task
    kPreparing,  // the first model is being made
    kStarting,   // too few edges are present
    kSelecting,  // the selector waits for replies
    kTraining,
    kFinishing,   // the next model is being made
    kEvaluating,  // the next round waits for a metric that may end the run
  };
  struct State {
    Phase phase = Phase::kIdle;
    Round round = 0;           // being trained; 0 before the first
    Round earlier = 0;         // rounds of the tasks before this one
    Exchange exchange;         // of the round
    Cohort cohort;             // of the round, for further exchanges
    std::uint32_t target = 0;  // updates that close the round
    std::uint32_t failed = 0;  // orders of the round that could not be carried out
    std::string last_failure;
    SimTime round_began;
    Fruitless fruitless;  // rounds
    template <class A>
    void archive(A& a) {
      a(phase, round, earlier, exchange, cohort, target, failed, last_failure, round_began,
        fruitless);
    }
  };

  const FederationConfig& config() const { return federation_.config(); }
  bool active() const { return state_.phase != Phase::kIdle; }
  bool first_exchange() const { return state_.exchange == Exchange{}; }
  std::uint64_t deadline_timer() const;
  void begin_round(SimTime now, role::Effects& effects);
  void select(SimTime now, role::Effects& effects);
  void ask_reducer(role::Effects& effects);
  void set_deadline(SimTime now, role::Effects& effects);
  void order_training(const Cohort& cohort, SimTime now, role::Effects& effects);
  bool in_cohort(NodeId node) const;
  void on_update(const role::Message& message, SimTime now, role::Effects& effects);
  std::optional<Refusal> refusal(NodeId from, const Update& update, const role::Message& message,
                                 SimTime now);
  void on_evaluated(const role::Message& message, SimTime now, role::Effects& effects);
  void on_failed(const role::Message& message, SimTime now, role::Effects& effects);
  void no_answer_from(NodeId node, SimTime now, role::Effects& effects);
  void answered_or_lost(SimTime now, role::Effects& effects);
  void close_round(SimTime now, role::Effects& effects);
  void advance(SimTime now, role::Effects& effects);
  void on_finished(const FinishReport& report, SimTime now, role::Effects& effects);
  void again(NextExchange next, SimTime now, role::Effects& effects);
  void settle_first(SimTime now, role::Effects& effects);
  void settle_round(RoundEnd end, SimTime now, role::Effects& effects);
  void go_on_when_measured(SimTime now, role::Effects& effects);

  const Federation& federation_;
  RoundPieces pieces_;
  Asking for_selector_;
  Asking for_reducer_;
  State state_;
};

}  // namespace skerry::parts
