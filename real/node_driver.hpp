#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "real/link.hpp"
#include "scenarios/host/checkpoint.hpp"
#include "scenarios/host/executor.hpp"
#include "scenarios/host/failure_log.hpp"
#include "scenarios/host/journal.hpp"
#include "scenarios/host/metric_log.hpp"
#include "scenarios/host/run_fault.hpp"
#include "scenarios/host/undelivered.hpp"
#include "scenarios/role/paradigm.hpp"

namespace skerry::real {

/// Whether a live run and its simulation must end in the same bits.
struct ParityWatch {
  bool begun = false;        // the first message has left
  bool all_joined = true;    // before it did
  std::uint64_t timers = 0;  // that fired
  std::uint64_t lost = 0;    // peers

  bool held() const { return all_joined && timers == 0 && lost == 0; }
  template <class A>
  void archive(A& a) {
    a(begun, all_joined, timers, lost);
  }
};

/// Runs one role of a live node: one inbox, one thread that steps the role, jobs on threads of
/// their own. With a state folder every input is journalled before anything that follows from it
/// leaves, so that a process killed at any moment goes on where it was: jobs are run again and give
/// the same bits, messages are sent again and taken once. That a job failed is an input too: on
/// recovery the role is told so again, whatever the job gives then.
///
/// The results of a job that must run once (JobKind::once) are in the journal, bits and all, before
/// the role is told of them. From then on the journal's bits are used and the job never runs again:
/// while the journal is read, such a job is not started. If the journal does not hold its end, it
/// starts once all has been read; no earlier run of it can have had an effect.
class NodeDriver {
 public:
  struct Options {
    NodeId self;
    std::uint32_t edges = 0;
    unsigned threads = 1;
    std::filesystem::path state;  // empty: nothing is kept
    std::uint64_t run = 0;        // which run the state belongs to
    bool record = false;          // keep every input, so that the run can be replayed whole
    std::uint64_t checkpoint_every = 1000;  // inputs
    host::JobsUnderWay* watch = nullptr;    // told what is computed; outlives the driver
  };

  NodeDriver(const role::Paradigm& paradigm, Options options);
  ~NodeDriver();

  /// Restores what the state folder holds; a fresh role is started. Before run().
  Status recover();
  /// Runs what the state folder holds through the role and its jobs, from the first recorded input,
  /// and changes nothing there.
  Status replay();

  /// Takes the answer to each request that was fed from outside the run, one call per request.
  /// Called by run(), once all that led to the answer is durable. An answer found by recover() or
  /// replay() is dropped: its asker talked to a process that is gone. Set before recover().
  std::function<void(const role::Answer&)> on_answer;
  /// Called by run(), after each batch of inputs and once they are durable, with the models that
  /// the role knows of, changed or not. May be empty.
  std::function<void(const role::Catalogue&)> on_catalogue;
  /// Called by run() ten times a second: the owner's own periodic work.
  std::function<void()> on_tick;
  /// Takes questions for people (role::AskLabels), once all that led to them is durable. A question
  /// that recover() finds in the journal is asked again; one that a checkpoint covers is not. Set
  /// before recover(). May be empty.
  std::function<void(const role::AskLabels& asked)> on_ask;
  /// Takes the role's remarks (role::Remark), none of those that recover() or replay() finds.
  std::function<void(const std::string& line)> on_remark;
  /// Called by run() with one line about a failure with which the run goes on: a checkpoint could
  /// not be written, and the journal keeps what it would have covered. Called once, until one can
  /// be written again. May be empty.
  std::function<void(const std::string& line)> on_trouble;
  /// Steps until the role stops, leave(), a failure of the journal or a fault. The role's stop
  /// makes a last checkpoint; a fault makes none, so that the run can go on from before it.
  Status run();

  // From any thread.
  /// Makes run() call it, in the order of posting.
  void post(std::function<void()> item);
  /// Ends run() after a checkpoint; with a state folder the run can go on later.
  void leave();

  // From the thread of run() only.
  void feed(role::Event event, const LinkNote& note = {});
  /// Feeds an operator's command. Once all that led to it is durable, calls `replied` with what the
  /// role said, or with a refusal in words where nobody knows the command or the run is over. Does
  /// not call it if the journal fails, or if run() returns before.
  void command(const std::string& text, std::function<void(const role::Reply&)> replied);
  /// Feeds labels that somebody gives, and returns what the role says of them; nullopt if the run
  /// is over, or its role takes no labels. Durable as after_commit() says.
  std::optional<role::LabelsHeard> label(role::LabelsArrived said);
  /// Role::awaits_label().
  bool awaits_label(NodeId node, std::uint32_t position) const {
    return role_->awaits_label(node, position);
  }
  /// Calls it once everything fed so far is durable.
  void after_commit(std::function<void()> action);
  std::map<NodeId, Link>& links() { return links_; }
  const std::map<NodeId, Link>& links() const { return links_; }
  SimTime now();

