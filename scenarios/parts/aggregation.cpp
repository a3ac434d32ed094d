#include "scenarios/parts/aggregation.hpp"

#include <algorithm>
#include <utility>

#include "scenarios/parts/job_body.hpp"

namespace skerry::parts {

std::uint64_t Aggregation::start(Step step, role::Job job, Round round, role::Effects& effects) {
  const Federation::Kinds& kinds = federation_.kinds();
  const std::uint16_t kind_of[] = {kinds.initialise, kinds.decode, kinds.accumulate, kinds.finish,
                                   kinds.encode_down};
  job.kind = kind_of[static_cast<std::size_t>(step)];
  const std::uint64_t number = book_.start(std::move(job), round, round, effects);
  notes_.add(number, {step, round});
  return number;
}

void Aggregation::initialise(role::PayloadRef model, role::Effects& effects) {
  role::Job job;
  if (model) job.inputs = {std::move(model)};
  start(Step::kInitialise, std::move(job), 0, effects);
}

void Aggregation::begin(Exchange exchange) {
  collection_.begin(federation_.path().gathers(), exchange);
  closing_ = false;
  decoding_.clear();
  decoded_late_.clear();
}

void Aggregation::add(const UpdateEntry& entry, role::PayloadRef update, Round round,
                      role::Effects& effects) {
  if (!federation_.path().up().opens_before()) return collection_.add(entry, std::move(update));
  role::Job job;
  job.inputs = {std::move(update)};
  job.body = to_bytes(DecodeBody{collection_.exchange(), entry});
  decoding_[start(Step::kDecode, std::move(job), round, effects)] = {entry, closing_};
}

std::uint32_t Aggregation::awaited_decodings() const {
  return static_cast<std::uint32_t>(std::count_if(
      decoding_.begin(), decoding_.end(), [](const auto& one) { return !one.second.late; }));
}

void Aggregation::close() {
  closing_ = true;
  close_when_decoded();
}

void Aggregation::close_when_decoded() {
  if (!closing_ || awaited_decodings() > 0) return;
  collection_.close();
  for (auto& [entry, update] : std::exchange(decoded_late_, {})) {
    collection_.add(entry, std::move(update));
  }
}

void Aggregation::decoded(const Decoding& what, const role::PayloadRef& update) {
  if (what.late && !collection_.closed()) {
    decoded_late_.emplace_back(what.entry, update);
  } else {
    collection_.add(what.entry, update);
  }
  close_when_decoded();
}

void Aggregation::accumulate(Round round, role::Effects& effects) {
  if (auto job = collection_.next_job()) {
    start(Step::kAccumulate, std::move(*job), round, effects);
  }
}

void Aggregation::finish(Finish how, role::Effects& effects) {
  FinishBody body;
  body.round = how.round;
  body.minimum = how.minimum;
  body.replies = std::move(how.replies);
  role::Job job = collection_.finish_job(std::move(body));
  closing_ = false;
  for (auto& [number, decoding] : decoding_) {
    if (decoding.late) ++decoding.entry.staleness;  // as for those that wait already
    decoding.late = false;
  }
  job.inputs[0] = server_;
  for (role::PayloadRef& result : how.results) job.inputs.push_back(std::move(result));
  start(Step::kFinish, std::move(job), how.round, effects);
}

std::optional<Aggregation::News> Aggregation::on_job(const role::JobFinished& finished,
                                                     role::Effects& effects) {
  const auto note = notes_.take(finished.number);
  if (!note) return std::nullopt;
  switch (note->step) {
    case Step::kInitialise:
      server_ = finished.outputs[0];
      down_ = finished.outputs[1];
      return made_down(*note, effects);
    case Step::kDecode: {
      const auto report = report_of<DecodeReport>(finished.report);
      const auto update = decoding_.extract(finished.number);
      if (update.empty()) return Nothing{};  // its collection was given up
      if (!report.refused.empty()) {
        close_when_decoded();
        return NotOpened{update.mapped().entry, report.refused};
      }
      decoded(update.mapped(), finished.outputs[0]);
      return Nothing{};
    }
    case Step::kAccumulate:
      return collection_.finished(finished);
    case Step::kFinish:
      finished_ = report_of<FinishReport>(finished.report);
      server_ = finished.outputs[0];
      down_ = finished.outputs[1];
      return made_down(*note, effects);
    case Step::kEncodeDown:
      if (federation_.path().sends_changes()) {
        const bool first = downlink_.version() == 0;
        downlink_.add(finished.outputs[1], first ? role::PayloadRef() : finished.outputs[0],
                      federation_.path().down_versions());
      } else {
        downlink_.add(finished.outputs[0], {}, 0);
      }
      return announce();
  }
  return Nothing{};
}

/// A model is there. If it looks different on the wire, starts the job that encodes it for edges.
std::optional<Aggregation::News> Aggregation::made_down(const Note& note, role::Effects& effects) {
  if (!federation_.path().encodes_down()) {
    downlink_.add(down_, {}, 0);
    return announce();
  }
  role::Job job;
  job.inputs = {down_};
  if (federation_.path().sends_changes() && downlink_.whole()) {
    job.inputs.push_back(downlink_.whole());
  }
  start(Step::kEncodeDown, std::move(job), note.round, effects);
  return Nothing{};
}

Aggregation::News Aggregation::announce() {
  if (!finished_) return Ready{};
  const FinishReport report = std::move(*finished_);
  finished_.reset();
  return report;
}

}  // namespace skerry::parts
