#include "scenarios/host/executor.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <functional>
#include <mutex>
#include <numeric>
#include <random>
#include <set>
#include <string_view>
#include <thread>

#include "scenarios/host/failure_log.hpp"
#include "tests/catch.hpp"

namespace skerry::host {
namespace {

/// A job writes and reports the sum of its inputs' values and of its own number. Jobs of two kinds
/// throw, those of one kind in all parts except the first. Patient ones call `meanwhile` in parts.
class Sums final : public role::Paradigm {
 public:
  enum Kind : std::uint16_t { kPlain, kInParts, kThrowing, kThrowingInParts, kPatient };
  static constexpr std::size_t kSize = 5000;

  std::unique_ptr<role::Role> make_role(NodeId) const override { return nullptr; }
  Sums() {
    for (const char* name : {"sum", "sum in parts", "throw", "throw in parts", "patient"}) {
      jobs_.add({.name = name,
                 .patient = std::string_view(name) == "patient",
                 .shapes = [](const role::Job&) { return role::OutputShapes{{spec()}}; },
                 .work = [](const role::Job&) { return role::Work{}; },
                 .run = [this](role::Job job,
                               Workspace& workspace) { return run(std::move(job), workspace); }});
    }
  }
  const role::JobKinds& jobs() const override { return jobs_; }
  std::string_view numerics() const override { return "none"; }

  role::JobResult run(role::Job job, Workspace& workspace) const {
    if (job.kind == kThrowing) {
      naming("reducer", "odd", [] { throw std::runtime_error("no such luck"); });
    }
    if (job.kind == kThrowingInParts) {
      workspace.each(kSize, [&](std::size_t i, Workspace&) {
        if (i > 0) throw std::runtime_error("part " + std::to_string(i));
      });
    }
    if (job.kind == kPatient) workspace.each(2, [&](std::size_t, Workspace&) { meanwhile(); });
    role::Content content;
    const auto out = content.payload.add(spec()).overwrite_f32();
    std::vector<Payload> inputs;
    for (const role::PayloadRef& input : job.inputs) inputs.push_back(input.payload());
    const auto one = [&](std::size_t i) {
      out[i] = static_cast<float>(job.number);
      for (const Payload& input : inputs) out[i] += input.at("x").f32()[i];
    };
    if (job.kind == kInParts) {
      workspace.each(kSize, [&](std::size_t i, Workspace&) { one(i); });
    } else {
      for (std::size_t i = 0; i < kSize; ++i) one(i);
    }
    {
      const std::lock_guard lock(mutex);
      ran.push_back(job.number);
    }
    role::JobResult result;
    result.report = to_bytes(double{out[kSize - 1]});
    result.outputs.push_back(std::move(content));
    return result;
  }

  std::function<void()> meanwhile = [] {};
  mutable std::mutex mutex;
  mutable std::vector<std::uint64_t> ran;  // numbers, in the order of their ends

