#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <unordered_map>
#include <vector>

#include "algorithms/sdk/time.hpp"
#include "algorithms/sdk/workspace.hpp"
#include "scenarios/host/elsewhere.hpp"
#include "scenarios/host/places.hpp"
#include "scenarios/role/paradigm.hpp"

namespace skerry::host {

/// Runs jobs on threads. A job starts when its inputs are there; among those ready, the one wanted
/// first runs first. Results do not depend on the number of threads, only their time does.
///
/// With one thread nothing runs in the background: jobs run inside await(). With n, there are n - 1
/// workers and the awaiting thread helps. Threads without work look for it for some microseconds
/// before they sleep, since a small job ends sooner than a sleeper wakes.
///
/// Where there are other places, jobs go there too. What an edge's own job made stays with the jobs
/// that take it at the place the edge belongs to; what is known in shape only once it is made stays
/// here; everything else goes where a thread is free. The awaiting thread looks after the places
/// between its own jobs.
class Executor {
 public:
  /// @param places  outlive the executor; none where null.
  Executor(const role::Paradigm& paradigm, unsigned threads, Places* places = nullptr);
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
  /// Waits for everything submitted; then every payload that somebody holds is here.
  void drain();
  /// For a place that others give jobs: runs them until over(), which is asked between two jobs and
  /// again and again while there are none.
  void serve(const std::function<bool()>& over);

  /// For live drivers: called on a worker thread when a job has finished.
  void on_finished(std::function<void(const TaskRef&)> callback) {
    callback_ = std::move(callback);
  }
  /// Background threads only, for drivers that never await.
  static constexpr unsigned kBackground = 0x1000;

 private:
  /// Tasks in the order in which they are wanted.
  class Heap {
   public:
    bool empty() const { return tasks_.empty(); }
    const TaskRef& top() const { return tasks_.front(); }
    void push(TaskRef task);
    TaskRef pop();

   private:
    std::vector<TaskRef> tasks_;
  };

  void enqueue(const TaskRef& task);
  void work();
  void run(const TaskRef& task, Workspace& workspace);
  void complete(const TaskRef& task, ByteVector report);
  void make_ready(TaskRef task);
  void wake_one();
  TaskRef pop_ready();
  template <class Done>
  void sleep_until(std::unique_lock<std::mutex>& lock, const Done& done);
  template <class Done>
  void help_until(const Done& done);

  // Other places (executor_places.cpp).
  std::optional<unsigned> belongs_to(const Task& task) const;
  bool runs_here(const Task& task) const;
  void look();
  void take_in(Places::News news);
  void place_waiting();
  void place(const TaskRef& task);
  void give_away();
  void send_off(const TaskRef& task, unsigned place);
  std::size_t share(unsigned place, std::size_t jobs) const;
  void want(const role::PayloadRef& payload);
  void want_from(Task& maker, const role::PayloadRef& output);
  void bring_all();

  const role::Paradigm& paradigm_;
  const bool spins_;  // there is a core for every thread
  std::mutex mutex_;
  std::condition_variable changed_;
  Heap ready_;                                                    // to run on any thread here
  Heap anywhere_;                                                 // or elsewhere
  std::unordered_map<const role::PayloadCell*, TaskRef> makers_;  // of payloads not there yet
  std::uint64_t submitted_ = 0;
  unsigned sleeping_ = 0;                     // not yet told to wake
  std::atomic<std::size_t> ready_count_ = 0;  // in both heaps, for a look without the lock
  std::atomic<std::size_t> running_ = 0;      // jobs on threads here
  std::atomic<std::uint64_t> unfinished_ = 0;
  std::atomic<bool> closing_ = false;
  std::function<void(const TaskRef&)> callback_;

  Places* places_;
  std::optional<Elsewhere> elsewhere_;
  const unsigned threads_;
  std::vector<TaskRef> unplaced_;  // inputs are made, but not all are here, or it belongs elsewhere
  std::atomic<std::size_t> unplaced_count_ = 0;
  std::map<PayloadKey, std::vector<TaskRef>> coming_;    // who waits for bits on their way here
  std::unordered_map<std::uint64_t, TaskRef> sent_off_;  // by sequence
  std::vector<std::size_t> load_;                        // jobs at each place

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
  std::optional<unsigned> home_;                  // the place that must run it
  unsigned place_ = 0;                            // the place that runs it
  std::vector<role::PayloadRef> wanted_outputs_;  // bits needed here, wherever it runs
  std::size_t unmet_ = 0;                         // inputs still to come
  std::vector<TaskRef> dependents_;               // an entry for each input that this task makes
  std::vector<role::PayloadRef> outputs_;
  ByteVector report_;
  std::atomic<bool> finished_ = false;  // the report may be read
};

}  // namespace skerry::host
