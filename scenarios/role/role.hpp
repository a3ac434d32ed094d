#pragma once

#include "scenarios/role/effects.hpp"
#include "scenarios/role/input.hpp"

namespace skerry::role {

/// What a node does, as a pure step machine: a fold of its inputs.
///
/// A role reads no clock, owns no thread, never blocks and draws only from its own streams. It
/// never touches parameters: messages, jobs and effects carry handles. Its whole state can be saved
/// and restored between any two steps, and equal states given equal inputs have equal effects.
class Role {
 public:
  virtual ~Role() = default;

  void step(const Input& input, Effects& effects);

  /// Whether nothing is under way and no handle is held: a driver with a million roles may then
  /// keep the saved bytes instead, until something happens to this one again.
  virtual bool idle() const { return false; }

  virtual void save(ByteWriter& writer) const = 0;
  /// Marks the reader failed where the bytes are not a state of this role.
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
  /// Refuses it in words. A role that overrides this answers every request, too: now or later.
  virtual void on_request(const Request& request, SimTime now, Effects& effects);
  virtual void on_command(const Command&, SimTime, Effects&) {}
};

}  // namespace skerry::role
