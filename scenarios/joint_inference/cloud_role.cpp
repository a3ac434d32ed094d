#include "scenarios/joint_inference/cloud_role.hpp"

#include <algorithm>
#include <utility>

#include "scenarios/joint_inference/joint_inference.hpp"
#include "scenarios/joint_inference/timers.hpp"

namespace skerry::joint_inference {

void CloudRole::load(ByteReader& reader) {
  reader(state_);
  if (state_.stage > Stage::kStopped || state_.phase > joint_.thresholds().size()) reader.fail();
}

void CloudRole::on_start(const role::Start& start, SimTime, role::Effects& effects) {
  state_.roster.start(start.edges, start.all_joined);
  prepare(JobKind::kPrepareEdge, {}, effects);
  prepare(JobKind::kPrepareCloud, {}, effects);
}

void CloudRole::prepare(JobKind kind, std::vector<role::PayloadRef> inputs,
                        role::Effects& effects) {
  role::Job job;
  job.number = ++state_.jobs;
  job.node = NodeId::cloud();
  job.kind = static_cast<std::uint16_t>(kind);
  job.key = {joint_.seeds().sampling, NodeId::cloud(), static_cast<Round>(kind)};
  job.inputs = std::move(inputs);
  state_.running[job.number] = kind;
  effects.start(std::move(job));
}

void CloudRole::on_job(const role::JobFinished& finished, SimTime now, role::Effects& effects) {
  if (state_.stage == Stage::kStopped) return;
  if (const auto batch = state_.queue.finish(finished.number)) {
    const auto labels = from_bytes<std::vector<std::int32_t>>(finished.report);
    SKERRY_CHECK(labels && labels->size() == batch->size(), "a batch has a label for each example");
    for (std::size_t i = 0; i < batch->size(); ++i) {
      const BatchQueue::Entry& entry = (*batch)[i];
      role::Message reply = message(NodeId::cloud(), entry.from, MessageKind::kLabel,
                                    CloudLabel{entry.offload.ticket, (*labels)[i]});
      state_.bytes_down += role::bytes_of(reply);
      effects.send(std::move(reply));
    }
    return start_batch(now, effects);
  }
  const auto running = state_.running.find(finished.number);
  if (running == state_.running.end()) return;
  const JobKind kind = running->second;
  state_.running.erase(running);
  prepared(finished, kind, now, effects);
}

void CloudRole::prepared(const role::JobFinished& finished, JobKind kind, SimTime now,
                         role::Effects& effects) {
  if (kind == JobKind::kPrepareEdge) state_.edge_model = finished.outputs[0];
  if (kind == JobKind::kPrepareCloud) state_.cloud_model = finished.outputs[0];
  if (kind == JobKind::kExport) state_.result = finished.outputs[0];
  if (kind == JobKind::kReference) {
    const auto reference = from_bytes<Reference>(finished.report);
    SKERRY_CHECK(reference && reference->correct.size() == joint_.edges(), "one count an edge");
    state_.reference = *reference;
  }
  if (!state_.running.empty()) return;
  if (!state_.result) {
    prepare(JobKind::kExport, {state_.edge_model, state_.cloud_model}, effects);
    prepare(JobKind::kReference, {state_.cloud_model}, effects);
    return;
  }
  state_.stage = Stage::kServing;
  begin_phase(0, now, effects);
}

void CloudRole::order(NodeId node, role::Effects& effects) {
  if (!state_.roster.has_model(node)) {
    role::Message deliver =
        message(NodeId::cloud(), node, MessageKind::kModel, Empty{}, {state_.edge_model});
    effects.send(std::move(deliver));
  } else if (state_.roster.awaited(node)) {
    effects.send(bookkeeping(NodeId::cloud(), node, MessageKind::kServe, ServeOrder{state_.phase}));
  }
}

void CloudRole::begin_phase(std::uint32_t phase, SimTime now, role::Effects& effects) {
  state_.phase = phase;
  state_.roster.begin_phase(phase);
  state_.resends = 0;
  state_.tally = {};
  state_.cloud_correct = 0;
  state_.cloud_requests = 0;
  state_.refused = 0;
  state_.bytes_down = {};
  if (const auto job = state_.queue.drop_phases()) effects.cancel(*job);
  for (const NodeId node : state_.roster.all_awaited()) order(node, effects);
  effects.set_timer(kResendTimer, now + joint_.config().resend_after);
  start_batch(now, effects);
}

void CloudRole::advance(SimTime now, role::Effects& effects) {
  if (state_.stage != Stage::kServing || !state_.roster.phase_complete()) return;
  if (state_.phase > 0) record_phase(effects);
  if (state_.phase == joint_.thresholds().size()) return stop("all requests answered", effects);
  begin_phase(state_.phase + 1, now, effects);
}

void CloudRole::record_phase(role::Effects& effects) {
  const std::uint64_t step = state_.phase - 1;
  effects.metric("joint/threshold", step, joint_.thresholds()[step]);
  state_.tally.refused += state_.refused;
  for (const auto& [name, value] : describe(state_.tally)) effects.metric(name, step, value);
  if (state_.cloud_requests > 0) {
    effects.metric(
        "joint/cloud_accuracy", step,
        static_cast<double>(state_.cloud_correct) / static_cast<double>(state_.cloud_requests));
  }
  effects.metric("joint/bytes_down", step, static_cast<double>(state_.bytes_down.wire));
}

void CloudRole::on_message(const role::Message& message, SimTime now, role::Effects& effects) {
  if (state_.stage == Stage::kStopped) return;
  if (state_.stage == Stage::kServing && state_.roster.known(message.from)) {
    switch (static_cast<MessageKind>(message.kind)) {
      case MessageKind::kServed:
        return on_served(message, now, effects);
      case MessageKind::kNoModel:
        state_.roster.set_model(message.from, false);
        return order(message.from, effects);
      case MessageKind::kOffload:
        return on_offload(message, now, effects);
      case MessageKind::kModel:
      case MessageKind::kServe:
      case MessageKind::kLabel:
        break;  // not for the cloud
    }
  }
  ++state_.refused;
}

void CloudRole::on_served(const role::Message& message, SimTime now, role::Effects& effects) {
  const auto served = from_bytes<Served>(message.body);
  if (!served || !plausible(served->tally)) {
    ++state_.refused;
    return;
  }
  if (served->phase == 0) {
    const bool news = !state_.roster.has_model(message.from);
    state_.roster.set_model(message.from, true);
    if (news && state_.phase > 0) order(message.from, effects);
  } else if (served->phase == state_.phase && state_.roster.served(message.from)) {
    state_.tally += served->tally;
    const std::uint32_t edge = message.from.index();
    state_.cloud_correct += state_.reference.correct[edge];
    state_.cloud_requests += state_.reference.requests[edge];
  }
  advance(now, effects);
}

void CloudRole::on_offload(const role::Message& message, SimTime now, role::Effects& effects) {
  const auto offload = from_bytes<Offload>(message.body);
  if (!offload || message.payloads.size() != 1 || !message.payloads[0] ||
      !joint_.is_input(message.payloads[0].shape())) {
    ++state_.refused;
    return;
  }
  const bool stale = offload->phase != 0 && offload->phase != state_.phase;
  if (stale) return;  // its asker has been answered
  state_.queue.add({message.from, *offload, now}, message.payloads[0]);
  start_batch(now, effects);
}

void CloudRole::start_batch(SimTime now, role::Effects& effects) {
  auto inputs = state_.queue.start(joint_.config().cloud, now, state_.jobs + 1);
  if (inputs) {
    role::Job job;
    job.number = ++state_.jobs;
    job.node = NodeId::cloud();
    job.kind = static_cast<std::uint16_t>(JobKind::kInferCloud);
    job.key = {joint_.seeds().sampling, NodeId::cloud(), state_.phase};
    job.step = state_.phase;
    job.inputs = std::move(*inputs);
    job.inputs.insert(job.inputs.begin(), state_.cloud_model);
    effects.start(std::move(job));
  }
  const auto next = state_.queue.next_start(joint_.config().cloud);
  if (next) {
    effects.set_timer(kBatchTimer, *next);
  } else {
    effects.cancel_timer(kBatchTimer);
  }
}

void CloudRole::on_timer(std::uint64_t timer, SimTime now, role::Effects& effects) {
  if (state_.stage != Stage::kServing) return;
  if (timer == kBatchTimer) return start_batch(now, effects);
  if (timer != kResendTimer) return;
  for (const NodeId node : state_.roster.all_awaited()) order(node, effects);
  constexpr std::uint32_t kMostDoublings = 10;
  state_.resends = std::min(state_.resends + 1, kMostDoublings);
  const Duration patience = joint_.config().resend_after;
  effects.set_timer(kResendTimer, now + Duration::nanoseconds(patience.count() << state_.resends));
}

void CloudRole::on_peer_joined(const role::PeerJoined& peer, SimTime now, role::Effects& effects) {
  if (state_.stage == Stage::kStopped || !state_.roster.known(peer.node)) return;
  state_.roster.joined(peer.node);
  if (state_.stage != Stage::kServing) return;
  order(peer.node, effects);
  advance(now, effects);
}

void CloudRole::on_peer_lost(NodeId node, SimTime now, role::Effects& effects) {
  if (state_.stage == Stage::kStopped) return;
  state_.roster.lost(node);
  advance(now, effects);
}

void CloudRole::on_command(const role::Command& command, SimTime, role::Effects& effects) {
  if (command.text == "stop" && state_.stage != Stage::kStopped) stop("an operator", effects);
}

void CloudRole::stop(const std::string& reason, role::Effects& effects) {
  state_.stage = Stage::kStopped;
  effects.stop(reason, state_.result);
}

}  // namespace skerry::joint_inference
