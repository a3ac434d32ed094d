#include "scenarios/host/jobs_under_way.hpp"

#include <condition_variable>
#include <mutex>
#include <thread>

#include "scenarios/host/executor.hpp"
#include "tests/catch.hpp"

namespace skerry::host {
namespace {

/// Jobs that say when they begin, and return when they are told to.
class Waiting final : public role::Paradigm {
 public:
  Waiting() {
    for (const char* name : {"train", "measure"}) {
      jobs_.add({.name = name, .run = [this](role::Job job, Workspace&) {
                   std::unique_lock lock(mutex_);
                   ++begun_;
                   changed_.notify_all();
                   changed_.wait(lock, [&] { return job.number <= last_to_return_; });
                   return role::JobResult{};
                 }});
    }
  }
  std::unique_ptr<role::Role> make_role(NodeId) const override { return nullptr; }
  const role::JobKinds& jobs() const override { return jobs_; }
  std::string_view numerics() const override { return "none"; }

  void wait_for(int begun) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return begun_ == begun; });
  }
  /// Lets jobs up to that number return.
  void let_go(std::uint64_t number) {
    const std::lock_guard lock(mutex_);
    last_to_return_ = number;
    changed_.notify_all();
  }

 private:
  role::JobKinds jobs_;
  std::mutex mutex_;
  std::condition_variable changed_;
  int begun_ = 0;
  std::uint64_t last_to_return_ = 0;
};

/// Lets all jobs return at the end of a case, even if it fails: an executor waits for them.
struct InTheEnd {
  Waiting& waiting;
  ~InTheEnd() { waiting.let_go(UINT64_MAX); }
};

role::Job job(std::uint64_t number, std::uint16_t kind) {
  role::Job made;
  made.number = number;
  made.node = NodeId::edge(static_cast<std::uint32_t>(number));
  made.kind = kind;
  return made;
}

Duration seconds(std::int64_t n) { return Duration::seconds(n); }

TEST_CASE("jobs that have begun are named, the oldest first, with how long they have been seen") {
  Waiting waiting;
  JobsUnderWay jobs;
  Executor executor(waiting, Executor::InBackground{2, &jobs});
  const InTheEnd in_the_end{waiting};
  CHECK(jobs.look(seconds(100)).empty());
  executor.submit(job(1, 0), SimTime());
  waiting.wait_for(1);
  REQUIRE(jobs.look(seconds(101)).size() == 1);
  executor.submit(job(2, 1), SimTime());
  executor.submit(job(3, 1), SimTime());  // waits for a thread
  waiting.wait_for(2);
  (void)jobs.look(seconds(104));
  const auto seen = jobs.look(seconds(110));
  REQUIRE(seen.size() == 2);
  CHECK(seen[0].kind == "train");
  CHECK(seen[0].node == NodeId::edge(1));
  CHECK(seen[0].place == 0);
  CHECK(seen[0].age == seconds(9));
  CHECK(seen[1].kind == "measure");
  CHECK(seen[1].node == NodeId::edge(2));
  CHECK(seen[1].age == seconds(6));
  waiting.let_go(1);
  waiting.wait_for(3);  // on the thread that is free now
  const auto later = jobs.look(seconds(111));
  REQUIRE(later.size() == 2);
  CHECK(later[0].node == NodeId::edge(2));
  CHECK(later[1].node == NodeId::edge(3));
  CHECK(later[1].age == seconds(0));
}

TEST_CASE("jobs are named while an executor's end waits for them, and not after it") {
  Waiting waiting;
  JobsUnderWay jobs;
  auto executor = std::make_unique<Executor>(waiting, Executor::InBackground{1, &jobs});
  executor->submit(job(1, 0), SimTime());
  waiting.wait_for(1);
  std::thread ending([&] { executor.reset(); });
  CHECK(jobs.look(seconds(1)).size() == 1);
  waiting.let_go(1);
  ending.join();
  CHECK(jobs.look(seconds(2)).empty());
}

TEST_CASE("a job that runs on the thread that awaits it is named to another thread") {
  Waiting waiting;
  JobsUnderWay jobs;
  Executor executor(waiting, 1, nullptr, &jobs);
  const auto task = executor.submit(job(1, 0), SimTime());
  CHECK(jobs.look(seconds(1)).empty());
  std::vector<JobUnderWay> seen;
  std::thread other([&] {
    waiting.wait_for(1);
    seen = jobs.look(seconds(2));
    waiting.let_go(1);
  });
  executor.await(task);
  other.join();
  REQUIRE(seen.size() == 1);
  CHECK(seen[0].kind == "train");
  CHECK(jobs.look(seconds(3)).empty());
}

}  // namespace
}  // namespace skerry::host
