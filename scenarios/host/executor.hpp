#pragma once

#include <array>
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <exception>
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
#include "scenarios/host/jobs_under_way.hpp"
#include "scenarios/host/places.hpp"
#include "scenarios/role/paradigm.hpp"

namespace skerry::host {

/// Runs jobs on threads. A job starts when its inputs are there; among those ready, the one wanted
/// first runs first. Results do not depend on the number of threads, only their time does.
///
/// With one thread nothing runs in the background: jobs run inside await(). With n there are n
/// workers. The awaiting thread helps with small jobs and with parts only, so that it soon goes on
/// when what it waits for is there; one worker stands in for it where jobs are large and leaves the
/// small ones.
/// Either way n threads compute, and one more while a small job is between large ones. A job may
/// have its parts run by threads that are idle, as long as fewer than n compute. Among small
/// jobs, threads without work look for it for a while before they sleep, since such a job ends
/// sooner than a sleeper wakes.
///
/// Where there are other places, jobs go there too. What an edge's own job made stays with the jobs
/// that take it at the place the edge belongs to; what is known in shape only once it is made stays
/// here, and so do small jobs; everything else goes where a thread is free. The thread that submits
/// and awaits looks after the places meanwhile.
class Executor : private Parallel {
 public:
  /// @param places  outlive the executor; none where null.
  /// @param watch   told what is computed here; outlives the executor; nobody where null.
  Executor(const role::Paradigm& paradigm, unsigned threads, Places* places = nullptr,
           JobsUnderWay* watch = nullptr);
  /// For drivers that never await: all threads are in the background, also where it is one.
  struct InBackground {
    unsigned threads = 1;
    JobsUnderWay* watch = nullptr;
  };
  Executor(const role::Paradigm& paradigm, InBackground background);
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
  /// Waits for the job, helping meanwhile; its report, which is empty where it failed.
  const ByteVector& await(const TaskRef& task);
  /// The job has given its results, or has failed.
  bool finished(const TaskRef& task) const;
  /// Why a finished job gave nothing; empty where it gave its results. A job fails when its code
  /// throws, or when a job that was to make one of its inputs failed; its outputs are given up.
  const std::optional<role::JobFailure>& failure(const TaskRef& task) const;
  /// Lets the caller go on, without waiting, as if the job gave its results; false where it has
  /// failed already. Where it fails later, disproved() says so from then on.
  bool assume(const TaskRef& task);
  /// A job has failed of which assume() was told that it would not.
  bool disproved() const { return disproved_; }
  /// Waits until every job of which that was assumed has finished or failed.
  void await_assumed();
  /// Waits until that payload is there. False where it will never be: it is given up.
  bool await(const role::PayloadRef& payload);
  /// Waits for everything submitted; then every payload that somebody holds is here.
  void drain();
  /// Computes until over(), which is asked between two jobs, and again and again while there are
  /// none: for a thread that must look elsewhere, too.
  void serve(const std::function<bool()>& over);

  /// Jobs that have begun, here or at other places, and have not returned; their ages are zero.
  /// From any thread.
  std::vector<JobUnderWay> under_way();

  /// For live drivers: called on a worker thread when a job has finished, or failed.
  void on_finished(std::function<void(const TaskRef&)> callback) {
    callback_ = std::move(callback);
  }

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
    Parts(const Part* one, std::size_t all) : part(one), count(all), left(all) {}
    const Part* part;
    std::size_t count;
    std::atomic<std::size_t> next = 0;
    std::atomic<std::size_t> left;
    std::mutex throwing;
    std::size_t thrown_by = 0;  // the first of the parts that threw, in their order
    std::exception_ptr thrown;  // what it threw; read when none is left
    /// Takes one; false where none is left to take.
    bool run_one(Workspace& workspace);
    void note_exception(std::size_t which);
  };
  void each(std::size_t parts, const Part& part, Workspace& own) override;
  std::size_t spare() const override;
  bool takes_parts() const { return parts_ && busy_ < threads_; }
  /// Offers them no longer: all are taken. Under the lock.
  void withdraw(const std::shared_ptr<Parts>& parts);

