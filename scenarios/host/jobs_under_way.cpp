#include "scenarios/host/jobs_under_way.hpp"

#include <algorithm>

#include "scenarios/host/executor.hpp"

namespace skerry::host {

std::vector<JobUnderWay> JobsUnderWay::look(Duration now) {
  const std::lock_guard lock(mutex_);
  std::vector<JobUnderWay> all;
  for (Watched& watched : watched_) {
    std::map<std::uint64_t, Duration> seen;
    for (JobUnderWay& job : watched.executor->under_way()) {
      const auto before = watched.first_seen.find(job.sequence);
      const Duration first = before == watched.first_seen.end() ? now : before->second;
      seen.emplace(job.sequence, first);
      job.age = now - first;
      all.push_back(std::move(job));
    }
    watched.first_seen = std::move(seen);
  }
  std::stable_sort(all.begin(), all.end(),
                   [](const JobUnderWay& a, const JobUnderWay& b) { return a.age > b.age; });
  return all;
}

void JobsUnderWay::add(Executor& executor) {
  const std::lock_guard lock(mutex_);
  watched_.push_back({&executor, {}});
}

void JobsUnderWay::remove(Executor& executor) {
  const std::lock_guard lock(mutex_);
  std::erase_if(watched_, [&](const Watched& watched) { return watched.executor == &executor; });
}

}  // namespace skerry::host
