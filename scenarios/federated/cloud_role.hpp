#pragma once

#include <memory>

#include "scenarios/parts/job_book.hpp"
#include "scenarios/parts/membership.hpp"
#include "scenarios/parts/rounds.hpp"
#include "scenarios/parts/traffic.hpp"
#include "scenarios/role/role.hpp"

namespace skerry::federated {

/// The cloud of federated learning: it runs one task of rounds, and the run ends with that task.
class CloudRole final : public role::Role {
 public:
  explicit CloudRole(const parts::Federation& federation);

  void save(ByteWriter& writer) const override;
  void load(ByteReader& reader) override;

 private:
  void see(const role::Presence* presence) override { membership_.see(presence); }
  void on_start(const role::Start& start, SimTime now, role::Effects& effects) override;
  void on_message(const role::Message& message, SimTime now, role::Effects& effects) override;
  void on_timer(std::uint64_t timer, SimTime now, role::Effects& effects) override;
  void on_job(const role::JobFinished& finished, SimTime now, role::Effects& effects) override;
  void on_job_failed(const role::JobFailed& failed, SimTime now, role::Effects& effects) override;
  void on_peer_joined(const role::PeerJoined& peer, SimTime now, role::Effects& effects) override;
  void on_peer_lost(NodeId node, SimTime now, role::Effects& effects) override;
  void on_command(const role::Command& command, SimTime now, role::Effects& effects) override;
  void stop_if_ended(role::Effects& effects);

  parts::JobBook book_;
  parts::Membership membership_;
  parts::Traffic traffic_;
  std::unique_ptr<parts::Rounds> rounds_;
  bool stopped_ = false;
};

}  // namespace skerry::federated
