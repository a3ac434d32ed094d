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

/// What a cloud's parts share: they belong to its role, which saves them.
struct CloudParts {
  JobBook& book;
  Membership& membership;
  Traffic& traffic;
};

/// What rounds are to do: train this model with these nodes until this rule.
struct RoundsTask {
  role::PayloadRef model;          // a payload with record "model"; null: a fresh one
  std::vector<NodeId> nodes;       // who may take part; empty: all edges
  std::optional<StopConfig> stop;  // nothing: the scenario's
};

/// The cloud's side of training one model with many nodes, as a machine of its own inside a role.
/// The role hands it inputs and asks ended() afterwards. The other side is Trainee.
///
/// A dead, slow or returning edge never blocks it.
class Rounds {
 public:
  virtual ~Rounds() = default;

  /// Begins a task. Once more after ended(): begins the next one.
  virtual void begin(const RoundsTask& task, SimTime now, role::Effects& effects) = 0;
  /// How the task ended: its model is the downlink of the last version, null where there never was
  /// one. Nothing while it goes on.
  const std::optional<role::Stop>& ended() const { return ended_; }
  /// Ends the task with the model there is.
  virtual void stop(const std::string& reason, bool failed, role::Effects& effects) = 0;

  // Each says whether the input was for this machine. Membership has been told before.
  virtual bool on_message(const role::Message& message, SimTime now, role::Effects& effects) = 0;
  virtual bool on_timer(std::uint64_t timer, SimTime now, role::Effects& effects) = 0;
  virtual bool on_job(const role::JobFinished& finished, SimTime now, role::Effects& effects) = 0;
  /// One of its own jobs on the cloud failed: nothing can mend that, so the task ends.
  virtual bool on_job_failed(const role::JobFailed& failed, SimTime now,
                             role::Effects& effects) = 0;
  /// @param was_present  nobody noticed that the node had been away.
  virtual void on_peer_joined(NodeId node, bool was_present, SimTime now,
                              role::Effects& effects) = 0;
  virtual void on_peer_lost(NodeId node, SimTime now, role::Effects& effects) = 0;

  virtual void save(ByteWriter& writer) const = 0;
  virtual void load(ByteReader& reader) = 0;

 protected:
  std::optional<role::Stop> ended_;
};

/// The machine that `rounds.mode` names.
std::unique_ptr<Rounds> make_rounds(const Federation& federation, const CloudParts& parts);

}  // namespace skerry::parts
