#include "scenarios/parts/edge_service.hpp"

#include <algorithm>
#include <utility>

#include "scenarios/parts/job_body.hpp"
#include "scenarios/parts/serving_messages.hpp"

namespace skerry::parts {

void EdgeService::miss(const Under& under) {
  missed_ += under.count;
  if (under.live) live_.missed += under.count;
}

void EdgeService::start(SimTime now, role::Effects& effects) {
  if (under_) miss(*under_);
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
  live_.due = arrived_.waiting();
  const auto range = clock_.take(now);
  if (range.count == 0) return go_on(now, effects);
  const Serving::Body body{
      .first = range.first + live_.taken, .count = range.count, .row = range.first};
  start(body, {}, now, effects);
}

/// Answers samples from outside.
void EdgeService::serve_live(SimTime now, role::Effects& effects) {
  const std::uint64_t most = std::min<std::uint64_t>(live_.due, StreamClock::kMost);
  auto run = arrived_.take(static_cast<std::uint32_t>(most));
  const auto count = static_cast<std::uint32_t>(run.labels.size());
  const Serving::Body body{.first = clock_.position() + live_.taken,
                           .count = count,
                           .row = run.place,
                           .labels = std::move(run.labels)};
  live_.taken += count;
  live_.due -= count;
  start(body, run.inputs, now, effects);
}

/// @param samples  from outside; null: rows of the view.
void EdgeService::start(Serving::Body body, const role::PayloadRef& samples, SimTime now,
                        role::Effects& effects) {
  role::Job job;
  job.kind = wiring_.serve;
  job.inputs = {models_.serving()->model};
  const auto unknown = std::ranges::count(body.labels, std::int32_t{-1});
  under_ = Under{.version = models_.serving()->version,
                 .count = body.count,
                 .live = bool{samples},
                 .unknown = static_cast<std::uint32_t>(unknown)};
  if (models_.shadow() != nullptr) {
    job.inputs.push_back(models_.shadow()->model);
    under_->shadow = models_.shadow()->version;
    body.shadow = true;
  }
  if (samples) job.inputs.push_back(samples);
  body.detector = detector_;
  job.body = to_bytes(body);
  under_->job = book_.start(std::move(job), body.first, step_of(now), effects);
}

/// Waits for what comes next, or says that nothing more does.
void EdgeService::go_on(SimTime now, role::Effects& effects) {
  if (models_.serving() == nullptr) return;
  const bool news = live_.open ? !live_.told || live_.faulty > 0 : over() && !over_told_;
  if (news) tell({}, {}, effects);
  if (live_.due > 0) return serve_live(now, effects);
  clock_.await_next(now, arrived_.waiting() > 0, effects);
}

/// Tells the cloud what became of a batch, and of what was missed before it.
void EdgeService::tell(const Under& done, const ServedBatch& batch, role::Effects& effects) {
  over_told_ = over();
  const Served served{.version = done.version,
                      .requests = batch.requests,
                      .correct = batch.correct,
                      .hard = batch.hard,
                      .mined = static_cast<std::uint32_t>(batch.mined.size()),
                      .missed = std::exchange(missed_, 0),
                      .over = over_told_};
  const Channel channel = wiring_.reports;
  const NodeId self = book_.node(), cloud = NodeId::cloud();
  if (!live_.open) {
    return effects.send(channel.measurement(self, cloud, ServingKind::kServed, served));
  }
  live_.told = true;
  const std::uint32_t live = done.live ? batch.requests : 0;
  effects.send(channel.measurement(self, cloud, ServingKind::kServedLive,
                                   ServedLive{.served = served,
                                              .unknown = done.unknown,
                                              .live = live + std::exchange(live_.missed, 0),
                                              .faulty = std::exchange(live_.faulty, 0)}));
}

void EdgeService::served(const role::JobFinished& finished, SimTime now, role::Effects& effects) {
  const Under done = *std::exchange(under_, std::nullopt);
  auto batch = report_of<ServedBatch>(finished.report);
  const Channel channel = wiring_.reports;
  const NodeId self = book_.node();
  tell(done, batch, effects);
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
    miss(*under_);
    under_.reset();
    return go_on(now, effects);
  }
  if (const auto number = asked_.take(failed.number)) {
    --from_outside_;
    return effects.answer({.request = *number, .refusal = failed.failure.message()});
  }
  heard(models_.on_job_failed(failed, effects), now, effects);
}

Lesson EdgeService::to_learn(Policy policy, std::uint32_t window, SimTime now) const {
  if (policy == Policy::kWindow) {
    Lesson lesson{.slice = {}, .arrived = arrived_.kept(window, std::nullopt)};
    std::size_t left = window;
    for (const SampleRun& run : lesson.arrived) left -= run.labels.size();
    lesson.slice = left == 0 ? datasets::Slice::between({}, {})
                             : clock_.newest(static_cast<std::uint32_t>(left), now);
    return lesson;
  }
  const auto since = policy == Policy::kFineTune ? std::optional(installed_) : std::nullopt;
  return {.slice = clock_.since(since, now), .arrived = arrived_.kept(wiring_.keeps, since)};
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

/// Whether they are examples, each with a class or none.
bool EdgeService::sound(const role::SamplesArrived& samples) const {
  const auto classes = static_cast<std::int32_t>(wiring_.serving.data().schema().classes);
  const auto may_be = [&](std::int32_t label) { return label >= -1 && label < classes; };
  if (samples.labels.empty()) return true;
  return samples.inputs &&
         wiring_.serving.examples().count(samples.inputs.shape()) == samples.labels.size() &&
         std::ranges::all_of(samples.labels, may_be);
}

void EdgeService::on_samples(const role::SamplesArrived& samples, SimTime now,
                             role::Effects& effects) {
  live_.open = true;
  live_.faulty += samples.faulty;
  if (sound(samples)) {
    arrived_.add(samples, now);
  } else {
    live_.faulty += static_cast<std::uint32_t>(samples.labels.size());
  }
  effects.persist();
  if (!under_) go_on(now, effects);
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
