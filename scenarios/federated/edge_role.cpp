#include "scenarios/federated/edge_role.hpp"

#include "scenarios/federated/federated.hpp"

namespace skerry::federated {

void EdgeRole::on_message(const role::Message& message, SimTime, role::Effects& effects) {
  switch (static_cast<MessageKind>(message.kind)) {
    case MessageKind::kTrain:
      return train(message, effects);
    case MessageKind::kEvaluate:
      return evaluate(message, effects);
    case MessageKind::kUpdate:
    case MessageKind::kRefused:  // what to do about it is the next order's business
    case MessageKind::kEvaluated:
      return;
  }
}

void EdgeRole::train(const role::Message& message, role::Effects& effects) {
  const auto order = from_bytes<TrainOrder>(message.body);
  if (!order || message.payloads.size() != 1) return;
  const Age age{order->dispatch, order->exchange};
  if (state_.newest.dispatch != 0 && age <= state_.newest) return;
  if (state_.training) effects.cancel(state_.training->job);
  state_.newest = age;
  TrainBody body{.exchange = order->exchange,
                 .rate_scale = order->rate_scale,
                 .epochs = order->epochs,
                 .settlement = std::nullopt};
  if (order->exchange == 0 && state_.pending != 0) {
    body.settlement =
        order->last_accepted == state_.pending ? Settlement::kAccepted : Settlement::kLost;
  }
  role::Job job;
  job.number = ++state_.jobs;
  job.node = self_;
  job.kind = static_cast<std::uint16_t>(JobKind::kTrain);
  job.key = {federated_.seeds().sampling, self_, order->dispatch};
  job.step = order->dispatch;
  job.inputs = {message.payloads[0]};
  if (state_.kept) job.inputs.push_back(state_.kept);
  job.body = to_bytes(body);
  state_.training = Training{job.number, *order};
  effects.start(std::move(job));
}

void EdgeRole::evaluate(const role::Message& message, role::Effects& effects) {
  const auto order = from_bytes<EvaluateOrder>(message.body);
  if (!order || message.payloads.size() != 1) return;
  role::Job job;
  job.number = ++state_.jobs;
  job.node = self_;
  job.kind = static_cast<std::uint16_t>(JobKind::kEvaluateEdge);
  job.key = {federated_.seeds().sampling, self_, order->round};
  job.step = order->round;
  job.inputs = {message.payloads[0]};
  if (state_.kept) job.inputs.push_back(state_.kept);
  job.body = message.body;
  state_.evaluating[job.number] = {*order, message.measurement};
  effects.start(std::move(job));
}

void EdgeRole::on_job(const role::JobFinished& finished, SimTime, role::Effects& effects) {
  if (state_.training && finished.number == state_.training->job) {
    const TrainOrder order = state_.training->order;
    state_.training.reset();
    if (finished.outputs.size() > 1) {
      state_.kept = finished.outputs[1];
      state_.pending = order.dispatch;
      effects.persist();
    }
    effects.send(message(self_, NodeId::cloud(), MessageKind::kUpdate,
                         Update{order.round, order.dispatch, order.exchange},
                         {finished.outputs[0]}));
    return;
  }
  const auto evaluating = state_.evaluating.find(finished.number);
  if (evaluating == state_.evaluating.end()) return;
  const auto evaluation = from_bytes<Evaluation>(finished.report);
  SKERRY_CHECK(evaluation.has_value(), "an evaluation reports an Evaluation");
  const Evaluating asked = evaluating->second;
  state_.evaluating.erase(evaluating);
  role::Message reply =
      message(self_, NodeId::cloud(), MessageKind::kEvaluated,
              Evaluated{asked.order.round, asked.order.asked_by_selector, *evaluation});
  reply.measurement = asked.measurement;
  effects.send(std::move(reply));
}

}  // namespace skerry::federated