  const std::optional<role::Stop>& outcome() const { return outcome_; }
  /// The models that the role knows of; null if it keeps no account of them.
  const role::Catalogue* catalogue() const { return role_->catalogue(); }
  /// Why the run was ended by a fault, whether or not its role had stopped it: a measurement
  /// failed, or a plugin that was called outside of a job. run(), recover() or replay() failed with
  /// the same text, and there is no result.
  const std::optional<host::RunFault>& fault() const { return fault_; }
  /// Time of the last input.
  SimTime ended() const { return last_now_; }
  const host::MetricLog& metrics() const { return metrics_; }
  const std::map<std::string, host::MetricRow>& last_metrics() const { return last_metrics_; }
  /// Numbers of the requests from outside that the role has not answered yet, those of an earlier
  /// process on the same state folder included.
  const std::vector<std::uint64_t>& open_requests() const { return open_requests_; }
  /// The highest number that a request from outside has had; 0: there was none. The next one must
  /// take a higher number, even after a restart.
  std::uint64_t last_request() const { return last_request_; }
  /// How far the reading of what this node watches had come at the last such input
  /// (LinkNote::place); empty if there was none.
  const ByteVector& watched() const { return watched_; }
  /// A name for the payload of the next SamplesArrived.
  role::PayloadId next_samples() const;
  /// Role::backlog().
  std::size_t backlog() const { return role_->backlog(); }
  const ParityWatch& parity() const { return parity_; }
  std::uint64_t inputs() const { return inputs_; }
  /// How many inputs the newest checkpoint covers; 0 where the last attempt to write one failed.
  std::uint64_t checkpointed() const { return last_saved_ ? checkpointed_ : 0; }
  /// Encoded bytes of the largest payload a job of this node has made.
  std::uint64_t largest_payload() const { return largest_payload_; }
  /// Jobs that failed at any time in the run.
  const host::FailureLog& failures() const { return failures_; }
  /// Messages of the role to nodes that had not joined, or counted as lost.
  const host::UndeliveredCounts& undelivered() const { return undelivered_; }
  /// No job runs, no timer is set and every message was acknowledged: until something comes from
  /// outside, nothing will happen.
  bool waits() const;
  /// Jobs whose report differed when the journal was run again: none, unless the program or the
  /// machine is another.
  std::uint64_t divergences() const { return divergences_; }
  /// What happened on recovery, in words for an operator.
  const std::vector<std::string>& remarks() const { return remarks_; }

 private:
  struct Running {
    role::Job job;  // kept only where there is a state folder
    bool detached = false;
    std::size_t place = 0;  // of a detached job's metrics
    std::uint64_t step = 0;
    std::uint16_t kind = 0;
    SimTime began;
    host::Executor::TaskRef task;  // null while it must wait
    template <class A>
    void archive(A& a) {
      a(job, detached, place, step, kind, began);
    }
  };

  template <class Call>
  Status calling_plugins(const Call& call);
  Status restore();
  Status replay_all();
  host::Journal::Options journal_options() const;
  Status load_checkpoint(const std::function<Status(std::uint64_t after)>& then);
  Status replay_record(const host::JournalRecord& record);
  Status finish_again(const role::JobFinished& done, host::Executor::TaskRef& task);
  Result<host::CheckpointStore::Prepared> prepare_checkpoint();
  Status write_checkpoint(const host::CheckpointStore::Prepared& prepared);
  void begin_to_save();
  void end_saving();
  void save_at_end();
  void note_saved(std::uint64_t inputs, const Status& saved);
  Status write_down(const role::Input& input, const LinkNote& note);
  void apply(const role::Input& input, const LinkNote& note);
  void perform(role::Effects& effects);
  void send(role::Message message);
  void answer(role::Answer answer);
  void ask(role::AskLabels asked);
  void start(role::Job job);
  void submit(std::uint64_t number, Running& running, role::Job job);
  /// While the journal is read, a job that is to run once waits: its end may follow.
  bool must_wait(std::uint16_t kind) const { return reading_ && paradigm_.jobs().of(kind).once; }
  void submit_waiting();
  void finished(const host::Executor::TaskRef& task);
  bool fill_metrics(const Running& running);
  void fill_all_metrics();
  void end_with(host::RunFault fault);
  void record(host::MetricRow row);
  void wait(std::unique_lock<std::mutex>& lock);
  void tick();
  void fire_timers();
  void settle();
  bool durable() const { return !options_.state.empty(); }

  const role::Paradigm& paradigm_;
  Options options_;
  std::unique_ptr<role::Role> role_;
  std::map<NodeId, Link> links_;
  std::map<std::uint64_t, SimTime> timers_;
  std::map<std::uint64_t, Running> running_;
  host::MetricLog metrics_;
  std::map<std::string, host::MetricRow> last_metrics_;
  std::vector<std::uint64_t> open_requests_;  // from outside
  std::uint64_t last_request_ = 0;            // from outside
  ByteVector watched_;
  std::uint64_t samples_ = 0;  // how often some arrived
  ParityWatch parity_;
  host::FailureLog failures_;
  host::UndeliveredCounts undelivered_;
  std::optional<role::Stop> outcome_;
  std::optional<role::Reply> reply_;        // to the command being fed
  std::optional<role::LabelsHeard> heard_;  // of the labels being fed
  std::optional<host::RunFault> fault_;
  std::uint64_t inputs_ = 0;
  std::uint64_t checkpointed_ = 0;
  bool last_saved_ = true;  // how the last attempt went
  /// A checkpoint that is being written, on a thread of its own.
  struct Saving {
    std::uint64_t inputs = 0;
    Status status;  // once the thread has ended
    std::thread thread;
  };
  std::unique_ptr<Saving> saving_;
  std::uint64_t largest_payload_ = 0;
  std::uint64_t divergences_ = 0;
  std::vector<std::string> remarks_;
  bool reading_ = false;  // the journal
  SimTime last_now_;
  std::chrono::steady_clock::time_point clock_base_ = std::chrono::steady_clock::now();
  SimTime time_base_;
  std::chrono::steady_clock::time_point ticked_;

  host::PayloadTable table_;
  std::optional<host::CheckpointStore> checkpoints_;
  std::optional<host::Journal> journal_;
  std::vector<std::function<void()>> after_commit_;
  Status status_;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> inbox_;
  bool leaving_ = false;

  std::unique_ptr<host::Executor> executor_;  // last: its threads post to the inbox
};

}  // namespace skerry::real
