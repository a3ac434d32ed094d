#include "scenarios/host/executor.hpp"

#include <algorithm>
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

Executor::Executor(const role::Paradigm& paradigm, unsigned threads)
    : paradigm_(paradigm),
      spins_((threads & kBackground) == 0 && threads <= std::thread::hardware_concurrency()) {
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

  ++unfinished_;
  const std::lock_guard lock(mutex_);
  task->sequence_ = submitted_++;
  for (const PayloadRef& input : task->job_.inputs) {
    if (!input || input.ready()) continue;
    const auto maker = makers_.find(input.id());
    if (maker == makers_.end()) continue;
    maker->second->dependents_.push_back(task);
    ++task->unmet_;
  }
  for (const PayloadRef& output : task->outputs_) makers_.emplace(output.id(), task);
  if (task->unmet_ == 0) {
    make_ready(task);
    if (sleeping_ > 0) {
      --sleeping_;
      changed_.notify_one();
    }
  }
  return task;
}

const std::vector<PayloadRef>& Executor::outputs(const TaskRef& task) const {
  return task->outputs_;
}

bool Executor::finished(const TaskRef& task) const { return task->finished_; }

namespace {

/// Later comes lower in the heap.
constexpr auto kLater = [](const auto& a, const auto& b) { return b->before(*a); };

}  // namespace

void Executor::make_ready(TaskRef task) {
  ready_.push_back(std::move(task));
  std::push_heap(ready_.begin(), ready_.end(), kLater);
  ready_count_ = ready_.size();
}

Executor::TaskRef Executor::pop_ready() {
  std::pop_heap(ready_.begin(), ready_.end(), kLater);
  TaskRef task = std::move(ready_.back());
  ready_.pop_back();
  ready_count_ = ready_.size();
  return task;
}

void Executor::run(const TaskRef& task, Workspace& workspace) {
  role::JobResult result = paradigm_.run(std::move(task->job_), workspace);
  SKERRY_CHECK(result.outputs.size() == task->outputs_.size(), "a job makes what it announced");
  for (std::size_t i = 0; i < result.outputs.size(); ++i) {
    task->outputs_[i].cell()->fulfil(std::move(result.outputs[i]));
  }
  task->job_ = {};
  task->report_ = std::move(result.report);
  bool wake = false;
  {
    const std::lock_guard lock(mutex_);
    for (const PayloadRef& output : task->outputs_) makers_.erase(output.id());
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
  while (!done() && ready_.empty()) {
    ++sleeping_;
    changed_.wait(lock);
  }
}

/// Runs what is ready until done(), which may be called with and without the lock.
template <class Done>
void Executor::help_until(const Done& done) {
  while (!done()) {
    if (spins_) spin_until([&] { return done() || ready_count_ > 0; });
    std::unique_lock lock(mutex_);
    if (done()) return;
    if (ready_.empty()) sleep_until(lock, done);
    if (done() || ready_.empty()) continue;
    const TaskRef task = pop_ready();
    lock.unlock();
    run(task, own_workspace_);
  }
}

void Executor::work() {
  Workspace workspace;
  const auto closing = [this] { return closing_.load(); };
  while (!closing()) {
    if (spins_) spin_until([&] { return closing() || ready_count_ > 0; });
    std::unique_lock lock(mutex_);
    if (!closing() && ready_.empty()) sleep_until(lock, closing);
    if (closing() || ready_.empty()) continue;
    const TaskRef task = pop_ready();
    lock.unlock();
    run(task, workspace);
  }
}

const ByteVector& Executor::await(const TaskRef& task) {
  help_until([&] { return task->finished_.load(); });
  return task->report_;
}

void Executor::await(const PayloadRef& payload) {
  help_until([&] { return payload.ready(); });
}

void Executor::drain() {
  help_until([&] { return unfinished_ == 0; });
}

}  // namespace skerry::host
