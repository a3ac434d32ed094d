#include "scenarios/host/executor.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace skerry::host {

using role::PayloadId;
using role::PayloadRef;

namespace {

unsigned background_threads(unsigned threads) {
  if ((threads & Executor::kBackground) != 0) return threads & ~Executor::kBackground;
  return std::max(threads, 1u) - 1;
}

/// Looks for some 200 microseconds: the phases of a round in which there is nothing to compute are
/// mostly shorter, and waking a sleeping thread costs both sides tens of microseconds.
template <class Seen>
void spin_until(const Seen& seen) {
  constexpr int kLooks = 4000;  // a pause is up to 140 cycles
  for (int i = 0; i < kLooks && !seen(); ++i) __builtin_ia32_pause();
}

}  // namespace

Executor::Executor(const role::Paradigm& paradigm, unsigned threads, Places* places)
    : paradigm_(paradigm),
      spins_((threads & kBackground) == 0 && threads <= std::thread::hardware_concurrency()),
      places_(places),
      threads_(std::max(threads & ~kBackground, 1u)) {
  if (places_) {
    elsewhere_.emplace(*places_);
    load_.resize(places_->count() + 1);
  }
  const unsigned background = background_threads(threads);
  for (unsigned i = 0; i < background; ++i) workers_.emplace_back([this] { work(); });
}

Executor::~Executor() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
  }
  changed_.notify_all();
  for (std::thread& worker : workers_) worker.join();
}

Executor::TaskRef Executor::submit(role::Job job, SimTime wanted) {
  auto task = std::make_shared<Task>();
  task->number_ = job.number;
  task->node_ = job.node;
  task->wanted_ = wanted;
  const std::uint64_t origin = std::uint64_t{job.node.number()} << 32 | job.number;
  std::uint64_t index = 0;
  for (auto& shape : paradigm_.output_shapes(job)) {
    task->outputs_.emplace_back(
        std::make_shared<role::PayloadCell>(PayloadId{origin, index++}, std::move(shape)));
  }
  task->job_ = std::move(job);
  task->home_ = belongs_to(*task);

  ++unfinished_;
  enqueue(task);
  look();
  return task;
}

void Executor::enqueue(const TaskRef& task) {
  const std::lock_guard lock(mutex_);
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
  if (task->unmet_ > 0) return;
  make_ready(task);
  wake_one();
}

void Executor::wake_one() {
  if (sleeping_ == 0) return;
  --sleeping_;
  changed_.notify_one();
}

const std::vector<PayloadRef>& Executor::outputs(const TaskRef& task) const {
  return task->outputs_;
}

bool Executor::finished(const TaskRef& task) const { return task->finished_; }

namespace {

/// Later comes lower in the heap.
constexpr auto kLater = [](const auto& a, const auto& b) { return b->before(*a); };

}  // namespace

void Executor::Heap::push(TaskRef task) {
  tasks_.push_back(std::move(task));
  std::push_heap(tasks_.begin(), tasks_.end(), kLater);
}

Executor::TaskRef Executor::Heap::pop() {
  std::pop_heap(tasks_.begin(), tasks_.end(), kLater);
  TaskRef task = std::move(tasks_.back());
  tasks_.pop_back();
  return task;
}

void Executor::make_ready(TaskRef task) {
  if (!runs_here(*task)) {
    unplaced_.push_back(std::move(task));
    ++unplaced_count_;
    return;
  }
  ++ready_count_;
  (task->home_ ? ready_ : anywhere_).push(std::move(task));
}

/// The task wanted first, or null.
Executor::TaskRef Executor::pop_ready() {
  if (ready_.empty() && anywhere_.empty()) return nullptr;
  --ready_count_;
  const bool other =
      ready_.empty() || (!anywhere_.empty() && anywhere_.top()->before(*ready_.top()));
  return (other ? anywhere_ : ready_).pop();
}

void Executor::run(const TaskRef& task, Workspace& workspace) {
  ++running_;
  role::JobResult result = paradigm_.run(std::move(task->job_), workspace);
  SKERRY_CHECK(result.outputs.size() == task->outputs_.size(), "a job makes what it announced");
  for (std::size_t i = 0; i < result.outputs.size(); ++i) {
    task->outputs_[i].cell()->fulfil(std::move(result.outputs[i]));
  }
  --running_;
  complete(task, std::move(result.report));
}

void Executor::complete(const TaskRef& task, ByteVector report) {
  task->job_ = {};
  task->report_ = std::move(report);
  bool wake = false;
  {
    const std::lock_guard lock(mutex_);
    for (const PayloadRef& output : task->outputs_) makers_.erase(output.cell().get());
    for (TaskRef& dependent : task->dependents_) {
      if (--dependent->unmet_ == 0) make_ready(std::move(dependent));
    }
    task->dependents_.clear();
    task->finished_ = true;
    --unfinished_;
    wake = std::exchange(sleeping_, 0) > 0;
  }
  if (wake) changed_.notify_all();
  if (callback_) callback_(task);
}

template <class Done>
void Executor::sleep_until(std::unique_lock<std::mutex>& lock, const Done& done) {
  while (!done() && ready_count_ == 0) {
    ++sleeping_;
    changed_.wait(lock);
  }
}

/// Runs what is ready until done(), which may be called with and without the lock.
template <class Done>
void Executor::help_until(const Done& done) {
  if (places_) return serve(done);
  while (!done()) {
    if (spins_) spin_until([&] { return done() || ready_count_ > 0; });
    std::unique_lock lock(mutex_);
    if (done()) return;
    if (ready_count_ == 0) sleep_until(lock, done);
    if (done()) return;
    const TaskRef task = pop_ready();
    lock.unlock();
    if (task) run(task, own_workspace_);
  }
}

// This thread looks outside, too, and so never sleeps for long.
void Executor::serve(const std::function<bool()>& over) {
  constexpr int kLooks = 2000;
  constexpr std::chrono::microseconds kNap{100};
  for (int idle = 0; !over();) {
    look();
    std::unique_lock lock(mutex_);
    const TaskRef task = pop_ready();
    lock.unlock();
    if (task) {
      run(task, own_workspace_);
      idle = 0;
    } else if (spins_ && ++idle < kLooks) {
      __builtin_ia32_pause();
    } else {
      std::this_thread::sleep_for(kNap);
    }
  }
}

void Executor::work() {
  Workspace workspace;
  const auto closing = [this] { return closing_.load(); };
  while (!closing()) {
    if (spins_) spin_until([&] { return closing() || ready_count_ > 0; });
    std::unique_lock lock(mutex_);
    if (!closing() && ready_count_ == 0) sleep_until(lock, closing);
    if (closing()) return;
    const TaskRef task = pop_ready();
    lock.unlock();
    if (task) run(task, workspace);
  }
}

const ByteVector& Executor::await(const TaskRef& task) {
  help_until([&] { return task->finished_.load(); });
  return task->report_;
}

void Executor::await(const PayloadRef& payload) {
  if (places_ && !payload.ready()) want(payload);
  help_until([&] { return payload.ready(); });
}

void Executor::drain() {
  help_until([&] { return unfinished_ == 0; });
  if (places_) bring_all();
}

}  // namespace skerry::host
