// What a node keeps in its state folder, and how it is brought back.
#include "real/node_driver.hpp"
#include "scenarios/host/durable_file.hpp"
#include "scenarios/host/thread_priority.hpp"

namespace skerry::real {

namespace fs = std::filesystem;

host::Journal::Options NodeDriver::journal_options() const {
  return {.directory = options_.state / "journal",
          .run = options_.run,
          .segment_bytes = 64 << 20,
          .record = options_.record};
}

/// Runs what may call plugins outside of jobs.
template <class Call>
Status NodeDriver::calling_plugins(const Call& call) {
  try {
    return call();
  } catch (const JobError& error) {
    end_with(host::RunFault::plugin(error.failure()));
    return Failure{fault_->text};
  }
}

Result<host::CheckpointStore::Prepared> NodeDriver::prepare_checkpoint() {
  ByteWriter role;
  const Status saved_role = calling_plugins([&] {
    role_->save(role);
    return Status();
  });
  if (!saved_role) return saved_role.failure();
  ByteWriter driver;
  driver(links_, timers_, running_, open_requests_, last_request_, parity_, outcome_, inputs_,
         last_now_, largest_payload_, last_metrics_, failures_, undelivered_, watched_, samples_);
  host::Checkpoint checkpoint;
  checkpoint.add("role", std::move(role));
  checkpoint.add("driver", std::move(driver));
  return checkpoints_->prepare(inputs_, std::move(checkpoint), metrics_);
}

Status NodeDriver::write_checkpoint(const host::CheckpointStore::Prepared& prepared) {
  if (auto written = checkpoints_->write(prepared); !written) return written;
  return journal_->covered(checkpoints_->oldest());
}

/// The inputs go on meanwhile: a checkpoint may hold models, and takes as long as the disk.
void NodeDriver::begin_to_save() {
  if (saving_) return;
  auto prepared = prepare_checkpoint();
  if (!prepared) return note_saved(inputs_, prepared.failure());
  saving_ = std::make_unique<Saving>();
  saving_->inputs = inputs_;
  saving_->thread = std::thread([this, saving = saving_.get(), held = std::move(*prepared)] {
    host::yield_to_others();
    saving->status = write_checkpoint(held);
    post([this] { end_saving(); });
  });
}

/// Waits for the checkpoint that is being written, if there is one.
void NodeDriver::end_saving() {
  if (!saving_) return;
  saving_->thread.join();
  note_saved(saving_->inputs, saving_->status);
  saving_.reset();
}

void NodeDriver::save_at_end() {
  const auto prepared = prepare_checkpoint();
  note_saved(inputs_, prepared ? write_checkpoint(*prepared) : Status(prepared.failure()));
}

/// A checkpoint may fail: the journal holds all that it would, and the next one may succeed.
void NodeDriver::note_saved(std::uint64_t inputs, const Status& saved) {
  checkpointed_ = inputs;
  if (!saved && last_saved_ && on_trouble) {
    on_trouble(saved.message() + "; the run goes on without this checkpoint");
  }
  last_saved_ = saved.ok();
}

Status NodeDriver::load_checkpoint(const std::function<Status(std::uint64_t after)>& then) {
  auto loaded = checkpoints_->load();
  if (!loaded) return loaded.failure();
  if (!loaded->has_value()) return then(0);
  host::RestoredCheckpoint& checkpoint = **loaded;
  for (const std::string& skipped : checkpoint.skipped) remarks_.push_back(skipped);
  ByteReader role = checkpoint.reader("role");
  role_->load(role);
  ByteReader driver = checkpoint.reader("driver");
  driver(links_, timers_, running_, open_requests_, last_request_, parity_, outcome_, inputs_,
         last_now_, largest_payload_, last_metrics_, failures_, undelivered_, watched_, samples_);
  metrics_ = std::move(checkpoint.metrics);
  if (!role.finished() || !driver.finished()) {
    return Failure{options_.state.string() + ": the checkpoint is of another version"};
  }
  for (const auto& [id, payload] : checkpoint.state.payloads()) table_.add(payload);
  checkpointed_ = inputs_;
  for (auto& [number, running] : running_) {
    if (must_wait(running.kind)) continue;
    Running again = running;
    submit(number, again, again.job);
  }
  return then(checkpoint.sequence);
}

/// After the journal has been read: jobs that still wait have no end in it.
void NodeDriver::submit_waiting() {
  reading_ = false;
  for (auto& [number, running] : running_) {
    if (running.task || outcome_) continue;
    Running first = running;
    submit(number, first, first.job);
  }
}

Status NodeDriver::replay_record(const host::JournalRecord& record) {
  if (outcome_) return {};
  const auto note = from_bytes<LinkNote>(record.note);
  std::vector<role::PayloadRef> keep;
  const auto input = record.read(table_, keep);
  if (!note) return Failure{"record " + std::to_string(record.sequence) + " has a damaged note"};
  if (!input) return input.failure();
  host::Executor::TaskRef task;  // its outputs must outlive the step
  if (const auto* done = std::get_if<role::JobFinished>(&input.value().event)) {
    if (auto again = finish_again(*done, task); !again) {
      return Failure{"record " + std::to_string(record.sequence) + " " + again.message()};
    }
  }
  if (const auto* failed = std::get_if<role::JobFailed>(&input.value().event)) {
    if (!running_.contains(failed->number)) {
      return Failure{"record " + std::to_string(record.sequence) + " names a job that never ran"};
    }
  }
  apply(*input, *note);
  return status_;
}

/// Waits for a job whose end the journal holds and which is running again, if it may.
Status NodeDriver::finish_again(const role::JobFinished& done, host::Executor::TaskRef& task) {
  const auto found = running_.find(done.number);
  if (found == running_.end()) return Failure{"names a job that never ran"};
  task = found->second.task;
  const role::JobKind& kind = paradigm_.jobs().of(found->second.kind);
  if (kind.once) return {};  // its results came with the record
  const ByteVector& report = executor_->await(task);
  if (const auto& failure = executor_->failure(task)) {
    return Failure{"holds what the job \"" + kind.name +
                   "\" gave, which fails now that it is run again: " + failure->message()};
  }
  if (kind.reports && report != done.report) ++divergences_;
  return {};
}

Status NodeDriver::recover() {
  return calling_plugins([this] { return restore(); });
}

Status NodeDriver::restore() {
  reading_ = true;
  if (durable()) {
    if (auto made = host::make_directory(options_.state / "journal"); !made) return made;
    const fs::path checkpoints = options_.state / "checkpoints";
    if (auto made = host::make_directory(checkpoints); !made) return made;
    checkpoints_.emplace(checkpoints, options_.run);
    const auto each = [this](const host::JournalRecord& record) { return replay_record(record); };
    const Status restored = load_checkpoint([&](std::uint64_t after) -> Status {
      auto journal = host::Journal::open(journal_options(), after, each);
      if (!journal) return journal.failure();
      journal_.emplace(std::move(*journal));
      return {};
    });
    if (!restored) return restored;
    if (!journal_->reading().reason.empty()) {
      remarks_.push_back(journal_->reading().reason + "; " +
                         std::to_string(journal_->reading().dropped) + " bytes were cut off");
    }
    SKERRY_CHECK(journal_->last() == inputs_, "the journal counts the inputs");
  }
  submit_waiting();
  after_commit_.clear();
  if (inputs_ == 0) {
    feed(role::Start{.edges = options_.edges, .all_joined = false});
  }
  settle();
  return status_;
}

Status NodeDriver::replay() {
  return calling_plugins([this] { return replay_all(); });
}

Status NodeDriver::replay_all() {
  reading_ = true;  // to the end: what is to run once is not run here
  const auto each = [this](const host::JournalRecord& record) { return replay_record(record); };
  // A recorded run starts at its first input; another one at its oldest usable checkpoint.
  auto whole = host::Journal::read(journal_options(), 0, each);
  if (!whole && inputs_ == 0) {
    checkpoints_.emplace(options_.state / "checkpoints", options_.run);
    return load_checkpoint([&](std::uint64_t after) -> Status {
      auto rest = host::Journal::read(journal_options(), after, each);
      return rest ? Status() : Status(rest.failure());
    });
  }
  if (!whole) return whole.failure();
  if (outcome_) fill_all_metrics();
  return status_;
}

}  // namespace skerry::real
