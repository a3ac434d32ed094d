#include "scenarios/host/executor.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "scenarios/host/thread_priority.hpp"

namespace skerry::host {

using role::PayloadRef;

namespace {

/// A small job takes up to about 100 microseconds of computing, or of memory traffic.
bool is_small(const role::Work& work) {
  return work.flops > 0 && work.flops < 2e7 && work.bytes < 1e7;
}

/// The most inputs of a training: a model, a state and what a neighbour sent.
constexpr std::size_t kFew = 3;

/// Why an input of a job will never be there; null if all may come. Speaks of the first such input,
/// so the text does not depend on which job failed first.
const std::string* missing_input(const role::Job& job) {
  for (const PayloadRef& input : job.inputs) {
    if (const std::string* why = input ? input.given_up() : nullptr) return why;
  }
  return nullptr;
}

/// Leaves the core to its other threads for a moment.
void pause() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#else
  std::this_thread::yield();
#endif
}

/// Looks for about a millisecond. Phases of a round in which there is nothing to compute are mostly
/// shorter, and waking a sleeping thread costs both sides tens of microseconds.
template <class Seen>
void spin_until(const Seen& seen) {
  constexpr int kLooks = 25000;  // a pause is up to 140 cycles
  for (int i = 0; i < kLooks && !seen(); ++i) pause();
}

}  // namespace

Executor::Executor(const role::Paradigm& paradigm, unsigned threads, Places* places,
                   JobsUnderWay* watch)
    : paradigm_(paradigm),
      threads_(threads),
      spins_(threads <= std::thread::hardware_concurrency()),
      background_(false),
      watch_(watch),
      busy_(1),  // the owner
      places_(places) {
  if (watch_) watch_->add(*this);
  if (places_) {
    elsewhere_.emplace(*places_);
    load_.resize(places_->count() + 1);
  }
  const unsigned workers = threads > 1 ? threads : 0;
  for (unsigned i = 0; i < workers; ++i) {
    const Seat seat = i == 0 ? Seat::kStandIn : Seat::kWorker;
    workers_.emplace_back([this, seat] { work(seat); });
  }
}

Executor::Executor(const role::Paradigm& paradigm, InBackground background)
    : paradigm_(paradigm),
      threads_(std::max(background.threads, 1u)),
      spins_(false),
      background_(true),
      watch_(background.watch),
      places_(nullptr) {
  if (watch_) watch_->add(*this);
  for (std::size_t i = 0; i < threads_; ++i) {
    workers_.emplace_back([this] { work(Seat::kWorker); });
  }
  workers_.emplace_back([this] { work_patiently(); });
}

std::unique_lock<std::mutex> Executor::locked() {
  std::unique_lock lock(mutex_, std::defer_lock);
  if (spins_) spin_until([&lock] { return lock.try_lock(); });
  if (!lock.owns_lock()) lock.lock();
  return lock;
}

Executor::~Executor() {
  {
    const auto lock = locked();
    closing_ = true;
    for (Sleepers& sleepers : sleepers_) sleepers.wake();
  }
  for (std::thread& worker : workers_) worker.join();
  if (watch_) watch_->remove(*this);
}

Executor::TaskRef Executor::submit(role::Job job, SimTime wanted, const role::Work& work) {
  auto task = std::make_shared<Task>();
  task->number_ = job.number;
  task->node_ = job.node;
  task->kind_ = job.kind;
  task->wanted_ = wanted;
  task->small_ = is_small(work);
  task->gathers_ = job.inputs.size() > kFew;
  std::uint64_t index = 0;
  for (auto& shape : paradigm_.jobs().shapes(job)) {
    task->outputs_.emplace_back(
        std::make_shared<role::PayloadCell>(job.output(index++), std::move(shape)));
  }
  task->job_ = std::move(job);
  task->home_ = belongs_to(*task);
  ++unfinished_;
  enqueue(task);
  look();
  return task;
}

void Executor::enqueue(const TaskRef& task) {
  const auto lock = locked();
  task->sequence_ = submitted_++;
  for (const PayloadRef& input : task->job_.inputs) {
    if (!input || input.ready()) continue;
    const auto maker = makers_.find(input.cell().get());
    if (maker == makers_.end()) continue;
    maker->second->dependents_.push_back(task);
    ++task->unmet_;
    if (task->home_.value_or(0) == 0) want_from(*maker->second, input);
  }
  for (const PayloadRef& output : task->outputs_) makers_.emplace(output.cell().get(), task);
  if (task->unmet_ == 0) make_ready(task);
}

const std::vector<PayloadRef>& Executor::outputs(const TaskRef& task) const {
  return task->outputs_;
}

bool Executor::finished(const TaskRef& task) const { return task->finished_; }

const std::optional<JobFailure>& Executor::failure(const TaskRef& task) const {
  return task->failure_;
}

namespace {

/// A later task comes lower in the heap.
constexpr auto kLater = [](const auto& a, const auto& b) { return b->before(*a); };

}  // namespace

