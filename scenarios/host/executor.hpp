#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <vector>

#include "algorithms/sdk/time.hpp"
#include "algorithms/sdk/workspace.hpp"
#include "scenarios/role/paradigm.hpp"

namespace skerry::host {

/// Runs jobs on threads. A job starts when its inputs are there; among those ready, the one wanted
/// first runs first. Results do not depend on the number of threads, only their time does.
///
/// With one thread nothing runs in the background: jobs run inside await(). With n, there are n - 1
/// workers and the awaiting thread helps. Threads without work look for it for some microseconds
/// before they sleep, since a small job ends sooner than a sleeper wakes.
class Executor {
 public:
  Executor(const role::Paradigm& paradigm, unsigned threads);
  ~Executor();
  Executor(const Executor&) = delete;
  Executor& operator=(const Executor&) = delete;

  /// A job on its way. Its outputs can be sent and used as inputs before they are there.
  class Task;
  using TaskRef = std::shared_ptr<Task>;

  /// @param wanted  when the result will be needed: the order in which ready jobs run.
  TaskRef submit(role::Job job, SimTime wanted);
  const std::vector<role::PayloadRef>& outputs(const TaskRef& task) const;
  /// Waits for the job, helping meanwhile; its report.
  const ByteVector& await(const TaskRef& task);
  bool finished(const TaskRef& task) const;
  /// Waits until that payload is there.
  void await(const role::PayloadRef& payload);
  /// Waits for everything submitted.
  void drain();

  /// For live drivers: called on a worker thread when a job has finished.
  void on_finished(std::function<void(const TaskRef&)> callback) {
    callback_ = std::move(callback);
  }
  /// Background threads only, for drivers that never await.
  static constexpr unsigned kBackground = 0x1000;

 private:
  void work();
  void run(const TaskRef& task, Workspace& workspace);
  void make_ready(TaskRef task);
  TaskRef pop_ready();
  template <class Done>
  void sleep_until(std::unique_lock<std::mutex>& lock, const Done& done);
  template <class Done>
  void help_until(const Done& done);

  const role::Paradigm& paradigm_;
  const bool spins_;  // there is a core for every thread
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<TaskRef> ready_;  // a heap, the one wanted first on top
  struct HashId {
    std::size_t operator()(const role::PayloadId& id) const {
      return id.origin * 0x9e3779b97f4a7c15u + id.number;
    }
  };
  std::unordered_map<role::PayloadId, TaskRef, HashId> makers_;  // of payloads not there yet
  std::uint64_t submitted_ = 0;
  unsigned sleeping_ = 0;  // not yet told to wake
  std::atomic<std::size_t> ready_count_ = 0;  // ready_.size(), for a look without the lock
  std::atomic<std::uint64_t> unfinished_ = 0;
  std::atomic<bool> closing_ = false;
  std::function<void(const TaskRef&)> callback_;
  Workspace own_workspace_;  // of the awaiting thread
  std::vector<std::thread> workers_;
};

class Executor::Task {
 public:
  std::uint64_t number() const { return number_; }
  NodeId node() const { return node_; }
  /// The order in which ready tasks run.
  bool before(const Task& other) const {
    return wanted_ != other.wanted_ ? wanted_ < other.wanted_ : sequence_ < other.sequence_;
  }

 private:
  friend class Executor;
  role::Job job_;
  std::uint64_t number_ = 0;  // the node's job number
  NodeId node_;
  SimTime wanted_;
  std::uint64_t sequence_ = 0;
  std::size_t unmet_ = 0;            // inputs still to come
  std::vector<TaskRef> dependents_;  // an entry for each input that this task makes
  std::vector<role::PayloadRef> outputs_;
  ByteVector report_;
  std::atomic<bool> finished_ = false;  // the report may be read
};

}  // namespace skerry::host