  /// The lock. It is held for a fraction of a microsecond, so that sleeping on it would cost both
  /// sides far more than looking again.
  std::unique_lock<std::mutex> locked();
  void work(Seat seat);
  void run(const TaskRef& task, Workspace& workspace);
  void complete(const TaskRef& task, ByteVector report);
  // Both under the lock. Every task that completes was noted as begun.
  void note_begun(Task& task);
  void note_returned(Task& task);
  void fail(const TaskRef& task, role::JobFailure failure);
  void enqueue(const TaskRef& task);
  void make_ready(TaskRef task);
  /// One job or the parts of one, as the seat takes; something is ready. Lets go of the lock.
  void run_one(std::unique_lock<std::mutex>& lock, Seat seat, Workspace& workspace);
  /// Runs what is ready until done(), which may be called with and without the lock.
  template <class Done>
  void work_until(const Done& done, Seat seat, Workspace& workspace);
  template <class Done>
  void help_until(const Done& done);
  bool takes_small(Seat seat) const { return seat != Seat::kStandIn; }
  bool takes_large(Seat seat) const { return seat != Seat::kAwaiting || workers_.empty(); }
  bool job_ready(Seat seat) const;
  bool any_ready(Seat seat) const;
  /// The same at a glance, without the lock.
  bool may_be_ready(Seat seat) const;
  TaskRef pop_ready(Seat seat);
  Sleepers& sleepers(Seat seat) { return sleepers_[static_cast<std::size_t>(seat)]; }

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
  const std::size_t threads_;
  const bool spins_;  // there is a core for every thread
  std::mutex mutex_;
  std::array<Sleepers, kSeats> sleepers_;
  Ready small_;
  Ready large_;
  Ready movable_;                         // large, and may run elsewhere
  std::atomic<std::size_t> running_ = 0;  // large jobs on threads here
  std::shared_ptr<Parts> parts_;          // of the job that offers some, or null
  std::atomic<bool> parts_offered_ = false;
  std::atomic<std::size_t> busy_ = 0;  // threads that compute, the one that awaits among them
  std::unordered_map<const role::PayloadCell*, TaskRef> makers_;  // of payloads not there yet
  std::atomic<std::size_t> looking_ = 0;  // threads that look before they sleep
  std::uint64_t submitted_ = 0;
  std::vector<Task*> begun_;               // and not returned; in no order
  std::atomic<bool> standing_in_ = false;  // the stand-in computes
  std::atomic<std::uint64_t> unfinished_ = 0;
  std::atomic<std::uint64_t> assumed_ = 0;  // of these
  std::atomic<bool> disproved_ = false;
  std::atomic<bool> closing_ = false;
  std::function<void(const TaskRef&)> callback_;

  JobsUnderWay* watch_;
  Places* places_;
  std::optional<Elsewhere> elsewhere_;
  std::vector<TaskRef> unplaced_;  // inputs are made, but not all are here, or it belongs elsewhere
  std::atomic<std::size_t> unplaced_count_ = 0;
  std::map<PayloadKey, std::vector<TaskRef>> coming_;    // who waits for bits on their way here
  std::unordered_map<std::uint64_t, TaskRef> sent_off_;  // by sequence
  std::vector<std::size_t> load_;                        // jobs at each place

  Workspace own_workspace_{*this};  // of the awaiting thread
  std::vector<std::thread> workers_;
};

class Executor::Task {
 public:
  std::uint64_t number() const { return number_; }
  NodeId node() const { return node_; }
  /// The order in which ready tasks run.
  bool before(const Task& other) const {
    if (goes_first_ != other.goes_first_) return goes_first_;
    return wanted_ != other.wanted_ ? wanted_ < other.wanted_ : sequence_ < other.sequence_;
  }

 private:
  friend class Executor;
  role::Job job_;
  std::uint64_t number_ = 0;  // the node's job number
  NodeId node_;
  SimTime wanted_;
  bool small_ = false;
  bool gathers_ = false;     // what others made, which can be let go of then
  bool goes_first_ = false;  // it gathers, and many others are ready: few results shall be kept
  std::optional<unsigned> home_;                  // the place that must run it
  unsigned place_ = 0;                            // the place that runs it
  std::vector<role::PayloadRef> wanted_outputs_;  // bits needed here, wherever it runs
  std::uint64_t sequence_ = 0;
  std::uint16_t kind_ = 0;
  std::size_t begun_at_ = 0;         // its place among the executor's begun ones
  std::size_t unmet_ = 0;            // inputs still to come
  std::vector<TaskRef> dependents_;  // an entry for each input that this task makes
  std::vector<role::PayloadRef> outputs_;
  ByteVector report_;
  std::optional<role::JobFailure> failure_;
  bool assumed_ = false;                // that it does not fail; under the lock
  std::atomic<bool> finished_ = false;  // the report and the failure may be read
};

}  // namespace skerry::host
