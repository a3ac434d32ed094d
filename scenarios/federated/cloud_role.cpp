#include "scenarios/federated/cloud_role.hpp"

#include "scenarios/federated/federated.hpp"
#include "scenarios/federated/timers.hpp"

namespace skerry::federated {

CloudRole::CloudRole(const Federated& federated)
    : federated_(federated), membership_(federated.data()), selector_(federated.make_selector()) {}

void CloudRole::save(ByteWriter& writer) const {
  writer(membership_, state_);
  ByteWriter memory;
  selector_->save(memory);
  writer(memory.bytes());
}

void CloudRole::load(ByteReader& reader) {
  ByteVector memory;
  reader(membership_, state_, memory);
  if (!reader.ok()) return;
  ByteReader selector(memory);
  selector_->load(selector);
  if (!selector.finished() || state_.phase > Phase::kStopped) reader.fail();
}

bool CloudRole::async() const { return federated_.config().rounds.mode == Mode::kAsync; }

std::uint32_t CloudRole::minimum() const {
  return std::max(federated_.config().rounds.minimum, federated_.reducer().traits().minimum);
}

void CloudRole::start_job(role::Job job, role::Effects& effects) {
  job.number = ++state_.jobs;
  job.node = NodeId::cloud();
  job.key = {federated_.seeds().sampling, NodeId::cloud(), state_.round};
  job.step = state_.round;
  if (!job.detached) state_.running[job.number] = {job.kind, state_.round};
  effects.start(std::move(job));
}

void CloudRole::send(role::Message message, role::Effects& effects) {
  if (!message.measurement) {
    const role::MessageBytes bytes = role::bytes_of(message);
    state_.bytes_down += bytes;
    state_.progress.bytes += bytes.encoded;
  }
  effects.send(std::move(message));
}

void CloudRole::on_start(const role::Start& start, SimTime now, role::Effects& effects) {
  membership_.start(start.edges, start.all_joined);
  state_.progress = {};
  state_.round_began = now;
  if (const auto limit = time_limit(federated_.config().stop)) {
    effects.set_timer(kTimeLimitTimer, *limit);
  }
  role::Job job;
  job.kind = static_cast<std::uint16_t>(JobKind::kInitialise);
  start_job(std::move(job), effects);
}

void CloudRole::on_message(const role::Message& message, SimTime now, role::Effects& effects) {
  if (!message.measurement) {
    const role::MessageBytes bytes = role::bytes_of(message);
    state_.bytes_up += bytes;
    state_.progress.bytes += bytes.encoded;
  }
  if (state_.phase == Phase::kStopped) return;
  switch (static_cast<MessageKind>(message.kind)) {
    case MessageKind::kUpdate:
      return on_update(message, now, effects);
    case MessageKind::kEvaluated:
      return on_evaluated(message, now, effects);
    case MessageKind::kTrain:
    case MessageKind::kRefused:
    case MessageKind::kEvaluate:
      return;  // not for the cloud
  }
}

void CloudRole::on_timer(std::uint64_t timer, SimTime now, role::Effects& effects) {
  if (state_.phase == Phase::kStopped) return;
  if (timer == kTimeLimitTimer) {
    stop_if_due(now, effects);
  } else if (timer == round_timer(state_.round)) {
    if (state_.phase == Phase::kSelecting) {
      select(now, effects);
    } else if (state_.phase == Phase::kTraining) {
      close_round(now, effects);
    }
  } else if (is_dispatch_timer(timer)) {
    for (const auto& [node, participant] : state_.participants) {
      if (dispatch_timer(participant.dispatch) != timer) continue;
      lose(node, Outcome::Fate::kLost, now);
      refill(now, effects);
      return;
    }
  }
}

void CloudRole::on_job(const role::JobFinished& finished, SimTime now, role::Effects& effects) {
  const auto running = state_.running.find(finished.number);
  if (running == state_.running.end() || state_.phase == Phase::kStopped) return;
  const JobNote note = running->second;
  state_.running.erase(running);
  switch (static_cast<JobKind>(note.kind)) {
    case JobKind::kInitialise:
      state_.server = finished.outputs[0];
      state_.down = finished.outputs[1];
      return evaluate(now, effects);
    case JobKind::kAccumulate:
      take_verdicts(state_.collection.finished(finished), effects);
      return advance_collection(effects);
    case JobKind::kFinish:
      return on_finished(finished, now, effects);
    case JobKind::kEvaluate:
      return on_metrics(finished, note.round, now, effects);
    case JobKind::kTrain:
    case JobKind::kEvaluateEdge:
      return;
  }
}

void CloudRole::on_peer_joined(const role::PeerJoined& peer, SimTime now, role::Effects& effects) {
  const bool unnoticed_absence = membership_.present(peer.node);
  membership_.joined(peer.node, peer.samples);
  if (state_.phase == Phase::kStopped) return;
  if (unnoticed_absence) {
    // What it was asked may be lost; an order that is not is known by its number.
    no_answer_from(peer.node, now, effects);
    const auto participant = state_.participants.find(peer.node);
    if (participant != state_.participants.end() && !participant->second.answered) {
      send_order(participant->second, effects);
    }
  }
  if (state_.phase == Phase::kStarting && state_.server) begin_round(now, effects);
  if (async()) refill(now, effects);
}

void CloudRole::on_peer_lost(NodeId node, SimTime now, role::Effects& effects) {
  membership_.lost(node);
  if (state_.phase == Phase::kStopped) return;
  no_answer_from(node, now, effects);
  const auto participant = state_.participants.find(node);
  if (participant == state_.participants.end() || participant->second.answered) return;
  lose(node, Outcome::Fate::kLost, now);
  if (async()) {
    refill(now, effects);
  } else {
    answered_or_lost(now, effects);
  }
}

void CloudRole::on_command(const role::Command& command, SimTime, role::Effects& effects) {
  if (command.text == "stop" && state_.phase != Phase::kStopped) stop("an operator", effects);
}

}  // namespace skerry::federated
