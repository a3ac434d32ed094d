#include "sim/processor.hpp"

#include <algorithm>
#include <cmath>

#include "algorithms/sdk/check.hpp"

namespace skerry::sim {
namespace {

// A nanosecond of computing at full speed, in units of work. Rounding a rate up to a whole unit a
// nanosecond gives a job at most 2^-17 ns of computing too much in a day.
constexpr int kNanosecondBits = 64;
constexpr Work kUnitsPerNanosecond = Work{1} << kNanosecondBits;
constexpr std::int64_t kMostNanoseconds = std::int64_t{1} << 62;
constexpr std::int64_t kMillion = 1'000'000;

}  // namespace

Processor::Processor(std::uint32_t cores) : cores_(cores) {
  SKERRY_CHECK(cores > 0, "a device has at least one core");
}

void Processor::start(const Job& job, SimTime now) {
  const std::int64_t ns = std::min(job.work.count(), kMostNanoseconds);
  SKERRY_CHECK(ns >= 0, "a job does not take less than no time");
  advance(now);
  SKERRY_CHECK(std::none_of(jobs_.begin(), jobs_.end(),
                            [&](const Running& running) { return running.id == job.id; }),
               "two jobs of a device have one id");
  insert(job.id, ns * kUnitsPerNanosecond);
  settle();
}

Duration Processor::cancel(JobId id, SimTime now) {
  advance(now);
  const auto found = std::find_if(jobs_.begin(), jobs_.end(),
                                  [id](const Running& running) { return running.id == id; });
  SKERRY_CHECK(found != jobs_.end(), "a job that is not on the device");
  const Work left = std::max(Work{0}, found->target - progress_);
  jobs_.erase(found);
  settle();
  return Duration::nanoseconds(static_cast<std::int64_t>(ceil_ratio(left, kUnitsPerNanosecond)));
}

void Processor::set_slow_down(double factor, SimTime now) {
  SKERRY_CHECK(factor >= 1 && factor <= kMostSlowDown, "a slow-down lies between 1 and 10^9");
  advance(now);
  slow_down_millionths_ =
      static_cast<std::uint64_t>(std::llround(factor * static_cast<double>(kMillion)));
  settle();
}

SimTime Processor::next_finish() const {
  if (jobs_.empty()) return SimTime::never();
  return completion(now_, jobs_.front().target - progress_, rate_);
}

std::vector<JobId> Processor::take_finished(SimTime now) {
  advance(now);
  const auto end = std::find_if(jobs_.begin(), jobs_.end(), [this](const Running& running) {
    return running.target > progress_;
  });
  std::vector<JobId> finished;
  std::transform(jobs_.begin(), end, std::back_inserter(finished),
                 [](const Running& running) { return running.id; });
  std::sort(finished.begin(), finished.end());
  jobs_.erase(jobs_.begin(), end);
  settle();
  return finished;
}

void Processor::advance(SimTime now) {
  SKERRY_CHECK(now >= now_, "time on a device ran backwards");
  SKERRY_CHECK(now <= next_finish(), "a finished job was left on a device");
  progress_ += rate_ * (now - now_).count();
  now_ = now;
}

void Processor::settle() {
  if (jobs_.empty()) {
    progress_ = 0;
    rate_ = 0;
    return;
  }
  const auto jobs = static_cast<Work>(jobs_.size());
  const Work busy_cores = std::min(jobs, Work{cores_});
  rate_ = ceil_ratio(busy_cores * kMillion * kUnitsPerNanosecond, jobs * slow_down_millionths_);
}

void Processor::insert(JobId id, Work left) {
  const Running running{progress_ + left, id};
  jobs_.insert(std::upper_bound(jobs_.begin(), jobs_.end(), running), running);
}

Processor::Snapshot Processor::save() const {
  Snapshot snapshot{
      .now = now_, .cores = cores_, .slow_down_millionths = slow_down_millionths_, .jobs = {}};
  for (const Running& running : jobs_) {
    snapshot.jobs.push_back({.id = running.id, .left = WorkWords(running.target - progress_)});
  }
  return snapshot;
}

Processor Processor::load(const Snapshot& snapshot) {
  Processor processor(snapshot.cores);
  processor.now_ = snapshot.now;
  processor.slow_down_millionths_ = snapshot.slow_down_millionths;
  for (const auto& job : snapshot.jobs) processor.insert(job.id, job.left.work());
  processor.settle();
  return processor;
}

}  // namespace skerry::sim
