#pragma once

#include <memory>
#include <optional>
#include <string>

#include "scenarios/parts/federation.hpp"
#include "scenarios/parts/job_book.hpp"
#include "scenarios/parts/membership.hpp"
#include "scenarios/parts/traffic.hpp"
#include "scenarios/role/effects.hpp"
#include "scenarios/role/input.hpp"

namespace skerry::parts {

/// What the parts of a cloud share. It belongs to the cloud's role, which saves it.
struct CloudParts {
  JobBook& book;
  Membership& membership;
  Traffic& traffic;
  /// Whether rounds are but a part of what the run does. Then the steps of their metrics are none
  /// of the run's, and the role records the traffic.
  bool inside = false;
};

/// A task of rounds: train this model with these nodes until this rule is met.
struct RoundsTask {
  role::PayloadRef model;          // a payload with record "model"; null: a fresh one
  std::vector<NodeId> nodes;       // who may take part; empty: all edges
  std::optional<StopConfig> stop;  // nullopt: the scenario's
};

/// The cloud's side of training one model with many nodes, as a machine of its own inside a role.
/// The role must hand it every input and look at ended() afterwards. The other side is Trainee.
///
/// A lost or returning edge never blocks it. A slow edge delays it until `rounds.deadline` at most,
/// if there is one.
class Rounds {
 public:
  virtual ~Rounds() = default;

  /// Begins a task. No other task may be under way: the next one may begin once ended().
  virtual void begin(const RoundsTask& task, SimTime now, role::Effects& effects) = 0;
  /// How the last task ended; nullopt before the first end, and while a task is under way. Its
  /// model is the downlink of the last version, null if there never was one.
  const std::optional<role::Stop>& ended() const { return ended_; }
  /// Ends the task that is under way, if any, with the newest model.
  virtual void stop(const std::string& reason, bool failed, role::Effects& effects) = 0;

  // Each says whether the input was for this machine. The role must tell Membership first.
  virtual bool on_message(const role::Message& message, SimTime now, role::Effects& effects) = 0;
  virtual bool on_timer(std::uint64_t timer, SimTime now, role::Effects& effects) = 0;
  virtual bool on_job(const role::JobFinished& finished, SimTime now, role::Effects& effects) = 0;
  /// A job failed. If it was one of its own, the task ends as failed: nothing can mend that.
  virtual bool on_job_failed(const role::JobFailed& failed, SimTime now,
                             role::Effects& effects) = 0;
  /// @param was_present  Membership::present() before it was told. True: nobody noticed that the
  ///                     node had been away.
  virtual void on_peer_joined(NodeId node, bool was_present, SimTime now,
                              role::Effects& effects) = 0;
  virtual void on_peer_lost(NodeId node, SimTime now, role::Effects& effects) = 0;

  virtual void save(ByteWriter& writer) const = 0;
  virtual void load(ByteReader& reader) = 0;

 protected:
  std::optional<role::Stop> ended_;
};

/// The machine that `rounds.mode` names. The federation and the parts outlive it.
std::unique_ptr<Rounds> make_rounds(const Federation& federation, const CloudParts& parts);

}  // namespace skerry::parts
