#include "scenarios/parts/trainee.hpp"

#include <algorithm>
#include <utility>

#include "scenarios/parts/job_body.hpp"

namespace skerry::parts {

bool Trainee::on_message(const role::Message& message, role::Effects& effects) {
  if (!federation_.channel().carries(message)) return false;
  switch (federation_.channel().kind_of<RoundMessage>(message)) {
    case RoundMessage::kTrain:
      take_order(message, effects);
      break;
    case RoundMessage::kTrainFrom:
      take_change(message, effects);
      break;
    case RoundMessage::kEvaluate:
      answer(message, false, effects);
      break;
    case RoundMessage::kAsk:
      answer(message, true, effects);
      break;
    case RoundMessage::kRefused:  // the next order says whether the update counted
    case RoundMessage::kUpdate:
    case RoundMessage::kEvaluated:
    case RoundMessage::kFailed:
    case RoundMessage::kNoBase:
    case RoundMessage::kAsked:
      break;
  }
  return true;
}

void Trainee::take_order(const role::Message& message, role::Effects& effects) {
  const auto order = from_bytes<TrainOrder>(message.body);
  if (!order || message.payloads.size() != 1 || !message.payloads[0]) return;
  if (!begin_work(*order, effects)) return;
  state_.work->down = message.payloads[0];
  if (federation_.path().encodes_down()) return start(Step::kDecode, effects);
  train_or_encode(effects);
}

void Trainee::take_change(const role::Message& message, role::Effects& effects) {
  const auto from = from_bytes<TrainFrom>(message.body);
  const auto& payloads = message.payloads;
  const bool complete = std::all_of(payloads.begin(), payloads.end(),
                                    [](const role::PayloadRef& one) { return bool(one); });
  if (!from || !complete || from->version == 0) return;
  const bool whole = from->base == 0;
  if (whole && payloads.size() != 1) return;
  if (!whole && (from->base != state_.held_version || !state_.held)) {
    return effects.send(federation_.channel().message(
        book_.node(), NodeId::cloud(), RoundMessage::kNoBase, NoBase{from->order.dispatch}));
  }
  if (!begin_work(from->order, effects)) return;
  Work& work = *state_.work;
  work.version = from->version;
  if (whole || payloads.empty()) {
    if (whole) state_.held = payloads[0];
    state_.held_version = from->version;
    work.down = state_.held;
    return train_or_encode(effects);
  }
  work.down = state_.held;
  work.changes = payloads;
  start(Step::kDecode, effects);
}

/// False if the order is no newer than what was taken before, or cannot be carried out.
bool Trainee::begin_work(const TrainOrder& order, role::Effects& effects) {
  const Age age{order.dispatch, order.exchange};
  if (state_.newest.dispatch != 0 && age <= state_.newest) return false;
  const bool encodes_again = order.exchange.coding > 0;
  if (encodes_again && (!state_.plain || order.dispatch != state_.newest.dispatch)) return false;
  if (state_.work) effects.cancel(state_.work->job);
  state_.newest = age;
  Work work{.job = 0, .step = {}, .order = order, .lesson = state_.learns_from};
  if (order.exchange != Exchange{}) {
    work.settlement = Settlement::kAccepted;  // else there would be no further exchange
  } else if (state_.pending != 0) {
    work.settlement =
        order.last_accepted == state_.pending ? Settlement::kAccepted : Settlement::kLost;
  }
  state_.work = std::move(work);
  return true;
}

void Trainee::train_or_encode(role::Effects& effects) {
  start(state_.work->order.exchange.coding > 0 ? Step::kEncode : Step::kTrain, effects);
}

void Trainee::start(Step step, role::Effects& effects) {
  Work& work = *state_.work;
  if (work.step != step) work.failures = 0;
  work.step = step;
  const TrainOrder& order = work.order;
  role::Job job;
  switch (step) {
    case Step::kDecode:
      job.kind = federation_.kinds().decode_down;
      job.inputs = {work.down};
      job.inputs.insert(job.inputs.end(), work.changes.begin(), work.changes.end());
      break;
    case Step::kTrain: {
      TrainBody body{.exchange = order.exchange.training,
                     .rate_scale = order.rate_scale,
                     .epochs = order.epochs,
                     .settlement = std::nullopt,
                     .slice = work.lesson.slice};
      if (order.exchange == Exchange{}) body.settlement = work.settlement;
      job.kind = federation_.kinds().train;
      job.inputs = {work.down};
      if (state_.kept) job.inputs.push_back(state_.kept);
      for (const SampleRun& run : work.lesson.arrived) {
        job.inputs.push_back(run.inputs);
        body.arrived.push_back({run.place, run.labels});
      }
      job.body = to_bytes(body);
      break;
    }
    case Step::kEncode: {
      EncodeBody body{.exchange = order.exchange, .round = order.round, .settlement = std::nullopt};
      if (order.exchange.coding == 0) body.settlement = work.settlement;
      job.kind = federation_.kinds().encode;
      job.inputs = {state_.plain, work.down};
      if (state_.codec) job.inputs.push_back(state_.codec);
      job.body = to_bytes(body);
      break;
    }
  }
  work.job = book_.start(std::move(job), order.dispatch, order.round, effects);
}

bool Trainee::on_job(const role::JobFinished& finished, role::Effects& effects) {
  if (state_.work && finished.number == state_.work->job) {
    step_done(finished, effects);
    return true;
  }
  const auto evaluating = state_.evaluating.extract(finished.number);
  if (evaluating.empty()) return false;
  evaluated(evaluating.mapped(), finished, effects);
  return true;
}

void Trainee::step_done(const role::JobFinished& finished, role::Effects& effects) {
  Work& work = *state_.work;
  const UpdatePath& path = federation_.path();
  switch (work.step) {
    case Step::kDecode:
      work.down = finished.outputs[0];
      work.changes.clear();
      if (work.version != 0) {
        state_.held = work.down;
        state_.held_version = work.version;
      }
      return train_or_encode(effects);
    case Step::kTrain:
      if (finished.outputs.size() > 1) {
        state_.kept = finished.outputs[1];
        state_.pending = work.order.dispatch;
        effects.persist();
      }
      if (path.up().empty()) return send_update(finished.outputs[0], effects);
      state_.plain = finished.outputs[0];
      return start(Step::kEncode, effects);
    case Step::kEncode:
      if (finished.outputs.size() > 1) {
        state_.codec = finished.outputs[1];
        state_.pending = work.order.dispatch;
        effects.persist();
      }
      if (path.up().exchanges() == 0) state_.plain = {};
      return send_update(finished.outputs[0], effects);
  }
}

void Trainee::send_update(const role::PayloadRef& update, role::Effects& effects) {
  const TrainOrder order = state_.work->order;
  state_.work.reset();
  effects.send(federation_.channel().message(book_.node(), NodeId::cloud(), RoundMessage::kUpdate,
                                             Update{order.round, order.dispatch, order.exchange},
                                             {update}));
}

void Trainee::answer(const role::Message& message, bool trains, role::Effects& effects) {
  const auto order = from_bytes<AskOrder>(message.body);
  if (!order || message.payloads.size() != 1 || !message.payloads[0]) return;
  const Evaluating what{*order, message.measurement,
                        !message.measurement && !federation_.path().sends_changes() &&
                            federation_.path().encodes_down(),
                        trains};
  if (!what.decodes) return start_answer(what, message.payloads[0], effects);
  role::Job job;
  job.kind = federation_.kinds().decode_down;
  job.inputs = {message.payloads[0]};
  state_.evaluating[book_.start(std::move(job), order->round, order->round, effects)] = what;
}

void Trainee::start_answer(const Evaluating& what, const role::PayloadRef& down,
                           role::Effects& effects) {
  const bool survey = what.order.asker == Asker::kSurvey;
  role::Job job;
  job.inputs = {down};
  if (what.trains) {
    job.kind = federation_.kinds().train_for_ask;
    job.body = to_bytes(TrainBody{.rate_scale = federation_.rate_scale(what.order.round)});
  } else {
    job.kind = federation_.kinds().evaluate_on_edge;
    if (state_.kept) job.inputs.push_back(state_.kept);
    job.body = to_bytes(Evaluator::OnNode{
        .split = survey ? Split::kTest : Split::kTrain, .charged = !survey, .personal = survey});
  }
  Evaluating next = what;
  next.decodes = false;
  const Round round = what.order.round;
  state_.evaluating[book_.start(std::move(job), round, round, effects)] = next;
}

void Trainee::evaluated(const Evaluating& what, const role::JobFinished& finished,
                        role::Effects& effects) {
  if (what.decodes) return start_answer(what, finished.outputs[0], effects);
  const auto& [round, asker] = what.order;
  const Channel& channel = federation_.channel();
  role::Message reply =
      what.trains
          ? channel.message(book_.node(), NodeId::cloud(), RoundMessage::kAsked,
                            AskOrder{round, asker}, {finished.outputs[0]})
          : channel.message(book_.node(), NodeId::cloud(), RoundMessage::kEvaluated,
                            Evaluated{round, asker, report_of<Evaluation>(finished.report)});
  reply.measurement = what.measurement;
  effects.send(std::move(reply));
}

bool Trainee::on_job_failed(const role::JobFailed& failed, role::Effects& effects) {
  if (state_.work && failed.number == state_.work->job) {
    Work& work = *state_.work;
    if (work.failures++ < federation_.config().local.retries) {
      start(work.step, effects);
      return true;
    }
    const TrainOrder order = work.order;
    state_.work.reset();
    tell_failure({order.round, order.dispatch, order.exchange, failed.failure.message()}, false,
                 effects);
    return true;
  }
  const auto evaluating = state_.evaluating.extract(failed.number);
  if (evaluating.empty()) return false;
  const Evaluating& what = evaluating.mapped();
  tell_failure({what.order.round, 0, {}, failed.failure.message()}, what.measurement, effects);
  return true;
}

void Trainee::tell_failure(const Failed& failed, bool measurement, role::Effects& effects) {
  role::Message message =
      federation_.channel().message(book_.node(), NodeId::cloud(), RoundMessage::kFailed, failed);
  message.measurement = measurement;
  effects.send(std::move(message));
}

}  // namespace skerry::parts
