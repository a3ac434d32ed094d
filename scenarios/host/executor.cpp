#include "scenarios/host/executor.hpp"

#include <algorithm>
#include <utility>

namespace skerry::host {

using role::PayloadId;
using role::PayloadRef;

namespace {

/// Up to about 100 microseconds of computing, or of memory.
bool is_small(const role::Work& work) {
  return work.flops > 0 && work.flops < 2e7 && work.bytes < 1e7;
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
  const bool in_background = (threads & kBackground) != 0;
  const unsigned workers = in_background ? threads & ~kBackground : threads > 1 ? threads : 0;
  for (unsigned i = 0; i < workers; ++i) {
    const Seat seat = !in_background && i == 0 ? Seat::kStandIn : Seat::kWorker;
    workers_.emplace_back([this, seat] { work(seat); });
  }
}

Executor::~Executor() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
    for (Sleepers& sleepers : sleepers_) sleepers.wake();
  }
  for (std::thread& worker : workers_) worker.join();
}

Executor::TaskRef Executor::submit(role::Job job, SimTime wanted, const role::Work& work) {
  auto task = std::make_shared<Task>();
  task->number_ = job.number;
  task->node_ = job.node;
  task->wanted_ = wanted;
  task->small_ = is_small(work);
  std::uint64_t index = 0;
  for (auto& shape : paradigm_.output_shapes(job)) {
    task->outputs_.emplace_back(
        std::make_shared<role::PayloadCell>(job.output(index++), std::move(shape)));
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
  sleepers(Seat::kWorker).wake();
  if (task->small_) {
    small_.push(std::move(task));
    sleepers(Seat::kAwaiting).wake();
  } else {
    large_.push(std::move(task));
    sleepers(Seat::kStandIn).wake();
  }
}

void Executor::Parts::run() {
  for (std::size_t i = next++; i < count; i = next++) {
    (*part)(i);
    --left;
  }
}

void Executor::each(std::size_t parts, const std::function<void(std::size_t)>& part) {
  if (workers_.empty() || parts < 2) return Parallel::each(parts, part);
  const auto mine = std::make_shared<Parts>(&part, parts);
  bool offered = false;
  {
    const std::lock_guard lock(mutex_);
    offered = parts_ == nullptr;
    if (offered) {
      parts_ = mine;
      parts_offered_ = true;
      for (Sleepers& sleepers : sleepers_) sleepers.wake();
    }
  }
  mine->run();
  if (offered) {
    const std::lock_guard lock(mutex_);
    withdraw(mine);
  }
  while (mine->left > 0) __builtin_ia32_pause();  // somebody is at the last ones
}

void Executor::withdraw(const std::shared_ptr<Parts>& parts) {
  if (parts_ != parts) return;
  parts_ = nullptr;
  parts_offered_ = false;
}

bool Executor::any_ready(Seat seat) const {
  return parts_ || (takes_small(seat) && !small_.empty()) || (takes_large(seat) && !large_.empty());
}

bool Executor::may_be_ready(Seat seat) const {
  return parts_offered_ || (takes_small(seat) && small_.glance() > 0) ||
         (takes_large(seat) && large_.glance() > 0);
}

Executor::TaskRef Executor::pop_ready(Seat seat) {
  if (!takes_large(seat) || large_.empty()) return small_.pop();
  if (!takes_small(seat) || small_.empty()) return large_.pop();
  return small_.top().before(large_.top()) ? small_.pop() : large_.pop();
}

void Executor::run(const TaskRef& task, Workspace& workspace) {
  role::JobResult result = paradigm_.run(std::move(task->job_), workspace);
  SKERRY_CHECK(result.outputs.size() == task->outputs_.size(), "a job makes what it announced");
  for (std::size_t i = 0; i < result.outputs.size(); ++i) {
    task->outputs_[i].cell()->fulfil(std::move(result.outputs[i]));
  }
  task->job_ = {};
  task->report_ = std::move(result.report);
  {
    const std::lock_guard lock(mutex_);
    for (const PayloadRef& output : task->outputs_) makers_.erase(output.id());
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

void Executor::Sleepers::wait(std::unique_lock<std::mutex>& lock) {
  ++count_;
  changed_.wait(lock);
}

void Executor::Sleepers::wake() {
  if (std::exchange(count_, 0) > 0) changed_.notify_all();
}

template <class Done>
void Executor::work_until(const Done& done, Seat seat, Workspace& workspace) {
  // No more threads look than there are cores: the stand-in never does, and in its place nobody.
  const auto no_core = [&] { return seat == Seat::kAwaiting && standing_in_; };
  while (!done()) {
    if (spins_ && seat != Seat::kStandIn) {
      spin_until([&] { return done() || may_be_ready(seat) || no_core(); });
    }
    std::unique_lock lock(mutex_);
    while (!done() && !any_ready(seat)) sleepers(seat).wait(lock);
    if (done()) return;
    if (seat == Seat::kStandIn) standing_in_ = true;
    if (const auto parts = parts_) {
      lock.unlock();
      parts->run();
      lock.lock();
      withdraw(parts);
    } else {
      const TaskRef task = pop_ready(seat);
      lock.unlock();
      run(task, workspace);
    }
    if (seat == Seat::kStandIn) standing_in_ = false;
  }
}

void Executor::work(Seat seat) {
  Workspace workspace{*this};
  work_until([this] { return closing_.load(); }, seat, workspace);
}

template <class Done>
void Executor::help_until(const Done& done) {
  work_until(done, Seat::kAwaiting, own_workspace_);
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
