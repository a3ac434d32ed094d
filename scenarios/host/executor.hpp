#pragma once

#include <array>
#include <atomic>
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
#include "scenarios/host/jobs_under_way.hpp"
#include "scenarios/host/places.hpp"
#include "scenarios/host/seat.hpp"
#include "scenarios/host/shared_parts.hpp"
#include "scenarios/role/paradigm.hpp"

namespace skerry::host {

/// Runs the jobs of one paradigm, on threads of its own and on the thread that waits for them.
///
/// A job starts once all its inputs are there. Of the jobs that are ready, the one that is wanted
/// first runs first. There is one exception: if more jobs are ready than there are threads, a job
/// that gathers what several others made runs before the rest, so that few results wait in memory.
/// The results of a job depend on the job alone. The number of threads and the times of submission
/// change only how long it takes.
///
/// One thread owns the executor: it submits, awaits and destroys. Functions that other threads may
/// call say so. seat.hpp says what the owner and the executor's own threads compute. With one
/// thread nothing runs in the background: jobs run inside await(), drain() and serve().
///
/// A job fails if its code throws, or if a job that should make one of its inputs has failed. Its
/// outputs are then given up (PayloadCell), so nobody waits for them. A SKERRY_CHECK that fails
/// outside of a plugin ends the program.
///
/// Jobs may also run at other places: processes that hold the same paradigm and the same data. A
/// job runs here if the shape of an output is known only with its values. A job that takes what the
/// edge's own jobs made runs at the place that the edge belongs to, where those values are. Of all
/// other jobs, small ones run here and large ones wherever a thread is free. The owner serves the
/// places while it submits and waits; no other thread talks to them.
class Executor : private Parallel {
 public:
  /// @param paradigm  outlives the executor.
  /// @param threads   at least 1.
  /// @param places    outlive the executor; null: there are none. Nobody else may use them
  ///                  meanwhile.
  /// @param watch     sees every job while it runs (under_way()); outlives the executor; null:
  ///                  nobody watches.
  Executor(const role::Paradigm& paradigm, unsigned threads, Places* places = nullptr,
           JobsUnderWay* watch = nullptr);
  /// For an owner that has other things to do than to wait, such as the driver of a live node. All
  /// threads run in the background, even a single one, and on_finished() tells when a job is over.
  /// One more thread runs the patient jobs (JobKind::patient), so that no other job waits for one.
  struct InBackground {
    unsigned threads = 1;
    JobsUnderWay* watch = nullptr;
  };
  Executor(const role::Paradigm& paradigm, InBackground background);
  /// Waits for the jobs that are running here. Jobs that have not begun will never run.
  ~Executor() override;
  Executor(const Executor&) = delete;
  Executor& operator=(const Executor&) = delete;

  /// A job that was submitted. Holds its outputs and its report.
  class Task;
  using TaskRef = std::shared_ptr<Task>;

  // --- Before the first submit(). ---

  /// The callback is called once for every job that has finished or failed: on the thread that ran
  /// it, or on the owner's thread if it ran at another place.
  void on_finished(std::function<void(const TaskRef&)> callback) {
    callback_ = std::move(callback);
  }

  // --- Jobs. ---

  /// Takes a job over and returns at once. An input may be an output of an earlier task that is not
  /// there yet.
  /// @param wanted  when the results will be needed: the order in which ready jobs run. Equal times
  ///                run in the order of submission.
  /// @param work    what the job costs. A job of less than 2e7 operations and 10 MB is small; a job
  ///                of unknown cost is large.
  TaskRef submit(role::Job job, SimTime wanted, const role::Work& work = {});
  /// What the job makes, in the order of its kind's shapes. The handles may be sent, and used as
  /// inputs, before the values are there. From any thread.
  const std::vector<role::PayloadRef>& outputs(const TaskRef& task) const;
  /// Whether the job has given its results or has failed. From any thread.
  bool finished(const TaskRef& task) const;
  /// Why a finished job has no results; nullopt if it has them. Only once finished(). From any
  /// thread.
  const std::optional<JobFailure>& failure(const TaskRef& task) const;
  /// Jobs that have begun and have not returned, here or at another place; a job counts there from
  /// when it is sent until its end is known. Their ages are zero. From any thread.
  std::vector<JobUnderWay> under_way();

  // --- Waiting. The owner computes meanwhile, as its seat says. ---

  /// Waits until the job has finished or failed. Returns its report, which is empty if it failed.
  /// The values of its outputs may still be at another place.
  const ByteVector& await(const TaskRef& task);
  /// Waits until the values of a payload are here. False if they never will be: the payload is
  /// given up.
  bool await(const role::PayloadRef& payload);
  /// Waits for every job that was submitted. Afterwards the values of every payload that somebody
  /// holds are here, except for payloads that are given up.
  void drain();
  /// Computes until over() returns true. over() is called between two jobs, and repeatedly while
  /// there is nothing to do, so it may look after something else.
  void serve(const std::function<bool()>& over);

  // --- Going on without waiting. ---

  /// Lets the owner go on as if the job gave its results. False if it has failed already.
  bool assume(const TaskRef& task);
  /// Whether a job has failed after assume() was called for it: what the owner did since is void.
  bool disproved() const { return disproved_; }
  /// Waits until every job for which assume() was called has finished or failed.
  void await_assumed();

 private:
  /// Jobs that are ready, the next one to run on top. All calls but glance() need the lock.
  class Ready {
   public:
    void push(TaskRef task);
    TaskRef pop();
    bool empty() const { return heap_.empty(); }
    const Task& top() const { return *heap_.front(); }
    /// How many there are, or were a moment ago. From any thread.
    std::size_t glance() const { return size_; }

