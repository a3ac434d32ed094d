#include "scenarios/joint_inference/cloud_role.hpp"

#include <algorithm>
#include <utility>

#include "scenarios/joint_inference/joint_inference.hpp"
#include "scenarios/parts/job_body.hpp"

namespace skerry::joint_inference {

CloudRole::CloudRole(const JointInference& joint)
    : joint_(joint),
      book_(NodeId::cloud(), joint.sampling_seed()),
      membership_(joint.data()),
      preparation_(joint, book_) {}

void CloudRole::save(ByteWriter& writer) const {
  writer(book_, membership_, preparation_, board_, queue_, count_, resends_, stopped_);
}

void CloudRole::load(ByteReader& reader) {
  reader(book_, membership_, preparation_, board_, queue_, count_, resends_, stopped_);
  if (board_.phase() > joint_.thresholds().size()) reader.fail();
}

void CloudRole::on_start(const role::Start& start, SimTime, role::Effects& effects) {
  membership_.start(start);
  board_.start(start.edges);
  preparation_.begin(effects);
}

// Jobs.

void CloudRole::on_job(const role::JobFinished& finished, SimTime now, role::Effects& effects) {
  if (stopped_) return;
  if (const auto batch = queue_.take(finished.number)) {
    answer_batch(*batch, finished, effects);
    return start_batch(now, effects);
  }
  if (!preparation_.on_job(finished, effects)) return;
  if (preparation_.done()) begin_phase(0, now, effects);
}

void CloudRole::on_job_failed(const role::JobFailed& failed, SimTime now, role::Effects& effects) {
  if (stopped_) return;
  if (const auto batch = queue_.take(failed.number)) {
    for (const Offloaded& entry : *batch) {
      effects.send(joint_.channel().message(NodeId::cloud(), entry.from, MessageKind::kNoLabel,
                                            NoLabel{entry.offload.ticket}));
    }
    return start_batch(now, effects);
  }
  if (preparation_.on_job_failed(failed.number)) {
    stop("on the cloud, " + failed.failure.message(), true, effects);
  }
}

// Phases.

void CloudRole::order(NodeId edge, role::Effects& effects) {
  const parts::Channel channel = joint_.channel();
  if (!board_.has_model(edge)) {
    membership_.send(channel.message(NodeId::cloud(), edge, MessageKind::kModel, Nothing{},
                                     {preparation_.edge_model()}),
                     effects);
  } else if (board_.owes(edge)) {
    membership_.send(
        channel.measurement(NodeId::cloud(), edge, MessageKind::kServe, ServeOrder{board_.phase()}),
        effects);
  }
}

/// Sends orders to all present edges that owe the phase. Other edges get theirs when they join.
void CloudRole::order_all(role::Effects& effects) {
  for (const NodeId edge : board_.owing()) {
    if (membership_.present(edge)) order(edge, effects);
  }
}

void CloudRole::begin_phase(std::uint32_t phase, SimTime now, role::Effects& effects) {
  board_.begin(phase);
  resends_ = 0;
  count_ = {};
  const auto of_a_phase = [](const Offloaded& entry) { return entry.offload.phase != 0; };
  if (const auto job = queue_.drop(of_a_phase)) effects.cancel(*job);
  order_all(effects);
  effects.set_timer(joint_.channel().timer(kResendTimer), now + joint_.config().resend_after);
  start_batch(now, effects);
}

/// True once every edge has joined at least once, at least one is present, and none of those
/// present owes the phase.
bool CloudRole::phase_complete() const {
  return membership_.everybody_has_joined() && membership_.has_present(1) &&
         std::ranges::none_of(board_.owing(),
                              [this](NodeId edge) { return membership_.present(edge); });
}

void CloudRole::advance(SimTime now, role::Effects& effects) {
  if (!serving() || !phase_complete()) return;
  if (board_.phase() > 0) record_phase(effects);
  if (board_.phase() == joint_.thresholds().size()) {
    return stop("all requests answered", false, effects);
  }
  begin_phase(board_.phase() + 1, now, effects);
}

void CloudRole::record_phase(role::Effects& effects) {
  const std::uint64_t step = board_.phase() - 1;
  effects.metric("joint/threshold", step, joint_.thresholds()[step]);
  count_.tally.refused += count_.refused;
  for (const auto& [name, value] : describe(count_.tally)) effects.metric(name, step, value);
  if (count_.cloud_requests > 0) {
    effects.metric(
        "joint/cloud_accuracy", step,
        static_cast<double>(count_.cloud_correct) / static_cast<double>(count_.cloud_requests));
  }
  effects.metric("joint/bytes_down", step, static_cast<double>(count_.labels.down().wire));
}

void CloudRole::stop(const std::string& reason, bool failed, role::Effects& effects) {
  stopped_ = true;
  effects.stop(reason, preparation_.result(), failed);
}

// What edges say.

void CloudRole::on_message(const role::Message& message, SimTime now, role::Effects& effects) {
  if (stopped_) return;
  const parts::Channel channel = joint_.channel();
  const bool known = membership_.known(message.from);
  if (known && channel.is(message, MessageKind::kNoModel)) {
    board_.set_model(message.from, false);
    if (serving()) order(message.from, effects);
  } else if (known && serving() && channel.is(message, MessageKind::kServed)) {
    take_report(message, now, effects);
  } else if (known && serving() && channel.is(message, MessageKind::kOffload)) {
    take_example(message, now, effects);
  } else {
    ++count_.refused;
  }
}

void CloudRole::take_report(const role::Message& message, SimTime now, role::Effects& effects) {
  const auto served = from_bytes<Served>(message.body);
  if (!served || !plausible(served->tally)) {
    ++count_.refused;
    return;
  }
  if (served->phase == 0) {
    const bool news = !board_.has_model(message.from);
    board_.set_model(message.from, true);
    if (news && board_.phase() > 0) order(message.from, effects);
  } else if (served->phase == board_.phase() && board_.served(message.from)) {
    const Reference& reference = preparation_.reference();
    const std::uint32_t edge = message.from.index();
    count_.tally += served->tally;
    count_.cloud_correct += reference.correct[edge];
    count_.cloud_requests += reference.requests[edge];
  }
  advance(now, effects);
}

void CloudRole::take_example(const role::Message& message, SimTime now, role::Effects& effects) {
  const auto offload = from_bytes<Offload>(message.body);
  if (!offload || message.payloads.size() != 1 || !message.payloads[0] ||
      !joint_.examples().fits(message.payloads[0].shape())) {
    ++count_.refused;
    return;
  }
  const bool stale = offload->phase != 0 && offload->phase != board_.phase();
  if (stale) return;  // its asker has been answered
  queue_.add({message.from, *offload}, message.payloads[0], now);
  start_batch(now, effects);
}

void CloudRole::start_batch(SimTime now, role::Effects& effects) {
  const parts::BatchConfig& config = joint_.config().cloud;
  if (auto inputs = queue_.start(config, now, book_.next())) {
    BatchBody body;
    for (std::uint32_t i = 0; i < inputs->size(); ++i) {
      if (queue_.running()[i].offload.phase == 0) body.scored.push_back(i);
    }
    role::Job job;
    job.kind = joint_.kinds().infer_on_cloud;
    job.body = to_bytes(body);
    job.inputs = std::move(*inputs);
    job.inputs.insert(job.inputs.begin(), preparation_.cloud_model());
    book_.start(std::move(job), board_.phase(), board_.phase(), effects);
  }
  const std::uint64_t timer = joint_.channel().timer(kBatchTimer);
  if (const auto next = queue_.next_start(config)) {
    effects.set_timer(timer, *next);
  } else {
    effects.cancel_timer(timer);
  }
}

/// Answers every edge of the batch, even one that counts as lost: no other input would tell it that
/// it waits in vain. A label that belongs to no phase travels with its scores.
void CloudRole::answer_batch(const std::vector<Offloaded>& batch, const role::JobFinished& finished,
                             role::Effects& effects) {
  const auto labels = parts::report_of<std::vector<std::int32_t>>(finished.report);
  SKERRY_CHECK(labels.size() == batch.size(), "a batch has a label for each example");
  auto prediction = finished.outputs.begin();
  for (std::size_t i = 0; i < batch.size(); ++i) {
    const Offloaded& entry = batch[i];
    const bool from_outside = entry.offload.phase == 0;
    role::Message reply = joint_.channel().message(NodeId::cloud(), entry.from, MessageKind::kLabel,
                                                   CloudLabel{entry.offload.ticket, labels[i]});
    if (from_outside) reply.payloads = {*prediction++};
    if (!from_outside) count_.labels.went_down(reply);
    effects.send(std::move(reply));
  }
}

// Time and peers.

void CloudRole::on_timer(std::uint64_t timer, SimTime now, role::Effects& effects) {
  if (!serving()) return;
  const std::uint64_t resend = joint_.channel().timer(kResendTimer);
  if (timer == joint_.channel().timer(kBatchTimer)) return start_batch(now, effects);
  if (timer != resend) return;
  order_all(effects);
  constexpr std::uint32_t kMostDoublings = 10;
  resends_ = std::min(resends_ + 1, kMostDoublings);
  effects.set_timer(resend, now + joint_.config().resend_after * (std::int64_t{1} << resends_));
}

void CloudRole::on_peer_joined(const role::PeerJoined& peer, SimTime now, role::Effects& effects) {
  if (stopped_ || !membership_.known(peer.node)) return;
  membership_.joined(peer, effects);
  if (!serving()) return;
  order(peer.node, effects);
  advance(now, effects);
}

void CloudRole::on_peer_lost(NodeId node, SimTime now, role::Effects& effects) {
  if (stopped_) return;
  membership_.lost(node);
  advance(now, effects);
}

void CloudRole::on_request(const role::Request& request, SimTime, role::Effects& effects) {
  effects.answer({.request = request.number,
                  .refusal = "the cloud answers no requests of its own: ask an edge"});
}

void CloudRole::on_command(const role::Command& command, SimTime, role::Effects& effects) {
  if (command.text == "stop" && !stopped_) stop("an operator", false, effects);
}

}  // namespace skerry::joint_inference
