#include "scenarios/parts/collection.hpp"

#include <algorithm>

namespace skerry::parts {

void Collection::begin(bool gathers, Exchange exchange) {
  *this = Collection();
  gathers_ = gathers;
  exchange_ = exchange;
}

void Collection::add(const UpdateEntry& entry, role::PayloadRef update) {
  (closed_ ? next_ : waiting_).push_back({entry, std::move(update)});
}

std::optional<role::Job> Collection::next_job() {
  const bool worthwhile = waiting_.size() >= kPass || (closed_ && !waiting_.empty());
  if (gathers_ || running_ || !worthwhile) return std::nullopt;
  role::Job job;
  AccumulateBody body{.exchange = exchange_, .has_sums = static_cast<bool>(sums_), .updates = {}};
  // Our handle to the sums goes with the job, which may then change them in place.
  if (sums_) job.inputs.push_back(std::move(sums_));
  sums_ = {};
  const auto end = waiting_.begin() + static_cast<std::ptrdiff_t>(std::min(waiting_.size(), kMost));
  for (auto waiting = waiting_.begin(); waiting != end; ++waiting) {
    body.updates.push_back(waiting->entry);
    job.inputs.push_back(std::move(waiting->update));
  }
  running_ = true;
  running_updates_ = static_cast<std::uint32_t>(body.updates.size());
  waiting_.erase(waiting_.begin(), end);
  job.body = to_bytes(body);
  return job;
}

std::vector<Verdict> Collection::finished(const role::JobFinished& job) {
  const auto report = from_bytes<AccumulateReport>(job.report);
  SKERRY_CHECK(running_ && report.has_value(), "the sums were being added to");
  sums_ = job.outputs[0];
  running_ = false;
  running_updates_ = 0;
  for (const Verdict& verdict : report->verdicts) accepted_ += verdict.finite ? 1 : 0;
  return report->verdicts;
}

role::Job Collection::finish_job(FinishBody body) {
  role::Job job;
  body.exchange = exchange_;
  body.has_sums = static_cast<bool>(sums_);
  body.accepted = accepted_;
  job.inputs.emplace_back();
  if (sums_) job.inputs.push_back(std::move(sums_));
  for (Waiting& waiting : waiting_) {
    body.updates.push_back(waiting.entry);
    job.inputs.push_back(std::move(waiting.update));
  }
  job.body = to_bytes(body);
  Collection fresh;
  fresh.gathers_ = gathers_;
  fresh.exchange_ = exchange_;
  fresh.waiting_ = std::move(next_);
  for (Waiting& waiting : fresh.waiting_) ++waiting.entry.staleness;
  *this = std::move(fresh);
  return job;
}

}  // namespace skerry::parts
