#pragma once

#include <atomic>
#include <map>
#include <mutex>
#include <thread>
#include <utility>

#include "tests/scenarios/errands.hpp"

namespace skerry {

/// Errands in which the job of edge-1 in round 2 fails as late as possible: the first time, only
/// after the role was told that it finished. Only an optimistic simulation tells the role that
/// early; a driver that waits for the job waits for ever.
class LateFailure {
 public:
  Errands::Plan plan() {
    return {.edges = 3,
            .during =
                [this](const role::Job& job, float&) {
                  {
                    const std::lock_guard lock(mutex_);
                    ++times_[{job.node, job.number}];
                  }
                  if (job.kind != Errands::kErrand || job.step != 2) return;
                  if (job.node != NodeId::edge(1)) return;
                  while (!told_) std::this_thread::yield();
                  throw std::runtime_error("not today");
                },
            .reroute =
                [this](const role::Message& message) {
                  if (message.from == NodeId::edge(1) && ++sent_ == 2) told_ = true;
                }};
  }
  /// The same failure, at once.
  static Errands::Plan at_once() {
    return {.edges = 3, .during = [](const role::Job& job, float&) {
              if (job.kind == Errands::kErrand && job.step == 2 && job.node == NodeId::edge(1)) {
                throw std::runtime_error("not today");
              }
            }};
  }
  /// How often the jobs of that node ran, by number.
  std::map<std::uint64_t, int> times(NodeId node) const {
    const std::lock_guard lock(mutex_);
    std::map<std::uint64_t, int> found;
    for (const auto& [job, count] : times_) {
      if (job.first == node) found[job.second] = count;
    }
    return found;
  }

 private:
  mutable std::mutex mutex_;
  std::map<std::pair<NodeId, std::uint64_t>, int> times_;
  std::atomic<bool> told_ = false;
  std::atomic<int> sent_ = 0;
};

}  // namespace skerry