void Executor::Ready::push(TaskRef task) {
  heap_.push_back(std::move(task));
  std::push_heap(heap_.begin(), heap_.end(), kLater);
  size_ = heap_.size();
}

Executor::TaskRef Executor::Ready::pop() {
  std::pop_heap(heap_.begin(), heap_.end(), kLater);
  TaskRef task = std::move(heap_.back());
  heap_.pop_back();
  size_ = heap_.size();
  return task;
}

void Executor::make_ready(TaskRef task) {
  if (!runs_here(*task)) {
    unplaced_.push_back(std::move(task));
    ++unplaced_count_;
    return;
  }
  if (missing_input(task->job_) != nullptr) task->small_ = true;  // it only fails
  const std::size_t ready = small_.glance() + large_.glance() + movable_.glance();
  task->goes_first_ = task->gathers_ && ready > threads_;
  if (background_ && paradigm_.jobs().of(task->kind_).patient) {
    sleepers(Seat::kPatient).wake();
    return patient_.push(std::move(task));
  }
  sleepers(Seat::kWorker).wake();
  if (task->small_) {
    small_.push(std::move(task));
    sleepers(Seat::kAwaiting).wake();
  } else {
    (task->home_ ? large_ : movable_).push(std::move(task));
    sleepers(Seat::kStandIn).wake();
  }
}

std::size_t Executor::spare() const {
  const std::size_t busy = busy_;
  return parts_offered_ || busy >= threads_ ? 0 : threads_ - busy;
}

void Executor::each(std::size_t parts, const Part& part, Workspace& own) {
  if (workers_.empty() || parts < 2) {
    for (std::size_t i = 0; i < parts; ++i) part(i, own);
    return;
  }
  const auto mine = std::make_shared<SharedParts>(part, parts);
  bool offered = false;
  {
    const auto lock = locked();
    offered = parts_ == nullptr;
    if (offered) {
      parts_ = mine;
      parts_offered_ = true;
      if (busy_ + looking_ < threads_) {
        for (Sleepers& sleepers : sleepers_) sleepers.wake();
      }
    }
  }
  while (mine->run_one(own)) {
  }
  if (offered) {
    const auto lock = locked();
    withdraw(mine);
  }
  // Other threads run the last parts; one of them may have lost its core.
  spin_until([&mine] { return mine->done(); });
  while (!mine->done()) std::this_thread::yield();
  mine->rethrow();
}

void Executor::withdraw(const std::shared_ptr<SharedParts>& parts) {
  if (parts_ != parts) return;
  parts_ = nullptr;
  parts_offered_ = false;
}

bool Executor::job_ready(Seat seat) const {
  if (seat == Seat::kPatient) return !patient_.empty();
  return (takes_small(seat) && !small_.empty()) ||
         (takes_large(seat) && !(large_.empty() && movable_.empty()));
}

bool Executor::any_ready(Seat seat) const { return takes_parts(seat) || job_ready(seat); }

bool Executor::may_be_ready(Seat seat) const {
  return (parts_offered_ && busy_ < threads_) || (takes_small(seat) && small_.glance() > 0) ||
         (takes_large(seat) && large_.glance() + movable_.glance() > 0);
}

Executor::TaskRef Executor::pop_ready(Seat seat) {
  Ready* first = nullptr;
  const auto consider = [&first](Ready& ready) {
    if (!ready.empty() && (!first || ready.top().before(first->top()))) first = &ready;
  };
  if (seat == Seat::kPatient) consider(patient_);
  if (takes_small(seat)) consider(small_);
  if (takes_large(seat)) {
    consider(large_);
    consider(movable_);
  }
  return first->pop();
}

void Executor::run(const TaskRef& task, Workspace& workspace) {
  const std::size_t counts = task->small_ ? 0 : 1;
  running_ += counts;
  role::JobResult result;
  std::optional<JobFailure> failure;
  if (const std::string* why = missing_input(task->job_)) {
    failure = {JobFailure::Cause::kMissing, "", "its input was never made: " + *why};
  } else {
    try {
      result = paradigm_.jobs().run(std::move(task->job_), workspace);
    } catch (...) {
      failure = current_failure();
    }
  }
  running_ -= counts;
  if (failure) return fail(task, std::move(*failure));
  SKERRY_CHECK(result.outputs.size() == task->outputs_.size(), "a job makes what it announced");
  for (std::size_t i = 0; i < result.outputs.size(); ++i) {
    task->outputs_[i].cell()->fulfil(std::move(result.outputs[i]));
  }
  complete(task, std::move(result.report));
}

void Executor::fail(const TaskRef& task, JobFailure failure) {
  for (const PayloadRef& output : task->outputs_) output.cell()->give_up(failure.message());
  task->failure_ = std::move(failure);
  complete(task, {});
}

