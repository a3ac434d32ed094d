#include "scenarios/federated/cloud_role.hpp"

namespace skerry::federated {

CloudRole::CloudRole(const parts::Federation& federation)
    : book_(NodeId::cloud(), federation.seeds().sampling),
      membership_(federation.data()),
      rounds_(parts::make_rounds(federation, {book_, membership_, traffic_})) {}

void CloudRole::save(ByteWriter& writer) const {
  writer(book_, membership_, traffic_, stopped_);
  rounds_->save(writer);
}

void CloudRole::load(ByteReader& reader) {
  reader(book_, membership_, traffic_, stopped_);
  rounds_->load(reader);
}

void CloudRole::on_start(const role::Start& start, SimTime now, role::Effects& effects) {
  membership_.start(start);
  rounds_->begin({}, now, effects);
}

void CloudRole::on_message(const role::Message& message, SimTime now, role::Effects& effects) {
  rounds_->on_message(message, now, effects);
  stop_if_ended(effects);
}

void CloudRole::on_timer(std::uint64_t timer, SimTime now, role::Effects& effects) {
  rounds_->on_timer(timer, now, effects);
  stop_if_ended(effects);
}

void CloudRole::on_job(const role::JobFinished& finished, SimTime now, role::Effects& effects) {
  rounds_->on_job(finished, now, effects);
  stop_if_ended(effects);
}

void CloudRole::on_job_failed(const role::JobFailed& failed, SimTime now, role::Effects& effects) {
  rounds_->on_job_failed(failed, now, effects);
  stop_if_ended(effects);
}

void CloudRole::on_peer_joined(const role::PeerJoined& peer, SimTime now, role::Effects& effects) {
  const bool was_present = membership_.present(peer.node);
  membership_.joined(peer, effects);
  rounds_->on_peer_joined(peer.node, was_present, now, effects);
  stop_if_ended(effects);
}

void CloudRole::on_peer_lost(NodeId node, SimTime now, role::Effects& effects) {
  membership_.lost(node);
  rounds_->on_peer_lost(node, now, effects);
  stop_if_ended(effects);
}

void CloudRole::on_command(const role::Command& command, SimTime, role::Effects& effects) {
  if (command.text != "stop") return;
  effects.reply({true, "the run ends with the newest model"});
  rounds_->stop("an operator", false, effects);
  stop_if_ended(effects);
}

void CloudRole::stop_if_ended(role::Effects& effects) {
  const auto& ended = rounds_->ended();
  if (!ended || stopped_) return;
  stopped_ = true;
  effects.stop(*ended);
}

}  // namespace skerry::federated
