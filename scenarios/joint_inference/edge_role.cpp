#include "scenarios/joint_inference/edge_role.hpp"

#include <algorithm>
#include <utility>

#include "scenarios/joint_inference/joint_inference.hpp"
#include "scenarios/joint_inference/timers.hpp"

namespace skerry::joint_inference {

void EdgeRole::on_message(const role::Message& message, SimTime now, role::Effects& effects) {
  if (!message.from.is_cloud()) {
    ++state_.refused;
    return;
  }
  switch (static_cast<MessageKind>(message.kind)) {
    case MessageKind::kModel:
      return take_model(message, effects);
    case MessageKind::kServe:
      return serve(message, now, effects);
    case MessageKind::kLabel:
      return take_label(message, now, effects);
    case MessageKind::kServed:
    case MessageKind::kNoModel:
    case MessageKind::kOffload:
      break;  // not for an edge
  }
  ++state_.refused;
}

void EdgeRole::take_model(const role::Message& message, role::Effects& effects) {
  if (message.payloads.size() != 1 || !message.payloads[0] ||
      !role::same_shape(message.payloads[0].shape(), joint_.edge_model_shape())) {
    ++state_.refused;
    return;
  }
  if (!state_.model) state_.model = message.payloads[0];
  effects.send(bookkeeping(self_, NodeId::cloud(), MessageKind::kServed, Served{}));
  score_next(effects);
}

void EdgeRole::serve(const role::Message& message, SimTime now, role::Effects& effects) {
  const auto order = from_bytes<ServeOrder>(message.body);
  if (!order || order->phase == 0 || order->phase > joint_.thresholds().size()) {
    ++state_.refused;
    return;
  }
  if (!state_.model) {
    effects.send(bookkeeping(self_, NodeId::cloud(), MessageKind::kNoModel, Empty{}));
    return;
  }
  if (order->phase < state_.phase) return;  // overtaken by a later one
  if (order->phase == state_.phase) {
    if (!state_.serving) report(effects);  // our report was lost
    return;
  }
  state_.phase = order->phase;
  state_.tally = {};
  drop_older_phases(now, effects);
  state_.serving = true;
  state_.arrived = 0;
  state_.began = now;
  state_.last_arrival = {};
  await_next_arrival(effects);
  finish_phase_if_done(effects);
}

/// The cloud went on without us: what is still open of earlier phases is answered by ourselves,
/// what was not looked at yet is forgotten.
void EdgeRole::drop_older_phases(SimTime now, role::Effects& effects) {
  const auto older = [this](const Request& request) {
    return request.phase != 0 && request.phase != state_.phase;
  };
  std::erase_if(state_.waiting, older);
  std::vector<Scored> open;
  for (const auto& [ticket, scored] : state_.offloaded) {
    if (older(scored.request)) open.push_back(scored);
  }
  for (const Scored& scored : open) answer(scored, std::nullopt, now, effects);
}

void EdgeRole::await_next_arrival(role::Effects& effects) {
  const auto next = joint_.rows(self_) == 0
                        ? std::nullopt
                        : joint_.arrivals().next(self_, state_.arrived, state_.last_arrival);
  state_.more_to_come = next.has_value();
  if (!next) return effects.cancel_timer(kArrivalTimer);
  state_.last_arrival = *next;
  effects.set_timer(kArrivalTimer, state_.began + *next);
}

void EdgeRole::on_timer(std::uint64_t timer, SimTime now, role::Effects& effects) {
  if (timer == kArrivalTimer && state_.serving && state_.more_to_come) {
    const std::uint32_t index = state_.arrived++;
    accept({.ticket = ++state_.tickets,
            .number = index,
            .phase = state_.phase,
            .row = requested_row(self_, joint_.edges(), index, joint_.rows(self_)),
            .stream = index,
            .arrived = now},
           effects);
    return await_next_arrival(effects);
  }
  if (!is_deadline_timer(timer)) return;
  const auto late = state_.offloaded.find(ticket_of(timer));
  if (late != state_.offloaded.end()) {
    answer(Scored(late->second), std::nullopt, now, effects);
  }
}

void EdgeRole::on_request(const role::Request& request, SimTime now, role::Effects& effects) {
  if (!request.example || !joint_.is_input(request.example.shape())) {
    ++state_.refused;
    effects.answer({.request = request.number,
                    .refusal = "the example has another shape than those of this scenario"});
    return;
  }
  if (!state_.model) {
    effects.send(bookkeeping(self_, NodeId::cloud(), MessageKind::kNoModel, Empty{}));
  }
  accept({.ticket = ++state_.tickets,
          .number = request.number,
          .phase = 0,
          .example = request.example,
          .stream = static_cast<std::uint32_t>(request.number),
          .arrived = now},
         effects);
}

void EdgeRole::accept(const Request& request, role::Effects& effects) {
  state_.waiting.push_back(request);
  score_next(effects);
}

void EdgeRole::score_next(role::Effects& effects) {
  if (state_.scoring || state_.waiting.empty() || !state_.model) return;
  const Request request = state_.waiting.front();
  state_.waiting.erase(state_.waiting.begin());
  role::Job job;
  job.number = ++state_.jobs;
  job.node = self_;
  job.kind = static_cast<std::uint16_t>(JobKind::kInfer);
  job.key = {joint_.seeds().sampling, self_, request.stream};
  job.step = request.phase;
  job.inputs = {state_.model};
  if (request.example) job.inputs.push_back(request.example);
  job.body = to_bytes(InferBody{request.row});
  state_.scoring = Scoring{job.number, request};
  effects.start(std::move(job));
}

void EdgeRole::on_job(const role::JobFinished& finished, SimTime now, role::Effects& effects) {
  if (!state_.scoring || finished.number != state_.scoring->job) return;
  const auto own = from_bytes<Inference>(finished.report);
  SKERRY_CHECK(own.has_value() && finished.outputs.size() == 1, "an inference says what it found");
  const Scored scored{state_.scoring->request, *own};
  state_.scoring.reset();
  score_next(effects);
  decide(scored, finished.outputs[0], now, effects);
}

double EdgeRole::threshold(std::uint32_t phase) const {
  const std::uint32_t index = std::max(phase == 0 ? state_.phase : phase, std::uint32_t{1}) - 1;
  return joint_.thresholds()[index];
}

void EdgeRole::decide(const Scored& scored, const role::PayloadRef& input, SimTime now,
                      role::Effects& effects) {
  const Request& request = scored.request;
  const auto& deadline = joint_.config().deadline;
  const bool hard = scored.own.score > threshold(request.phase);
  const bool too_late = deadline && now >= request.arrived + *deadline;
  const bool of_this_phase = request.phase != 0 && request.phase == state_.phase;
  if (hard && of_this_phase) ++state_.tally.hard;
  const bool abandoned = request.phase != 0 && !of_this_phase;
  if (!hard || too_late || state_.cloud_lost || abandoned) {
    return answer(scored, std::nullopt, now, effects);
  }
  role::Message sent = message(self_, NodeId::cloud(), MessageKind::kOffload,
                               Offload{request.phase, request.ticket}, {input});
  if (of_this_phase) {
    ++state_.tally.offloaded;
    state_.tally.bytes_up += role::bytes_of(sent);
  }
  effects.send(std::move(sent));
  if (deadline) effects.set_timer(deadline_timer(request.ticket), request.arrived + *deadline);
  state_.offloaded[request.ticket] = scored;
}

void EdgeRole::take_label(const role::Message& message, SimTime now, role::Effects& effects) {
  const auto label = from_bytes<CloudLabel>(message.body);
  const auto classes = static_cast<std::int64_t>(joint_.classes());
  if (!label || label->label < 0 || label->label >= classes) {
    ++state_.refused;
    return;
  }
  const auto open = state_.offloaded.find(label->ticket);
  if (open == state_.offloaded.end()) {
    ++state_.late;
    return;
  }
  answer(Scored(open->second), label->label, now, effects);
}

void EdgeRole::answer(const Scored& scored, std::optional<std::int32_t> from_cloud, SimTime now,
                      role::Effects& effects) {
  const Request& request = scored.request;
  if (state_.offloaded.erase(request.ticket) > 0 && joint_.config().deadline) {
    effects.cancel_timer(deadline_timer(request.ticket));
  }
  const std::int32_t label = from_cloud.value_or(scored.own.label);
  effects.answer({.request = request.number, .label = label, .from_cloud = from_cloud.has_value()});
  if (request.phase == 0 || request.phase != state_.phase) return;
  Tally& tally = state_.tally;
  ++tally.requests;
  tally.edge_correct += scored.own.label == scored.own.truth ? 1 : 0;
  tally.joint_correct += label == scored.own.truth ? 1 : 0;
  const bool hard = scored.own.score > threshold(request.phase);
  tally.fallbacks += hard && !from_cloud ? 1 : 0;
  tally.latencies_ns.push_back((now - request.arrived).count());
  finish_phase_if_done(effects);
}

void EdgeRole::finish_phase_if_done(role::Effects& effects) {
  if (!state_.serving || state_.more_to_come || state_.tally.requests < state_.arrived) return;
  state_.serving = false;
  state_.tally.late = std::exchange(state_.late, 0);
  state_.tally.refused = std::exchange(state_.refused, 0);
  report(effects);
}

void EdgeRole::report(role::Effects& effects) {
  effects.send(bookkeeping(self_, NodeId::cloud(), MessageKind::kServed,
                           Served{state_.phase, state_.tally}));
}

void EdgeRole::on_peer_joined(const role::PeerJoined& peer, SimTime, role::Effects& effects) {
  if (!peer.node.is_cloud()) return;
  state_.cloud_lost = false;
  if (state_.phase > 0 && !state_.serving) report(effects);
}

void EdgeRole::on_peer_lost(NodeId node, SimTime now, role::Effects& effects) {
  if (!node.is_cloud()) return;
  state_.cloud_lost = true;
  const auto open = state_.offloaded;
  for (const auto& [ticket, scored] : open) answer(scored, std::nullopt, now, effects);
}

}  // namespace skerry::joint_inference