void Executor::complete(const TaskRef& task, ByteVector report) {
  task->job_ = {};
  task->report_ = std::move(report);
  {
    const auto lock = locked();
    note_returned(*task);
    if (task->assumed_) {
      --assumed_;
      if (task->failure_) disproved_ = true;
    }
    for (const PayloadRef& output : task->outputs_) makers_.erase(output.cell().get());
    for (TaskRef& dependent : task->dependents_) {
      if (--dependent->unmet_ == 0) make_ready(std::move(dependent));
    }
    task->dependents_.clear();
    task->finished_ = true;
    --unfinished_;
    sleepers(Seat::kAwaiting).wake();
  }
  if (callback_) callback_(task);
}

void Executor::note_begun(Task& task) {
  task.begun_at_ = begun_.size();
  begun_.push_back(&task);
}

void Executor::note_returned(Task& task) {
  begun_[task.begun_at_] = begun_.back();
  begun_[task.begun_at_]->begun_at_ = task.begun_at_;
  begun_.pop_back();
}

std::vector<JobUnderWay> Executor::under_way() {
  const auto lock = locked();
  std::vector<JobUnderWay> jobs;
  for (const Task* task : begun_) {
    jobs.push_back({.sequence = task->sequence_,
                    .kind = paradigm_.jobs().of(task->kind_).name,
                    .node = task->node_,
                    .place = task->place_,
                    .age = {}});
  }
  return jobs;
}

template <class Done>
void Executor::work_until(const Done& done, Seat seat, Workspace& workspace) {
  // No more threads look than there are cores: the stand-in never looks, and while it computes the
  // awaiting thread does not look either.
  const auto no_core = [&] { return seat == Seat::kAwaiting && standing_in_; };
  while (!done()) {
    if (spins_ && seat != Seat::kStandIn) {
      ++looking_;
      spin_until([&] { return done() || may_be_ready(seat) || no_core(); });
      --looking_;
    }
    auto lock = locked();
    while (!done() && !any_ready(seat)) sleepers(seat).wait(lock);
    if (done()) return;
    if (seat == Seat::kStandIn) standing_in_ = true;
    run_one(lock, seat, workspace);
    if (seat == Seat::kStandIn) standing_in_ = false;
  }
}

void Executor::run_one(std::unique_lock<std::mutex>& lock, Seat seat, Workspace& workspace) {
  const bool helps = takes_parts(seat) || !job_ready(seat);
  const std::size_t counts = seat == Seat::kPatient ? 0 : 1;
  busy_ += counts;
  if (helps) {
    const auto parts = parts_;
    lock.unlock();
    // The awaiting thread checks after each part what it waits for.
    bool more = parts->run_one(workspace);
    while (more && seat != Seat::kAwaiting) more = parts->run_one(workspace);
    lock.lock();
    if (!more) withdraw(parts);
  } else {
    const TaskRef task = pop_ready(seat);
    note_begun(*task);
    lock.unlock();
    run(task, workspace);
  }
  busy_ -= counts;
}

namespace {

/// While the awaiting thread waits, it counts as busy only when it computes.
struct Waiting {
  std::atomic<std::size_t>& busy;
  explicit Waiting(std::atomic<std::size_t>& threads) : busy(threads) { --busy; }
  ~Waiting() { ++busy; }
  Waiting(const Waiting&) = delete;
  Waiting& operator=(const Waiting&) = delete;
};

}  // namespace

void Executor::serve(const std::function<bool()>& over) {
  const Waiting waiting(busy_);
  constexpr int kLooks = 2000;
  constexpr std::chrono::microseconds kNap{100};
  for (int idle = 0; !over();) {
    look();
    auto lock = locked();
    if (any_ready(Seat::kAwaiting)) {
      run_one(lock, Seat::kAwaiting, own_workspace_);
      idle = 0;
      continue;
    }
    lock.unlock();
    if (spins_ && !standing_in_ && ++idle < kLooks) {
      pause();
    } else {
      std::this_thread::sleep_for(kNap);
    }
  }
}

void Executor::work(Seat seat) {
  Workspace workspace{*this};
  work_until([this] { return closing_.load(); }, seat, workspace);
}

void Executor::work_patiently() {
  yield_to_others();
  Workspace workspace;  // parts run here, too
  work_until([this] { return closing_.load(); }, Seat::kPatient, workspace);
}

template <class Done>
void Executor::help_until(const Done& done) {
  if (places_) return serve(done);
  const Waiting waiting(busy_);
  work_until(done, Seat::kAwaiting, own_workspace_);
}

const ByteVector& Executor::await(const TaskRef& task) {
  help_until([&] { return task->finished_.load(); });
  return task->report_;
}

bool Executor::await(const PayloadRef& payload) {
  const auto settled = [&] { return payload.ready() || payload.given_up() != nullptr; };
  if (places_ && !settled()) want(payload);
  help_until(settled);
  return payload.ready();
}

bool Executor::assume(const TaskRef& task) {
  const auto lock = locked();
  if (task->finished_) return !task->failure_;
  task->assumed_ = true;
  ++assumed_;
  return true;
}

void Executor::await_assumed() {
  help_until([&] { return assumed_ == 0; });
}

void Executor::drain() {
  help_until([&] { return unfinished_ == 0; });
  if (places_) bring_all();
}

}  // namespace skerry::host
