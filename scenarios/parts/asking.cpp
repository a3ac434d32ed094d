#include "scenarios/parts/asking.hpp"

#include <utility>

#include "scenarios/parts/job_body.hpp"

namespace skerry::parts {

void Asking::clear() {
  round_ = 0;
  awaited_.clear();
  jobs_.clear();
  replies_.clear();
  results_.clear();
}

void Asking::begin(const Ask& ask, const From& from, role::Effects& effects) {
  clear();
  round_ = from.round;
  for (const NodeId node : ask.nodes) {
    awaited_[node] = true;
    if (node.is_cloud()) {
      ask_cloud(ask.work, from, effects);
    } else {
      ask_edge(node, ask.work, from, effects);
    }
  }
}

void Asking::ask_edge(NodeId node, Ask::Work work, const From& from, role::Effects& effects) {
  const Channel& channel = federation_.channel();
  role::Message order = work == Ask::Work::kTrain
                            ? channel.message(NodeId::cloud(), node, RoundMessage::kAsk,
                                              AskOrder{from.round, asker_}, {from.wire_down})
                            : channel.message(NodeId::cloud(), node, RoundMessage::kEvaluate,
                                              AskOrder{from.round, asker_}, {from.wire_down});
  traffic_.went_down(order);
  if (!membership_.send(std::move(order), effects)) awaited_.erase(node);
}

void Asking::ask_cloud(Ask::Work work, const From& from, role::Effects& effects) {
  role::Job job;
  job.inputs = {from.down};
  if (work == Ask::Work::kTrain) {
    job.kind = federation_.kinds().train_for_ask;
    job.body = to_bytes(TrainBody{.rate_scale = federation_.rate_scale(from.round)});
  } else {
    job.kind = federation_.kinds().evaluate_on_edge;
    job.body = to_bytes(Evaluator::OnNode{.split = Split::kValidation, .charged = true});
  }
  jobs_.add(book_.start(std::move(job), from.round, from.round, effects), work);
}

bool Asking::on_evaluated(NodeId from, const Evaluated& evaluated) {
  if (evaluated.asker != asker_ || evaluated.round != round_) return false;
  if (awaited_.erase(from) == 0) return false;
  const Evaluation& found = evaluated.evaluation;
  replies_.push_back({from, found.samples, found.loss, found.accuracy});
  results_.emplace_back();
  return true;
}

bool Asking::on_asked(const role::Message& message) {
  const auto asked = from_bytes<AskOrder>(message.body);
  if (!asked || asked->asker != asker_ || asked->round != round_) return false;
  if (awaited_.erase(message.from) == 0) return false;
  if (message.payloads.size() != 1 || !message.payloads[0] ||
      !role::same_shape(message.payloads[0].shape(), federation_.path().plain_shape({}))) {
    return true;
  }
  replies_.push_back({.node = message.from, .samples = membership_.samples(message.from)});
  results_.push_back(message.payloads[0]);
  return true;
}

bool Asking::on_job(const role::JobFinished& finished) {
  const auto work = jobs_.take(finished.number);
  if (!work) return false;
  awaited_.erase(NodeId::cloud());
  Reply reply{.node = NodeId::cloud()};
  role::PayloadRef result;
  if (*work == Ask::Work::kTrain) {
    reply.samples = federation_.data().size(NodeId::cloud(), Split::kValidation);
    result = finished.outputs[0];
  } else {
    const auto found = report_of<Evaluation>(finished.report);
    reply = {NodeId::cloud(), found.samples, found.loss, found.accuracy};
  }
  replies_.push_back(reply);
  results_.push_back(std::move(result));
  return true;
}

}  // namespace skerry::parts