 private:
  role::JobKinds jobs_;
  static RecordSpec spec() {
    static const auto layout = std::make_shared<const Layout>(Layout::flat("x", kSize));
    return {"x", layout};
  }
};

role::Job job(std::uint64_t number, std::uint16_t kind, std::vector<role::PayloadRef> inputs) {
  role::Job made;
  made.number = number;
  made.node = NodeId::edge(3);
  made.kind = kind;
  made.inputs = std::move(inputs);
  return made;
}

role::Work small_work() { return {.flops = 1000, .bytes = 1000}; }
role::Work large_work() { return {.flops = 1e9, .bytes = 1e9}; }

double reported(const ByteVector& bytes) { return from_bytes<double>(bytes).value(); }

constexpr unsigned kThreads[] = {1, 2, 3, 8};

TEST_CASE("jobs that need each other's outputs give the same sums on any number of threads") {
  constexpr std::uint32_t kSeed = 11;
  INFO("seed " << kSeed);
  for (const unsigned threads : kThreads) {
    const Sums sums;
    std::mt19937 random(kSeed);
    Executor executor(sums, threads);
    std::vector<Executor::TaskRef> tasks;
    std::vector<double> wanted;
    for (std::uint64_t number = 1; number <= 300; ++number) {
      double sum = static_cast<double>(number);
      std::vector<role::PayloadRef> inputs;
      for (std::uint32_t k = random() % 3; k > 0 && !tasks.empty(); --k) {
        const std::size_t of = tasks.size() - 1 - random() % std::min<std::size_t>(tasks.size(), 9);
        if (wanted[of] > 1e5) continue;  // float32 stays exact
        inputs.push_back(executor.outputs(tasks[of])[0]);
        sum += wanted[of];
      }
      const auto kind = static_cast<std::uint16_t>(random() % 2);
      const auto when = SimTime::at(Duration::nanoseconds(random() % 1000));
      const role::Work work = random() % 2 == 0 ? small_work() : large_work();
      tasks.push_back(executor.submit(job(number, kind, std::move(inputs)), when, work));
      wanted.push_back(sum);
      if (random() % 8 == 0) CHECK(reported(executor.await(tasks.back())) == sum);
    }
    executor.drain();
    CHECK(sums.ran.size() == 300);
    for (std::size_t i = 0; i < tasks.size(); ++i) {
      CHECK(executor.finished(tasks[i]));
      CHECK(reported(executor.await(tasks[i])) == wanted[i]);
      const Payload made = executor.outputs(tasks[i])[0].payload();
      const auto values = made.at("x").f32();
      CHECK(std::set<float>(values.begin(), values.end()).size() == 1);
    }
  }
}

TEST_CASE("the job wanted first runs first, and one that gathers others' outputs before the rest") {
  const Sums sums;
  Executor executor(sums, 1);
  std::vector<role::PayloadRef> made;
  for (std::uint64_t i = 0; i < 8; ++i) {
    const auto task =
        executor.submit(job(i, Sums::kPlain, {}), SimTime{} + Duration::seconds(10 - i));
    made.push_back(executor.outputs(task)[0]);
  }
  const std::vector<role::PayloadRef> last(made.begin() + 4, made.end());
  executor.submit(job(8, Sums::kPlain, last), SimTime{} + Duration::seconds(100));
  executor.drain();
  CHECK(sums.ran == std::vector<std::uint64_t>{7, 6, 5, 4, 8, 3, 2, 1, 0});
}

TEST_CASE("a payload is awaited by whoever needs it, large jobs or small") {
  for (const unsigned threads : kThreads) {
    for (const role::Work& work : {small_work(), large_work(), role::Work{}}) {
      const Sums sums;
      Executor executor(sums, threads);
      const auto first = executor.submit(job(1, Sums::kPlain, {}), SimTime(), work);
      const auto second =
          executor.submit(job(2, Sums::kInParts, {executor.outputs(first)[0]}), SimTime(), work);
      const role::PayloadRef output = executor.outputs(second)[0];
      executor.await(output);
      const Payload made = output.payload();
      CHECK(made.at("x").f32()[7] == 3.0f);
    }
  }
}

TEST_CASE("threads of a live driver run jobs although nobody awaits them") {
  const Sums sums;
  std::atomic<int> finished = 0;
  {
    Executor executor(sums, Executor::InBackground{2});
    executor.on_finished([&finished](const Executor::TaskRef&) { ++finished; });
    role::PayloadRef last;
    for (std::uint64_t number = 1; number <= 20; ++number) {
      const auto task = executor.submit(job(number, Sums::kInParts, {}), SimTime());
      last = executor.outputs(task)[0];
    }
    while (finished < 20) std::this_thread::yield();
    CHECK(last.ready());
  }
  CHECK(finished == 20);
}

TEST_CASE("no other job waits for a patient one in the background, on one thread either") {
  for (const unsigned threads : {1u, 2u}) {
    Sums sums;
    std::atomic<int> finished = 0, priority = 0;
    std::set<std::thread::id> where;
    sums.meanwhile = [&] {
      where.insert(std::this_thread::get_id());
      priority = ::getpriority(PRIO_PROCESS, 0);
      for (int i = 0; i < 4000 && finished < 3; ++i) {
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
      }
    };
    Executor executor(sums, Executor::InBackground{threads});
    executor.on_finished([&](const Executor::TaskRef&) { ++finished; });
    const auto patient = executor.submit(job(1, Sums::kPatient, {}), SimTime());
    const auto first = executor.outputs(patient)[0];
    for (std::uint64_t number = 2; number <= 4; ++number) {
      executor.submit(job(number, Sums::kPlain, {}), SimTime());
    }
    const auto after = executor.submit(job(5, Sums::kPlain, {first}), SimTime());
    CHECK(reported(executor.await(after)) == 6);
    std::sort(sums.ran.begin(), sums.ran.begin() + 3);
    CHECK(sums.ran == std::vector<std::uint64_t>{2, 3, 4, 1, 5});
    CHECK(where.size() == 1);
    CHECK(priority >= std::min(::getpriority(PRIO_PROCESS, 0) + 10, 19));
    while (finished < 5) std::this_thread::yield();
  }
}

TEST_CASE("where jobs run in the foreground, a patient one is like others") {
  for (const unsigned threads : kThreads) {
    const Sums sums;
    Executor executor(sums, threads);
    const auto patient = executor.submit(job(1, Sums::kPatient, {}), SimTime());
    const auto after =
        executor.submit(job(2, Sums::kPlain, {executor.outputs(patient)[0]}), SimTime());
    CHECK(reported(executor.await(after)) == 3);
  }
}

TEST_CASE("a job that throws has failed, says whose code threw and what, and holds nobody up") {
  for (const unsigned threads : kThreads) {
    for (const role::Work& work : {small_work(), large_work()}) {
      const Sums sums;
      Executor executor(sums, threads);
      const auto task = executor.submit(job(1, Sums::kThrowing, {}), SimTime(), work);
      const auto good = executor.submit(job(2, Sums::kPlain, {}), SimTime(), work);
      CHECK(executor.await(task).empty());
      REQUIRE(executor.finished(task));
      REQUIRE(executor.failure(task).has_value());
      CHECK(executor.failure(task)->plugin == "reducer \"odd\"");
      CHECK(executor.failure(task)->text == "no such luck");
      CHECK_FALSE(executor.await(executor.outputs(task)[0]));
      CHECK_FALSE(executor.outputs(task)[0].ready());
      executor.drain();
      CHECK_FALSE(executor.failure(good).has_value());
      CHECK(reported(executor.await(good)) == 2);
    }
  }
}

TEST_CASE("a job fails whose input was to be made by one that failed, before or after it began") {
  for (const unsigned threads : kThreads) {
    const Sums sums;
    Executor executor(sums, threads);
    const auto first = executor.submit(job(1, Sums::kThrowing, {}), SimTime());
    const role::PayloadRef never = executor.outputs(first)[0];
    const auto good = executor.submit(job(2, Sums::kPlain, {}), SimTime());
    const role::PayloadRef made = executor.outputs(good)[0];
    const auto second = executor.submit(job(3, Sums::kPlain, {made, never}), SimTime());
    executor.drain();
    const auto third =
        executor.submit(job(4, Sums::kPlain, {executor.outputs(second)[0], never}), SimTime());
    executor.await(third);
    const std::string why = "its input was never made: ";
    const std::string odd = "reducer \"odd\" failed: no such luck";
    CHECK(executor.failure(second)->message() == "the job failed: " + why + odd);
    CHECK(executor.failure(second)->cause == JobFailure::Cause::kMissing);
    CHECK(executor.failure(third)->text == why + "the job failed: " + why + odd);
    CHECK(sums.ran == std::vector<std::uint64_t>{2});
  }
}

TEST_CASE("of parts that throw, the first in their order is told, whoever ran them") {
  for (const unsigned threads : kThreads) {
    const Sums sums;
    Executor executor(sums, threads);
    for (std::uint64_t number = 1; number <= 20; ++number) {
      const auto task = executor.submit(job(number, Sums::kThrowingInParts, {}), SimTime());
      executor.await(task);
      CHECK(executor.failure(task)->message() == "the job failed: part 1");
    }
  }
}

TEST_CASE("a live driver is told of jobs that failed as of those that finished") {
  const Sums sums;
  std::atomic<int> failed = 0, finished = 0;
  {
    Executor executor(sums, Executor::InBackground{2});
    executor.on_finished(
        [&](const Executor::TaskRef& task) { ++(executor.failure(task) ? failed : finished); });
    for (std::uint64_t number = 1; number <= 20; ++number) {
      const auto kind = number % 4 == 0 ? Sums::kThrowing : Sums::kPlain;
      executor.submit(job(number, kind, {}), SimTime());
    }
    while (failed + finished < 20) std::this_thread::yield();
  }
  CHECK(failed == 5);
}

TEST_CASE("failures are counted by kind of job and plugin, with the words of the last") {
  FailureLog log;
  const auto add = [&log](const char* kind, const char* plugin, const char* text) {
    log.add(kind, {JobFailure::Cause::kThrew, plugin, text});
  };
  add("train", "local method \"b\"", "1");
  add("reduce", "", "2");
  add("train", "local method \"b\"", "3");
  add("train", "local method \"a\"", "4");
  REQUIRE(log.rows().size() == 3);
  CHECK(in_words(log.rows()[0]) == "reduce once: the job failed: 2");
  CHECK(in_words(log.rows()[1]) == "train once: local method \"a\" failed: 4");
  CHECK(in_words(log.rows()[2]) == "train 2 times, at last: local method \"b\" failed: 3");
}

TEST_CASE("an executor that ends with jobs unstarted ends") {
  for (const unsigned threads : kThreads) {
    const Sums sums;
    Executor executor(sums, threads);
    for (std::uint64_t number = 1; number <= 50; ++number) {
      executor.submit(job(number, Sums::kInParts, {}), SimTime(), large_work());
    }
  }
  SUCCEED();
}

}  // namespace
}  // namespace skerry::host
