#pragma once

#include <memory>

#include "scenarios/parts/fruitless.hpp"
#include "scenarios/parts/round_pieces.hpp"

namespace skerry::parts {

/// Training without rounds. A fixed number of edges train at any time, each from the model that was
/// the newest when the edge was asked. The server makes a step whenever enough updates have come. A
/// "round" in orders and metrics is the version that a step makes.
///
/// A task that only a metric can end fails after kMostInARow steps in a row that changed nothing.
class AsyncRounds final : public Rounds {
 public:
  AsyncRounds(const Federation& federation, const CloudParts& parts);

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
  static constexpr std::uint32_t kMostInARow = 1000;
  enum class Phase : std::uint8_t {
    kIdle,        // no task
    kPreparing,   // the first model is being made
    kStarting,    // too few edges are present
    kTraining,    // the buffer fills
    kFinishing,   // the next model is being made
    kEvaluating,  // the next step waits for a metric that may end the run
  };
  /// An update that waits until the server step that is full has been made.
  struct Waiting {
    UpdateEntry entry;  // its staleness is known once it counts
    role::PayloadRef update;
    template <class A>
    void archive(A& a) {
      a(entry, update);
    }
  };
  struct State {
    Phase phase = Phase::kIdle;
    Round round = 0;  // the version that is being made; 0 before the first
    std::uint32_t dispatches = 0;
    Round steps = 0;  // server steps begun: the version that the next collection will change
    std::uint32_t failures_in_a_row = 0;
    std::uint32_t in_vain = 0;  // orders in a row without an update that counts
    SimTime round_began;
    Fruitless fruitless;           // steps
    std::vector<Waiting> waiting;  // first come, first served; at most as many as train at a time
    template <class A>
    void archive(A& a) {
      a(phase, round, dispatches, steps, failures_in_a_row, in_vain, round_began, fruitless,
        waiting);
    }
  };

  const FederationConfig& config() const { return federation_.config(); }
  bool active() const { return state_.phase != Phase::kIdle; }
  std::uint32_t concurrency() const;
  void begin_version(SimTime now, role::Effects& effects);
  void refill(SimTime now, role::Effects& effects);
  void on_update(const role::Message& message, SimTime now, role::Effects& effects);
  std::optional<Refusal> refusal(NodeId from, const Update& update,
                                 const role::Message& message) const;
  void on_evaluated(const role::Message& message, SimTime now, role::Effects& effects);
  void on_failed(const role::Message& message, SimTime now, role::Effects& effects);
  void lost(NodeId node, SimTime now, role::Effects& effects);
  void one_more_in_vain(SimTime now, role::Effects& effects);
  /// How many updates make a server step.
  std::uint32_t step_size() const;
  void admit(role::Effects& effects);
  void advance(role::Effects& effects);
  void on_finished(const FinishReport& report, SimTime now, role::Effects& effects);
  void measure(Round version, SimTime now, role::Effects& effects);
  void go_on_when_measured(SimTime now, role::Effects& effects);

  const Federation& federation_;
  RoundPieces pieces_;
  State state_;
};

}  // namespace skerry::parts
