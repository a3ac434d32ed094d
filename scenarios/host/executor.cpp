#include "scenarios/host/executor.hpp"

#include <algorithm>

namespace skerry::host {

using role::PayloadId;
using role::PayloadRef;

bool Executor::Order::operator()(const TaskRef& a, const TaskRef& b) const {
  return std::pair(a->wanted_, a->sequence_) < std::pair(b->wanted_, b->sequence_);
}

Executor::Executor(const role::Paradigm& paradigm, unsigned threads) : paradigm_(paradigm) {
  const unsigned background =
      (threads & kBackground) != 0 ? threads & ~kBackground : std::max(threads, 1u) - 1;
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
  std::uint64_t index = 0;
  for (auto& shape : paradigm_.output_shapes(job)) {
    task->outputs_.emplace_back(
        std::make_shared<role::PayloadCell>(job.output(index++), std::move(shape)));
  }
  task->job_ = std::move(job);

  const std::lock_guard lock(mutex_);
  task->sequence_ = submitted_++;
  ++unfinished_;
  for (const PayloadRef& input : task->job_.inputs) {
    if (!input || makers_.find(input.id()) == makers_.end()) continue;
    waiting_[input.id()].push_back(task);
    ++task->unmet_;
  }
  for (const PayloadRef& output : task->outputs_) makers_.emplace(output.id(), task);
  if (task->unmet_ == 0) {
    ready_.insert(task);
    changed_.notify_one();
  }
  return task;
}

const std::vector<PayloadRef>& Executor::outputs(const TaskRef& task) const {
  return task->outputs_;
}

bool Executor::finished(const TaskRef& task) {
  const std::lock_guard lock(mutex_);
  return task->finished_;
}

Executor::TaskRef Executor::pop_ready() {
  const TaskRef task = *ready_.begin();
  ready_.erase(ready_.begin());
  return task;
}

void Executor::run(const TaskRef& task, Workspace& workspace) {
  role::JobResult result = paradigm_.run(std::move(task->job_), workspace);
  SKERRY_CHECK(result.outputs.size() == task->outputs_.size(), "a job makes what it announced");
  for (std::size_t i = 0; i < result.outputs.size(); ++i) {
    task->outputs_[i].cell()->fulfil(std::move(result.outputs[i]));
  }
  {
    const std::lock_guard lock(mutex_);
    task->job_ = {};
    task->report_ = std::move(result.report);
    task->finished_ = true;
    --unfinished_;
    for (const PayloadRef& output : task->outputs_) {
      makers_.erase(output.id());
      const auto waiters = waiting_.find(output.id());
      if (waiters == waiting_.end()) continue;
      for (const TaskRef& waiter : waiters->second) {
        if (--waiter->unmet_ == 0) ready_.insert(waiter);
      }
      waiting_.erase(waiters);
    }
  }
  changed_.notify_all();
  if (callback_) callback_(task);
}

void Executor::work() {
  Workspace workspace;
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return closing_ || !ready_.empty(); });
    if (closing_) return;
    const TaskRef task = pop_ready();
    lock.unlock();
    run(task, workspace);
    lock.lock();
  }
}

void Executor::help_until(std::unique_lock<std::mutex>& lock, const std::function<bool()>& done) {
  while (!done()) {
    if (ready_.empty()) {
      changed_.wait(lock, [&] { return done() || !ready_.empty(); });
      continue;
    }
    const TaskRef task = pop_ready();
    lock.unlock();
    run(task, own_workspace_);
    lock.lock();
  }
}

const ByteVector& Executor::await(const TaskRef& task) {
  std::unique_lock lock(mutex_);
  help_until(lock, [&] { return task->finished_; });
  return task->report_;
}

void Executor::await(const PayloadRef& payload) {
  std::unique_lock lock(mutex_);
  help_until(lock, [&] { return makers_.find(payload.id()) == makers_.end(); });
}

void Executor::drain() {
  std::unique_lock lock(mutex_);
  help_until(lock, [&] { return unfinished_ == 0; });
}

}  // namespace skerry::host
