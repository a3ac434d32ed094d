#include "scenarios/joint_inference/cloud_role.hpp"

#include <algorithm>
#include <utility>

#include "algorithms/sdk/printable.hpp"
#include "scenarios/joint_inference/joint_inference.hpp"
#include "scenarios/parts/job_body.hpp"

namespace skerry::joint_inference {

CloudRole::CloudRole(const JointInference& joint)
    : joint_(joint),
      book_(NodeId::cloud(), joint.sampling_seed()),
      membership_(joint.data()),
      preparation_(joint, book_) {}

void CloudRole::save(ByteWriter& writer) const {
  writer(book_, membership_, preparation_, board_, queue_, count_, resends_, resending_, in_vain_,
         asked_, lost_, failed_, gone_, stopped_);
}

void CloudRole::load(ByteReader& reader) {
  reader(book_, membership_, preparation_, board_, queue_, count_, resends_, resending_, in_vain_,
         asked_, lost_, failed_, gone_, stopped_);
  if (board_.phase() > joint_.thresholds().size()) reader.fail();
}

void CloudRole::on_start(const role::Start& start, SimTime, role::Effects& effects) {
  membership_.start(start);
  board_.start(start.edges);
  in_vain_.begin(kMostInVain);
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
    if (gone_) return;
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
  set_resend_timer(now, effects);
  start_batch(now, effects);
}

/// Whether an edge owes the phase, and is present and able to do what it owes.
bool CloudRole::is_awaited(NodeId edge) const {
  return board_.owes(edge) && membership_.present(edge) && !(gone_ && !board_.has_model(edge));
}

/// True once every edge has joined at least once, at least one is present, and none owes the phase
/// that could still do what it owes.
bool CloudRole::phase_complete() const {
  return membership_.everybody_has_joined() && membership_.has_present(1) &&
         std::ranges::none_of(board_.owing(), [this](NodeId edge) { return is_awaited(edge); });
}

/// Without an edge that could answer there is nothing to repeat until one joins.
void CloudRole::set_resend_timer(SimTime now, role::Effects& effects) {
  const std::uint64_t timer = joint_.channel().timer(kResendTimer);
  resending_ =
      std::ranges::any_of(board_.owing(), [this](NodeId edge) { return is_awaited(edge); });
  if (resending_) {
    effects.set_timer(timer, now + joint_.config().resend_after * (std::int64_t{1} << resends_));
  } else {
    effects.cancel_timer(timer);
  }
}

void CloudRole::advance(SimTime now, role::Effects& effects) {
  while (serving() && phase_complete()) {
    if (board_.phase() > 0) record_phase(effects);
    if (board_.phase() == joint_.thresholds().size()) {
      return stop(how_it_ended(), false, effects);
    }
    begin_phase(board_.phase() + 1, now, effects);
  }
}

void CloudRole::record_phase(role::Effects& effects) {
  const std::uint64_t step = board_.phase() - 1;
  effects.metric("joint/threshold", step, joint_.thresholds()[step]);
  count_.tally.refused += count_.refused;
  std::uint64_t lost = 0;
  for (const NodeId edge : board_.owing()) {
    lost += preparation_.reference().requests[edge.index()];
  }
  lost_ += lost;
  asked_ += lost + count_.tally.requests;
  failed_ += count_.tally.failed();
  for (const auto& [name, value] : describe(count_.tally)) effects.metric(name, step, value);
  if (count_.cloud_requests > 0) {
    effects.metric(
        "joint/cloud_accuracy", step,
        static_cast<double>(count_.cloud_correct) / static_cast<double>(count_.cloud_requests));
  }
  effects.metric("joint/bytes_down", step, static_cast<double>(count_.labels.down().wire));
  effects.metric("joint/lost", step, static_cast<double>(lost));
}

std::string CloudRole::how_it_ended() const {
  std::string text = lost_ + failed_ > 0 ? "all requests are over" : "all requests answered";
  if (lost_ > 0) text += ", but " + std::to_string(lost_) + " were lost with their edges";
  if (failed_ > 0) {
    text += (lost_ > 0 ? " and " : ", but ") + std::to_string(failed_) + " failed";
  }
  return text + (gone_ ? "; the cloud was gone for good" : "");
}

/// Whether the run ends while edges still owe what became of a threshold's requests.
bool CloudRole::cut_short() const {
  return serving() && board_.phase() > 0 && !board_.owing().empty();
}

void CloudRole::stop(const std::string& reason, bool failed, role::Effects& effects) {
  const bool cut = cut_short();
  stopped_ = true;
  role::Stop how{reason, preparation_.result(), failed, {}};
  if (!failed && asked_ == 0) {
    how.nothing_learnt = cut ? "it was stopped before the first threshold was over"
                             : "no request came: see /requests";
  }
  effects.stop(std::move(how));
}

// What edges say.

void CloudRole::on_message(const role::Message& message, SimTime now, role::Effects& effects) {
  if (stopped_) return;
  const parts::Channel channel = joint_.channel();
  const bool known = membership_.known(message.from);
  if (known && channel.is(message, MessageKind::kNoModel)) {
    board_.set_model(message.from, false);
    in_vain_.worked();
    if (serving()) order(message.from, effects);
    if (gone_) advance(now, effects);
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
  in_vain_.worked();
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
  const bool models = std::ranges::any_of(
      board_.owing(), [this](NodeId edge) { return is_awaited(edge) && !board_.has_model(edge); });
  if (models && in_vain_.failed()) {
    return stop("no edge answers: its model was sent " + std::to_string(kMostInVain) +
                    " times in a row in vain",
                true, effects);
  }
  order_all(effects);
  constexpr std::uint32_t kMostDoublings = 10;
  resends_ = std::min(resends_ + 1, kMostDoublings);
  set_resend_timer(now, effects);
}

void CloudRole::on_peer_joined(const role::PeerJoined& peer, SimTime now, role::Effects& effects) {
  if (stopped_ || !membership_.known(peer.node)) return;
  membership_.joined(peer, effects);
  if (!serving()) return;
  order(peer.node, effects);
  if (!resending_) set_resend_timer(now, effects);
  advance(now, effects);
}

void CloudRole::on_peer_lost(NodeId node, SimTime now, role::Effects& effects) {
  if (stopped_) return;
  if (node.is_cloud()) return take_leave(now, effects);
  membership_.lost(node);
  advance(now, effects);
}

/// The cloud itself is gone for good.
void CloudRole::take_leave(SimTime now, role::Effects& effects) {
  gone_ = true;
  const std::string gone = "the cloud was gone for good before ";
  if (!preparation_.done()) return stop(gone + "both models were made", true, effects);
  if (!board_.anybody_has_model()) return stop(gone + "any edge had its model", true, effects);
  effects.cancel_timer(joint_.channel().timer(kBatchTimer));
  if (const auto job = queue_.drop([](const Offloaded&) { return true; })) effects.cancel(*job);
  advance(now, effects);
}

void CloudRole::on_request(const role::Request& request, SimTime, role::Effects& effects) {
  effects.answer({.request = request.number,
                  .refusal = "the cloud answers no requests of its own: ask an edge"});
}

void CloudRole::on_command(const role::Command& command, SimTime, role::Effects& effects) {
  if (command.text != "stop" || stopped_) return;
  effects.reply({true, "the run ends"});
  if (cut_short()) {
    effects.remark("threshold " + number_text(joint_.thresholds()[board_.phase() - 1]) +
                   " was cut short: what edges answered since it began is not counted");
  }
  stop("an operator", false, effects);
}

}  // namespace skerry::joint_inference
