#include "scenarios/parts/edge_service.hpp"

#include <utility>

#include "scenarios/parts/job_body.hpp"
#include "scenarios/parts/serving_messages.hpp"

namespace skerry::parts {

void EdgeService::start(SimTime now, role::Effects& effects) {
  if (under_) missed_ += under_->count;
  under_.reset();
  asked_.clear();
  from_outside_ = 0;
  models_.restarted();
  missed_ += clock_.start(now);
  go_on(now, effects);
}

void EdgeService::on_message(const role::Message& message, SimTime now, role::Effects& effects) {
  heard(models_.on_message(message, effects), now, effects);
}

void EdgeService::heard(InstalledModels::Heard heard, SimTime now, role::Effects& effects) {
  if (heard != InstalledModels::Heard::kChanged || models_.serving() == nullptr) return;
  const NumberedModel& serving = *models_.serving();
  installed_ = now;
  effects.deploy(serving.version, serving.model);
  effects.persist();
  if (!under_) go_on(now, effects);
}

void EdgeService::on_timer(std::uint64_t timer, SimTime now, role::Effects& effects) {
  if (clock_.owns(timer)) serve(now, effects);
}

/// Answers what has come.
void EdgeService::serve(SimTime now, role::Effects& effects) {
  if (under_ || models_.serving() == nullptr) return;
  const auto range = clock_.take(now);
  if (range.count == 0) return go_on(now, effects);
  role::Job job;
  job.kind = wiring_.serve;
  job.inputs = {models_.serving()->model};
  under_ = Under{0, models_.serving()->version, 0, range.count};
  if (models_.shadow() != nullptr) {
    job.inputs.push_back(models_.shadow()->model);
    under_->shadow = models_.shadow()->version;
  }
  job.body = to_bytes(Serving::Body{range.first, range.count, detector_});
  under_->job = book_.start(std::move(job), range.first, step_of(now), effects);
}

/// Waits for what comes next, or says that nothing more does.
void EdgeService::go_on(SimTime now, role::Effects& effects) {
  if (models_.serving() == nullptr) return;
  if (clock_.over() && !over_told_) {
    over_told_ = true;
    effects.send(
        wiring_.reports.measurement(book_.node(), NodeId::cloud(), ServingKind::kServed,
                                    Served{.missed = std::exchange(missed_, 0), .over = true}));
  }
  clock_.await_next(now, effects);
}

void EdgeService::served(const role::JobFinished& finished, SimTime now, role::Effects& effects) {
  const Under done = *std::exchange(under_, std::nullopt);
  auto batch = report_of<ServedBatch>(finished.report);
  const Channel channel = wiring_.reports;
  const NodeId self = book_.node();
  over_told_ = clock_.over();
  effects.send(channel.measurement(self, NodeId::cloud(), ServingKind::kServed,
                                   Served{.version = done.version,
                                          .requests = batch.requests,
                                          .correct = batch.correct,
                                          .hard = batch.hard,
                                          .mined = static_cast<std::uint32_t>(batch.mined.size()),
                                          .missed = std::exchange(missed_, 0),
                                          .over = over_told_}));
  if (!batch.mined.empty()) {
    effects.send(channel.message(self, NodeId::cloud(), ServingKind::kExamples,
                                 ExamplesSent{done.version, done.shadow, std::move(batch.mined)},
                                 {finished.outputs[0]}));
  }
  detector_ = std::move(batch.detector);
  effects.persist();
  if (batch.drift != Drift::kNone) {
    effects.send(
        channel.message(self, NodeId::cloud(), ServingKind::kDrift, DriftSeen{batch.drift}));
  }
  go_on(now, effects);
}

void EdgeService::on_job(const role::JobFinished& finished, SimTime now, role::Effects& effects) {
  if (under_ && finished.number == under_->job) return served(finished, now, effects);
  if (const auto number = asked_.take(finished.number)) {
    --from_outside_;
    const auto label = report_of<std::int32_t>(finished.report);
    role::Answer answer{.request = *number, .label = label, .prediction = finished.outputs[0]};
    if (label < 0) {
      answer.prediction = {};
      answer.refusal = "the example has a value that is not a finite number";
    }
    return effects.answer(std::move(answer));
  }
  heard(models_.on_job(finished, effects), now, effects);
}

void EdgeService::on_job_failed(const role::JobFailed& failed, SimTime now,
                                role::Effects& effects) {
  if (under_ && failed.number == under_->job) {
    missed_ += under_->count;
    under_.reset();
    return go_on(now, effects);
  }
  if (const auto number = asked_.take(failed.number)) {
    --from_outside_;
    return effects.answer({.request = *number, .refusal = failed.failure.message()});
  }
  heard(models_.on_job_failed(failed, effects), now, effects);
}

datasets::Slice EdgeService::to_learn(Policy policy, std::uint32_t window, SimTime now) const {
  if (policy == Policy::kWindow) return clock_.newest(window, now);
  return clock_.since(policy == Policy::kFineTune ? std::optional(installed_) : std::nullopt, now);
}

/// Why a request from outside is not accepted; empty if it is.
std::string EdgeService::why_not(const role::Request& request) const {
  const Serving& serving = wiring_.serving;
  if (std::string why = serving.examples().misfit(request.example); !why.empty()) return why;
  if (models_.serving() == nullptr) return "this edge has no model yet: ask again later";
  if (from_outside_ >= serving.config().waiting) {
    return std::to_string(from_outside_) + " requests are under way: ask again later";
  }
  return "";
}

void EdgeService::on_request(const role::Request& request, SimTime now, role::Effects& effects) {
  if (std::string why = why_not(request); !why.empty()) {
    return effects.answer({.request = request.number, .refusal = std::move(why)});
  }
  ++from_outside_;
  role::Job job;
  job.kind = wiring_.answer;
  job.inputs = {models_.serving()->model, request.example};
  const std::uint64_t number =
      book_.start(std::move(job), static_cast<Round>(request.number), step_of(now), effects);
  asked_.add(number, request.number);
}

}  // namespace skerry::parts
