#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "scenarios/incremental/chronicle.hpp"
#include "scenarios/incremental/stages.hpp"
#include "scenarios/parts/harvest.hpp"
#include "scenarios/parts/job_book.hpp"
#include "scenarios/parts/membership.hpp"
#include "scenarios/parts/model_orders.hpp"
#include "scenarios/parts/model_registry.hpp"
#include "scenarios/parts/recovery.hpp"
#include "scenarios/parts/retraining.hpp"
#include "scenarios/parts/rollout.hpp"
#include "scenarios/parts/rounds.hpp"
#include "scenarios/parts/traffic.hpp"
#include "scenarios/parts/trigger.hpp"
#include "scenarios/role/role.hpp"

namespace skerry::incremental {

class Incremental;

/// The cloud of incremental learning. It makes the first model, then goes round its loop: labels
/// for what edges send, a trigger, a training from what is deployed (by itself, or in rounds among
/// the edges), a trial against it, a rollout.
/// It acts at its checks alone, so that the order in which messages arrive between two of them does
/// not matter.
///
/// An operator may have every edge go back to an earlier model: what was begun from the model that
/// goes, or against it, is dropped, so that nothing is ever trained from it.
///
/// A training or a trial that fails leaves the deployed model where it is. A lost edge holds
/// nothing up; it gets what it should have when it is back.
class CloudRole final : public role::Role {
 public:
  explicit CloudRole(const Incremental& incremental);

  const role::Catalogue* catalogue() const override { return &registry_.catalogue(); }
  bool awaits_label(NodeId node, std::uint32_t position) const override {
    const parts::AskedPeople* people = harvest_.labelling().people();
    return people != nullptr && people->awaits(node, position);
  }
  void save(ByteWriter& writer) const override;
  void load(ByteReader& reader) override;

 private:
  /// What the loop has done since the start.
  struct Turns {
    std::uint64_t trainings = 0, rejected = 0, deployed = 0, rolled_back = 0, failed = 0;
    template <class A>
    void archive(A& a) {
      a(trainings, rejected, deployed, rolled_back, failed);
    }
  };

  void on_start(const role::Start& start, SimTime now, role::Effects& effects) override;
  void on_message(const role::Message& message, SimTime now, role::Effects& effects) override;
  void on_timer(std::uint64_t timer, SimTime now, role::Effects& effects) override;
  void on_job(const role::JobFinished& finished, SimTime now, role::Effects& effects) override;
  void on_job_failed(const role::JobFailed& failed, SimTime now, role::Effects& effects) override;
  void on_peer_joined(const role::PeerJoined& peer, SimTime now, role::Effects& effects) override;
  void on_peer_lost(NodeId node, SimTime now, role::Effects& effects) override;
  void on_request(const role::Request& request, SimTime now, role::Effects& effects) override;
  void on_command(const role::Command& command, SimTime now, role::Effects& effects) override;
  void on_labels(const role::LabelsArrived& said, SimTime now, role::Effects& effects) override;

  void learnt(const parts::Harvest::News& news);

  // The loop.
  void check(SimTime now, role::Effects& effects);
  bool ends_at(SimTime now) const;
  bool stop_if_over(SimTime now, role::Effects& effects);
  void give_up(SimTime now, role::Effects& effects);
  Phase phase() const;
  void turn(Turn turn, SimTime now, role::Effects& effects);
  void train_if_triggered(SimTime now, role::Effects& effects);
  void made_first(const role::PayloadRef& model, std::uint64_t hash, SimTime now,
                  role::Effects& effects);
  bool begin_training(SimTime now, role::Effects& effects);
  void look_at_rounds(SimTime now, role::Effects& effects);
  void trained(const role::PayloadRef& model, const parts::Retrained& report, SimTime now,
               role::Effects& effects);
  void compared(const parts::Compared& found, SimTime now, role::Effects& effects);
  void rolled_out(const parts::Rollout::Ended& ended, SimTime now, role::Effects& effects);
  void gone_back(SimTime now, role::Effects& effects);
  void drop(SimTime now, role::Effects& effects);
  void start(role::Job job, role::Effects& effects);
  void take_in(const role::PayloadRef& model, role::Effects& effects);
  parts::Trigger::Moment moment(SimTime now, const parts::TriggerValues& values) const;
  parts::TriggerValues values(SimTime now) const;

  // Results.
  void record(SimTime now, role::Effects& effects);
  void stop(const std::string& reason, bool failed, SimTime now, role::Effects& effects);

  const Incremental& incremental_;
  parts::JobBook book_;
  parts::Membership membership_;
  parts::Traffic traffic_;
  parts::Trigger trigger_;
  parts::ModelRegistry registry_;
  parts::Harvest harvest_;
  parts::Rollout rollout_;
  parts::Recovery recovery_;
  Chronicle chronicle_;
  std::unique_ptr<parts::Rounds> rounds_;  // null: the cloud trains by itself

  Stage stage_ = Stage::kWaiting;
  std::uint64_t job_ = 0;         // of the stage, or that makes the first model; 0: none
  bool taking_in_ = false;        // that job takes in what was made
  bool dropped_ = false;          // the rounds under way are in vain: what they began with is gone
  parts::NumberedModel fresh_;    // trained, and not deployed yet
  std::uint64_t trained_on_ = 0;  // examples
  std::uint64_t checks_ = 0;
  Turns turns_;
  std::uint64_t refused_ = 0;
  bool stopped_ = false;
};

}  // namespace skerry::incremental