   private:
    std::vector<TaskRef> heap_;
    std::atomic<std::size_t> size_ = 0;
  };

  // Parts of a job, on threads that are idle.
  void each(std::size_t parts, const Part& part, Workspace& own) override;
  std::size_t spare() const override;
  bool takes_parts() const { return parts_ && busy_ < threads_; }
  /// Stops offering these parts: all of them are taken. Under the lock.
  void withdraw(const std::shared_ptr<SharedParts>& parts);

  /// Takes the lock. It is held for a fraction of a microsecond at a time, so a thread that finds
  /// it taken tries again for a while before it sleeps.
  std::unique_lock<std::mutex> locked();
  void work(Seat seat);
  void work_patiently();
  void run(const TaskRef& task, Workspace& workspace);
  void complete(const TaskRef& task, ByteVector report);
  // Both under the lock. Every task that completes was noted as begun.
  void note_begun(Task& task);
  void note_returned(Task& task);
  void fail(const TaskRef& task, JobFailure failure);
  void enqueue(const TaskRef& task);
  void make_ready(TaskRef task);
  /// Runs one job, or parts of one, of those that the seat takes. There must be some. The lock must
  /// be held on entry; it is given back meanwhile, and may or may not be held on return.
  void run_one(std::unique_lock<std::mutex>& lock, Seat seat, Workspace& workspace);
  /// Runs what is ready until done() returns true; done() is called with the lock held and without.
  template <class Done>
  void work_until(const Done& done, Seat seat, Workspace& workspace);
  template <class Done>
  void help_until(const Done& done);
  bool takes_small(Seat seat) const { return seat == Seat::kWorker || seat == Seat::kAwaiting; }
  bool takes_large(Seat seat) const {
    if (seat == Seat::kAwaiting) return workers_.empty();
    return seat != Seat::kPatient;
  }
  bool takes_parts(Seat seat) const { return seat != Seat::kPatient && takes_parts(); }
  bool job_ready(Seat seat) const;
  bool any_ready(Seat seat) const;
  /// The same without the lock; the answer may be outdated.
  bool may_be_ready(Seat seat) const;
  TaskRef pop_ready(Seat seat);
  Sleepers& sleepers(Seat seat) { return sleepers_[static_cast<std::size_t>(seat)]; }

  // Other places (executor_places.cpp).
  /// The place that must run a task; nullopt if any place may.
  std::optional<unsigned> belongs_to(const Task& task) const;
  bool runs_here(const Task& task) const;
  /// Handles the news of other places, and gives them jobs that they may run.
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
  const bool spins_;       // threads look before they sleep: there is a core for each
  const bool background_;  // a thread of its own runs patient jobs
  std::function<void(const TaskRef&)> callback_;
  JobsUnderWay* const watch_;

  // Under the lock. Atomic members are also read without it.
  std::mutex mutex_;
  std::array<Sleepers, kSeats> sleepers_;
  Ready small_;
  Ready large_;                         // to run here
  Ready movable_;                       // large, and free to run elsewhere
  Ready patient_;                       // in the background only
  std::shared_ptr<SharedParts> parts_;  // of the job that offers some, or null
  std::atomic<bool> parts_offered_ = false;
  std::unordered_map<const role::PayloadCell*, TaskRef> makers_;  // of payloads not there yet
  std::uint64_t submitted_ = 0;
  std::vector<Task*> begun_;                // begun and not returned; in no order
  std::atomic<std::uint64_t> assumed_ = 0;  // jobs that have not ended, and were assumed to succeed
  std::atomic<bool> disproved_ = false;
  std::atomic<std::uint64_t> unfinished_ = 0;
  std::atomic<bool> closing_ = false;

  std::vector<TaskRef> unplaced_;  // ready, but some inputs are elsewhere, or it belongs there
  std::atomic<std::size_t> unplaced_count_ = 0;

  // Changed without the lock, too.
  std::atomic<std::size_t> running_ = 0;   // large jobs that threads here run
  std::atomic<std::size_t> busy_ = 0;      // threads that compute, and the owner unless it waits
  std::atomic<std::size_t> looking_ = 0;   // threads that look before they sleep
  std::atomic<bool> standing_in_ = false;  // the stand-in computes

  // The owner's alone.
  Places* places_;
  std::optional<Elsewhere> elsewhere_;
  std::map<PayloadKey, std::vector<TaskRef>> coming_;    // tasks that wait for values to come here
  std::unordered_map<std::uint64_t, TaskRef> sent_off_;  // by sequence
  std::vector<std::size_t> load_;                        // jobs at each place

  Workspace own_workspace_{*this};
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
  bool gathers_ = false;          // it has more inputs than a training: what others made
  bool goes_first_ = false;       // it gathers, and more jobs were ready than threads
  std::optional<unsigned> home_;  // the place that must run it
  unsigned place_ = 0;            // the place that runs it
  std::vector<role::PayloadRef> wanted_outputs_;  // values needed here, wherever it runs
  std::uint64_t sequence_ = 0;
  std::uint16_t kind_ = 0;
  std::size_t begun_at_ = 0;         // its index in begun_
  std::size_t unmet_ = 0;            // inputs still to come
  std::vector<TaskRef> dependents_;  // an entry for each input that this task makes
  std::vector<role::PayloadRef> outputs_;
  ByteVector report_;
  std::optional<JobFailure> failure_;
  bool assumed_ = false;                // to give its results; under the lock
  std::atomic<bool> finished_ = false;  // the report and the failure may be read
};

}  // namespace skerry::host
