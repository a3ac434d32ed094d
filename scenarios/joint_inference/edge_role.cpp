#include "scenarios/joint_inference/edge_role.hpp"

#include <algorithm>
#include <utility>

#include "scenarios/joint_inference/joint_inference.hpp"
#include "scenarios/parts/job_body.hpp"

namespace skerry::joint_inference {

EdgeRole::EdgeRole(const JointInference& joint, NodeId self)
    : joint_(joint),
      book_(self, joint.sampling_seed()),
      clock_(joint.requests(), self, joint.clock_channel()) {}

void EdgeRole::save(ByteWriter& writer) const { writer(book_, clock_, scoring_, state_); }

void EdgeRole::load(ByteReader& reader) { reader(book_, clock_, scoring_, state_); }

void EdgeRole::on_message(const role::Message& message, SimTime now, role::Effects& effects) {
  const parts::Channel channel = joint_.channel();
  if (message.from.is_cloud()) {
    if (channel.is(message, MessageKind::kModel)) return take_model(message, effects);
    if (channel.is(message, MessageKind::kServe)) return serve(message, now, effects);
    if (channel.is(message, MessageKind::kLabel)) return take_label(message, now, effects);
    if (channel.is(message, MessageKind::kNoLabel)) return take_no_label(message, now, effects);
  }
  ++state_.refused;
}

// The model and the phases.

void EdgeRole::take_model(const role::Message& message, role::Effects& effects) {
  if (message.payloads.size() != 1 || !message.payloads[0] ||
      !role::same_shape(message.payloads[0].shape(), joint_.edge_model().shape())) {
    ++state_.refused;
    return;
  }
  if (!state_.model) state_.model = message.payloads[0];
  state_.model_wanted = false;
  effects.send(
      joint_.channel().measurement(book_.node(), NodeId::cloud(), MessageKind::kServed, Served{}));
  score_next(effects);
}

void EdgeRole::want_model(role::Effects& effects) {
  state_.model_wanted = true;
  effects.send(joint_.channel().measurement(book_.node(), NodeId::cloud(), MessageKind::kNoModel,
                                            Nothing{}));
}

void EdgeRole::serve(const role::Message& message, SimTime now, role::Effects& effects) {
  const auto order = from_bytes<ServeOrder>(message.body);
  if (!order || order->phase == 0 || order->phase > joint_.thresholds().size()) {
    ++state_.refused;
    return;
  }
  if (!state_.model) return want_model(effects);
  if (order->phase < state_.phase) return;  // overtaken by a later one
  if (order->phase == state_.phase) {
    if (!state_.serving) report(effects);  // our report was lost
    return;
  }
  state_.phase = order->phase;
  state_.tally = {};
  drop_older_phases(now, effects);
  state_.serving = true;
  clock_.begin(now, effects);
  finish_phase_if_done(effects);
}

/// The cloud went on without us. Answers requests of earlier phases that are at the cloud with our
/// own labels, and forgets those that were not scored yet.
void EdgeRole::drop_older_phases(SimTime now, role::Effects& effects) {
  const auto older = [this](const Asked& asked) {
    return !asked.from_outside() && asked.phase != state_.phase;
  };
  std::erase_if(state_.waiting, older);
  std::vector<std::uint64_t> open;
  for (const auto& [ticket, scored] : state_.offloaded) {
    if (older(scored.asked)) open.push_back(ticket);
  }
  for (const std::uint64_t ticket : open) {
    state_.given_up.insert(ticket);
    answer_open(ticket, std::nullopt, now, effects);
  }
}

void EdgeRole::finish_phase_if_done(role::Effects& effects) {
  if (!state_.serving || clock_.more_to_come() || state_.tally.requests < clock_.drawn()) return;
  state_.serving = false;
  state_.tally.late = std::exchange(state_.late, 0);
  state_.tally.refused = std::exchange(state_.refused, 0);
  report(effects);
}

void EdgeRole::report(role::Effects& effects) {
  effects.send(joint_.channel().measurement(book_.node(), NodeId::cloud(), MessageKind::kServed,
                                            Served{state_.phase, state_.tally}));
}

// Requests.

void EdgeRole::on_timer(std::uint64_t timer, SimTime now, role::Effects& effects) {
  if (const auto index = clock_.take(timer)) {
    accept({.number = *index,
            .phase = state_.phase,
            .row = joint_.requests().row(book_.node(), *index),
            .stream = *index,
            .arrived = now},
           effects);
    return clock_.await_next(effects);
  }
  const std::uint64_t ticket = parts::Channel::subject_of(timer);
  if (timer == joint_.channel().timer(kDeadlineTimer, ticket)) {
    const auto open = state_.offloaded.find(ticket);
    const bool counted = open != state_.offloaded.end() && !open->second.asked.from_outside();
    if (counted) state_.given_up.insert(ticket);
    answer_open(ticket, std::nullopt, now, effects);
  }
}

/// Why a request from outside is not accepted; empty if it is.
std::string EdgeRole::why_not(const role::Request& request) const {
  if (std::string why = joint_.examples().misfit(request.example); !why.empty()) return why;
  if (!state_.model) return "this edge has no model yet: ask again later";
  if (state_.from_outside >= joint_.requests().config().waiting) {
    return std::to_string(state_.from_outside) + " requests are under way: ask again later";
  }
  return "";
}

void EdgeRole::on_request(const role::Request& request, SimTime now, role::Effects& effects) {
  std::string why = why_not(request);
  if (!why.empty()) {
    effects.answer({.request = request.number, .refusal = std::move(why)});
    if (!state_.model && !state_.model_wanted) want_model(effects);
    return;
  }
  ++state_.from_outside;
  accept({.number = request.number,
          .phase = 0,
          .example = request.example,
          .stream = static_cast<std::uint32_t>(request.number),
          .arrived = now},
         effects);
}

void EdgeRole::accept(Asked asked, role::Effects& effects) {
  asked.ticket = ++state_.tickets;
  state_.waiting.push_back(std::move(asked));
  score_next(effects);
}

void EdgeRole::score_next(role::Effects& effects) {
  if (!scoring_.empty() || state_.waiting.empty() || !state_.model) return;
  const Asked asked = std::move(state_.waiting.front());
  state_.waiting.erase(state_.waiting.begin());
  role::Job job;
  job.inputs = {state_.model};
  if (asked.from_outside()) {
    job.kind = joint_.kinds().infer_on_request;
    job.inputs.push_back(asked.example);
  } else {
    job.kind = joint_.kinds().infer;
    job.body = to_bytes(InferBody{asked.row});
  }
  scoring_.add(book_.start(std::move(job), asked.stream, asked.phase, effects), asked);
}

void EdgeRole::on_job(const role::JobFinished& finished, SimTime now, role::Effects& effects) {
  const auto asked = scoring_.take(finished.number);
  if (!asked) return;
  score_next(effects);
  const auto own = parts::report_of<Inference>(finished.report);
  if (own.label < 0) {
    return refuse(*asked, "the example has a value that is not a finite number", effects);
  }
  if (asked->from_outside()) {
    decide({*asked, own, finished.outputs[0]}, asked->example, now, effects);
  } else {
    decide({*asked, own, {}}, finished.outputs[0], now, effects);
  }
}

void EdgeRole::on_job_failed(const role::JobFailed& failed, SimTime, role::Effects& effects) {
  const auto asked = scoring_.take(failed.number);
  if (!asked) return;
  score_next(effects);
  refuse(*asked, failed.failure.message(), effects);
}

double EdgeRole::threshold(std::uint32_t phase) const {
  const std::uint32_t index = std::max(phase == 0 ? state_.phase : phase, std::uint32_t{1}) - 1;
  return joint_.thresholds()[index];
}

void EdgeRole::decide(const Scored& scored, const role::PayloadRef& example, SimTime now,
                      role::Effects& effects) {
  const Asked& asked = scored.asked;
  const auto& deadline = joint_.config().deadline;
  const bool hard = scored.own.score > threshold(asked.phase);
  const bool too_late = deadline && now >= asked.arrived + *deadline;
  if (hard && counts(asked)) ++state_.tally.hard;
  const bool abandoned = !asked.from_outside() && !counts(asked);
  if (!hard || too_late || state_.cloud_lost || abandoned) {
    return answer(scored, std::nullopt, now, effects);
  }
  role::Message sent =
      joint_.channel().message(book_.node(), NodeId::cloud(), MessageKind::kOffload,
                               Offload{asked.phase, asked.ticket}, {example});
  if (counts(asked)) {
    ++state_.tally.offloaded;
    state_.tally.bytes_up += role::bytes_of(sent);
  }
  effects.send(std::move(sent));
  if (deadline) {
    effects.set_timer(joint_.channel().timer(kDeadlineTimer, asked.ticket),
                      asked.arrived + *deadline);
  }
  state_.offloaded[asked.ticket] = scored;
}

// Answers.

void EdgeRole::take_label(const role::Message& message, SimTime now, role::Effects& effects) {
  const auto label = from_bytes<CloudLabel>(message.body);
  const auto classes = static_cast<std::int64_t>(joint_.classes());
  const role::PayloadRef prediction =
      message.payloads.size() == 1 ? message.payloads[0] : role::PayloadRef();
  const bool sound = prediction ? role::same_shape(prediction.shape(),
                                                   {parts::prediction_record(joint_.classes())})
                                : message.payloads.empty();
  if (!label || label->label < 0 || label->label >= classes || !sound) {
    ++state_.refused;
    return;
  }
  answer_open(label->ticket, Label{label->label, prediction}, now, effects);
}

void EdgeRole::take_no_label(const role::Message& message, SimTime now, role::Effects& effects) {
  const auto none = from_bytes<NoLabel>(message.body);
  if (!none) {
    ++state_.refused;
    return;
  }
  answer_open(none->ticket, std::nullopt, now, effects);
}

/// Answers a request that was sent to the cloud, unless it has been answered already.
void EdgeRole::answer_open(std::uint64_t ticket, const std::optional<Label>& label, SimTime now,
                           role::Effects& effects) {
  auto open = state_.offloaded.extract(ticket);
  if (open.empty()) {  // given up, or answered already
    state_.late += state_.given_up.erase(ticket) > 0 && label ? 1 : 0;
    return;
  }
  if (joint_.config().deadline) {
    effects.cancel_timer(joint_.channel().timer(kDeadlineTimer, ticket));
  }
  answer(open.mapped(), label, now, effects);
}

void EdgeRole::answer(const Scored& scored, const std::optional<Label>& label, SimTime now,
                      role::Effects& effects) {
  const Asked& asked = scored.asked;
  const std::int32_t given = label ? label->label : scored.own.label;
  effects.answer({.request = asked.number,
                  .label = given,
                  .from_cloud = label.has_value(),
                  .prediction = label ? label->prediction : scored.prediction});
  if (asked.from_outside()) --state_.from_outside;
  if (!counts(asked)) return;
  Tally& tally = state_.tally;
  ++tally.requests;
  tally.edge_correct += scored.own.label == scored.own.truth ? 1 : 0;
  tally.joint_correct += given == scored.own.truth ? 1 : 0;
  const bool hard = scored.own.score > threshold(asked.phase);
  tally.fallbacks += hard && !label ? 1 : 0;
  tally.latencies_ns.push_back((now - asked.arrived).count());
  finish_phase_if_done(effects);
}

void EdgeRole::refuse(const Asked& asked, std::string why, role::Effects& effects) {
  effects.answer({.request = asked.number, .refusal = std::move(why)});
  if (asked.from_outside()) --state_.from_outside;
  if (!counts(asked)) return;
  ++state_.tally.requests;
  finish_phase_if_done(effects);
}

/// Whether a request belongs to the phase under way.
bool EdgeRole::counts(const Asked& asked) const {
  return !asked.from_outside() && asked.phase == state_.phase;
}

// The cloud.

void EdgeRole::on_peer_joined(const role::PeerJoined& peer, SimTime, role::Effects& effects) {
  if (!peer.node.is_cloud()) return;
  state_.cloud_lost = false;
  state_.model_wanted = false;
  if (state_.phase > 0 && !state_.serving) report(effects);
}

void EdgeRole::on_peer_lost(NodeId node, SimTime now, role::Effects& effects) {
  if (!node.is_cloud()) return;
  state_.cloud_lost = true;
  std::vector<std::uint64_t> open;
  for (const auto& [ticket, scored] : state_.offloaded) open.push_back(ticket);
  for (const std::uint64_t ticket : open) answer_open(ticket, std::nullopt, now, effects);
}

}  // namespace skerry::joint_inference
