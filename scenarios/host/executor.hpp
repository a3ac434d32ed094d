#pragma once

#include <array>
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
/// With one thread nothing runs in the background: jobs run inside await(). With n there are n
/// workers. The awaiting thread helps with small jobs only, so that it goes on as soon as what it
/// waits for is there; one worker stands in for it where jobs are large and leaves the small ones.
/// Either way n threads compute. A job may have its parts run by threads that are idle. Among small
/// jobs, threads without work look for it for a while before they sleep, since such a job ends
/// sooner than a sleeper wakes.
class Executor : private Parallel {
 public:
  Executor(const role::Paradigm& paradigm, unsigned threads);
  ~Executor() override;
  Executor(const Executor&) = delete;
  Executor& operator=(const Executor&) = delete;

  /// A job on its way. Its outputs can be sent and used as inputs before they are there.
  class Task;
  using TaskRef = std::shared_ptr<Task>;

  /// @param wanted  when the result will be needed: the order in which ready jobs run.
  /// @param work    what it costs, where that is known: tells small jobs.
  TaskRef submit(role::Job job, SimTime wanted, const role::Work& work = {});
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
  /// Ready jobs, the one wanted first on top.
  class Ready {
   public:
    void push(TaskRef task);
    TaskRef pop();
    bool empty() const { return heap_.empty(); }
    const Task& top() const { return *heap_.front(); }
    /// For a look without the lock.
    std::size_t glance() const { return size_; }

   private:
    std::vector<TaskRef> heap_;
    std::atomic<std::size_t> size_ = 0;
  };
  /// What a thread does here: which jobs it takes, and whether it looks before it sleeps.
  enum class Seat : std::uint8_t { kWorker, kStandIn, kAwaiting };
  static constexpr std::size_t kSeats = 3;
  /// Threads of one seat that sleep. All calls under the lock.
  class Sleepers {
   public:
    void wait(std::unique_lock<std::mutex>& lock);
    void wake();

   private:
    std::condition_variable changed_;
    unsigned count_ = 0;  // not yet told to wake
  };

  /// The parts of one job, taken by whoever is idle.
  struct Parts {
    Parts(const std::function<void(std::size_t)>* one, std::size_t all)
        : part(one), count(all), left(all) {}
    const std::function<void(std::size_t)>* part;
    std::size_t count;
    std::atomic<std::size_t> next = 0;
    std::atomic<std::size_t> left;
    /// Takes one after another until none is left to take.
    void run();
  };
  void each(std::size_t parts, const std::function<void(std::size_t)>& part) override;
  /// Offers them no longer: all are taken. Under the lock.
  void withdraw(const std::shared_ptr<Parts>& parts);

  void work(Seat seat);
  void run(const TaskRef& task, Workspace& workspace);
  void make_ready(TaskRef task);
  /// Runs what is ready until done(), which may be called with and without the lock.
  template <class Done>
  void work_until(const Done& done, Seat seat, Workspace& workspace);
  template <class Done>
  void help_until(const Done& done);
  bool takes_small(Seat seat) const { return seat != Seat::kStandIn; }
  bool takes_large(Seat seat) const { return seat != Seat::kAwaiting || workers_.empty(); }
  bool any_ready(Seat seat) const;
  /// The same at a glance, without the lock.
  bool may_be_ready(Seat seat) const;
  TaskRef pop_ready(Seat seat);
  Sleepers& sleepers(Seat seat) { return sleepers_[static_cast<std::size_t>(seat)]; }

  const role::Paradigm& paradigm_;
  const bool spins_;  // there is a core for every thread
  std::mutex mutex_;
  std::array<Sleepers, kSeats> sleepers_;
  Ready small_;
  Ready large_;
  std::shared_ptr<Parts> parts_;  // of the job that offers some, or null
  std::atomic<bool> parts_offered_ = false;
  struct HashId {
    std::size_t operator()(const role::PayloadId& id) const {
      return id.origin * 0x9e3779b97f4a7c15u + id.number;
    }
  };
  std::unordered_map<role::PayloadId, TaskRef, HashId> makers_;  // of payloads not there yet
  std::uint64_t submitted_ = 0;
  std::atomic<bool> standing_in_ = false;  // the stand-in computes
  std::atomic<std::uint64_t> unfinished_ = 0;
  std::atomic<bool> closing_ = false;
  std::function<void(const TaskRef&)> callback_;
  Workspace own_workspace_{*this};  // of the awaiting thread
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
  bool small_ = false;
  std::uint64_t sequence_ = 0;
  std::size_t unmet_ = 0;            // inputs still to come
  std::vector<TaskRef> dependents_;  // an entry for each input that this task makes
  std::vector<role::PayloadRef> outputs_;
  ByteVector report_;
  std::atomic<bool> finished_ = false;  // the report may be read
};

}  // namespace skerry::host
