#pragma once

#include "scenarios/role/catalogue.hpp"
#include "scenarios/role/effects.hpp"
#include "scenarios/role/input.hpp"

namespace skerry::role {

/// What a node does, as a pure step machine: a fold of its inputs.
///
/// A role must not read a clock, own a thread or block, and must draw only from its own random
/// streams. It never touches parameters: messages, jobs and effects carry handles. Its whole state
/// can be saved and restored between any two steps. Equal states and equal inputs must give equal
/// effects. A driver owns the role and calls it from one thread at a time.
class Role {
 public:
  virtual ~Role() = default;

  /// Handles one input and adds what the role wants done to `effects`. Throws JobError if a plugin
  /// fails that the role calls: the driver must then end the run and not use the role any more.
  void step(const Input& input, Effects& effects);

  /// Whether nothing is under way and the role holds no handle. A driver with a million roles may
  /// then keep the saved bytes instead of the role, until its next input.
  virtual bool idle() const { return false; }

  /// The models that the role knows of; null if it keeps no account of them. Changes in steps only.
  /// Part of the state: after load() it is what it was at save().
  virtual const Catalogue* catalogue() const { return nullptr; }
  /// How many samples from outside (SamplesArrived) still wait. A driver should hold more of them
  /// back while there are many.
  virtual std::size_t backlog() const { return 0; }
  /// Whether people were asked of which class this example is (AskLabels), and have not said.
  virtual bool awaits_label(NodeId, std::uint32_t) const { return false; }

  /// Writes the whole state.
  virtual void save(ByteWriter& writer) const = 0;
  /// Restores a saved state into a new role of the same node. Marks the reader failed if the bytes
  /// are no state of this role.
  virtual void load(ByteReader& reader) = 0;

 protected:
  /// Before each of the functions below, with Input::presence.
  virtual void see(const Presence*) {}
  virtual void on_start(const Start&, SimTime, Effects&) {}
  virtual void on_message(const Message&, SimTime, Effects&) {}
  virtual void on_timer(std::uint64_t, SimTime, Effects&) {}
  virtual void on_job(const JobFinished&, SimTime, Effects&) {}
  virtual void on_job_failed(const JobFailed&, SimTime, Effects&) {}
  virtual void on_peer_joined(const PeerJoined&, SimTime, Effects&) {}
  virtual void on_peer_lost(NodeId, SimTime, Effects&) {}
  /// Refuses the request in words. A role that overrides this must answer every request, now or
  /// later.
  virtual void on_request(const Request& request, SimTime now, Effects& effects);
  virtual void on_command(const Command&, SimTime, Effects&) {}
  /// Called only if Paradigm::why_no_samples() or why_no_labels() is empty.
  virtual void on_samples(const SamplesArrived&, SimTime, Effects&) {}
  virtual void on_labels(const LabelsArrived&, SimTime, Effects&) {}
};

}  // namespace skerry::role
