#include "sim/processor.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "tests/catch.hpp"
#include "tests/sim/xorshift.hpp"

namespace skerry::sim {
namespace {

SimTime at_ns(std::int64_t ns) { return SimTime::at(Duration::nanoseconds(ns)); }
SimTime at_s(std::int64_t s) { return SimTime::at(Duration::seconds(s)); }

struct Finish {
  std::int64_t ns;
  JobId job;
  bool operator==(const Finish&) const = default;
};
std::ostream& operator<<(std::ostream& out, const Finish& finish) {
  return out << "job " << finish.job << " at " << finish.ns << " ns";
}
using Finishes = std::vector<Finish>;

/// Takes every job until the device is idle.
Finishes run(Processor& processor) {
  Finishes finishes;
  while (processor.next_finish() != SimTime::never()) {
    const SimTime now = processor.next_finish();
    for (const JobId job : processor.take_finished(now)) finishes.push_back({now.count(), job});
  }
  return finishes;
}

}  // namespace

TEST_CASE("a job alone takes its own time, however many cores there are") {
  const auto cores = GENERATE(1u, 2u, 64u);
  Processor processor(cores);
  processor.start({.id = 1, .work = Duration::nanoseconds(1'234'567'891)}, at_s(1));
  CHECK(run(processor) == Finishes{{2'234'567'891, 1}});
}

TEST_CASE("n equal jobs on one core each take n times as long, to the nanosecond") {
  for (std::int64_t n : {2, 3, 7, 100, 999}) {
    CAPTURE(n);
    Processor processor(1);
    for (std::int64_t i = n; i > 0; --i) {
      processor.start({.id = static_cast<JobId>(i), .work = Duration::seconds(1)}, at_s(0));
    }
    const Finishes finishes = run(processor);
    REQUIRE(finishes.size() == static_cast<std::size_t>(n));
    for (std::size_t i = 0; i < finishes.size(); ++i) {
      REQUIRE(finishes[i] == Finish{n * 1'000'000'000, i + 1});
    }
  }
}

TEST_CASE("jobs slow each other down only when they are more than the cores") {
  // Three jobs on two cores run at 2/3: the first is done at 3 s. The others have 2 s and 4 s left,
  // a core each.
  Processor processor(2);
  processor.start({.id = 0, .work = Duration::seconds(2)}, at_s(0));
  processor.start({.id = 1, .work = Duration::seconds(4)}, at_s(0));
  processor.start({.id = 2, .work = Duration::seconds(6)}, at_s(0));
  CHECK(run(processor) == Finishes{{3'000'000'000, 0}, {5'000'000'000, 1}, {7'000'000'000, 2}});
}

TEST_CASE("a job that starts in the middle of another takes half the core from it") {
  // A has 2 s left at 1 s, at half speed until B (1 s of work) is done at 3 s; then 1 s alone.
  Processor processor(1);
  processor.start({.id = 0, .work = Duration::seconds(3)}, at_s(0));
  processor.start({.id = 1, .work = Duration::seconds(1)}, at_s(1));
  CHECK(run(processor) == Finishes{{3'000'000'000, 1}, {4'000'000'000, 0}});
}

TEST_CASE("a cancelled job gives its part back and reports the work it had left") {
  Processor processor(1);
  processor.start({.id = 0, .work = Duration::seconds(3)}, at_s(0));
  processor.start({.id = 1, .work = Duration::seconds(5)}, at_s(0));
  CHECK(processor.cancel(1, at_s(2)) == Duration::seconds(4));
  CHECK(run(processor) == Finishes{{4'000'000'000, 0}});

  // A third of a nanosecond's work is not a whole one: 1/3 done leaves 2/3, rounded up.
  for (JobId job = 0; job < 3; ++job) {
    processor.start({.id = job, .work = Duration::nanoseconds(5)}, at_s(10));
  }
  CHECK(processor.cancel(0, at_ns(10'000'000'001)) == Duration::nanoseconds(5));
}

TEST_CASE("a crash drops every job and leaves the device ready") {
  Processor processor(2);
  for (JobId job = 0; job < 5; ++job) {
    processor.start({.id = job, .work = Duration::seconds(5)}, at_s(0));
  }
  for (JobId job = 0; job < 5; ++job) processor.cancel(job, at_s(1));
  CHECK(processor.jobs() == 0);
  CHECK(processor.next_finish() == SimTime::never());
  processor.start({.id = 0, .work = Duration::seconds(1)}, at_s(2));
  CHECK(run(processor) == Finishes{{3'000'000'000, 0}});
}

TEST_CASE("a slow-down stretches what is left, by decimals to the nanosecond") {
  Processor processor(1);
  processor.start({.id = 0, .work = Duration::seconds(3)}, at_s(0));
  processor.set_slow_down(2.5, at_s(1));
  CHECK(processor.next_finish() == at_s(6));
  processor.set_slow_down(1, at_ns(3'500'000'000));
  CHECK(run(processor) == Finishes{{4'500'000'000, 0}});

  processor.set_slow_down(1.1, at_s(10));
  processor.start({.id = 1, .work = Duration::seconds(1)}, at_s(10));
  CHECK(run(processor) == Finishes{{11'100'000'000, 1}});
}

TEST_CASE("a job without work is finished at once") {
  Processor processor(1);
  processor.start({.id = 1, .work = Duration::seconds(1)}, at_s(0));
  processor.start({.id = 0, .work = Duration()}, at_s(0));
  CHECK(run(processor) == Finishes{{0, 0}, {1'000'000'000, 1}});
}

namespace {

struct ReferenceJob {
  JobId id;
  long double left;
};

}  // namespace

TEST_CASE("the device agrees with adding up every job's progress within a nanosecond") {
  const auto seed = GENERATE(range<std::uint64_t>(1, 7));
  INFO("seed " << seed);
  Xorshift random(seed);
  const auto cores = static_cast<std::uint32_t>(1 + random.below(4));
  Processor processor(cores);
  std::vector<ReferenceJob> jobs;
  long double factor = 1;
  SimTime now;
  const auto speed = [&] {
    return std::min(1.0L, static_cast<long double>(cores) / static_cast<long double>(jobs.size())) /
           factor;
  };
  for (JobId id = 0; id < 5000; ++id) {
    const SimTime until =
        std::min(processor.next_finish(), now + Duration::nanoseconds(random.below(9'000'000)));
    for (auto& job : jobs) job.left -= speed() * static_cast<long double>((until - now).count());
    now = until;
    for (const JobId done : processor.take_finished(now)) {
      const auto job = std::find_if(jobs.begin(), jobs.end(),
                                    [done](const ReferenceJob& j) { return j.id == done; });
      REQUIRE(job->left <= 1e-3L);
      jobs.erase(job);
    }
    if (random.below(10) == 0) {
      const std::int64_t tenths = 10 + random.below(40);
      factor = static_cast<long double>(tenths) / 10;
      processor.set_slow_down(static_cast<double>(tenths) / 10, now);
    } else if (jobs.size() < 12) {
      const std::int64_t work = random.below(30'000'000);
      processor.start({.id = id, .work = Duration::nanoseconds(work)}, now);
      jobs.push_back({id, static_cast<long double>(work)});
    } else {
      const auto left = static_cast<long double>(processor.cancel(jobs.front().id, now).count());
      REQUIRE(std::fabs(left - std::max(0.0L, jobs.front().left)) <= 1 + 1e-3L);
      jobs.erase(jobs.begin());
    }
    if (random.below(5) == 0) processor = Processor::load(processor.save());
    if (jobs.empty()) continue;
    const auto first = std::min_element(
        jobs.begin(), jobs.end(),
        [](const ReferenceJob& x, const ReferenceJob& y) { return x.left < y.left; });
    const long double expected =
        static_cast<long double>(now.count()) + std::max(0.0L, first->left) / speed();
    const auto found = static_cast<long double>(processor.next_finish().count());
    REQUIRE(found >= expected - 1e-3L);
    REQUIRE(found <= expected + 1 + 1e-3L);
  }
}

TEST_CASE("a device rebuilt from its snapshot finishes every job when the original does") {
  Processor processor(3);
  processor.set_slow_down(1.7, at_s(0));
  for (JobId job = 0; job < 40; ++job) {
    processor.start({.id = job, .work = Duration::nanoseconds(1'000'000'007)},
                    at_ns(static_cast<std::int64_t>(job) * 10'000'001));
  }
  const Processor::Snapshot snapshot = processor.save();
  Processor rebuilt = Processor::load(snapshot);
  CHECK(rebuilt.save() == snapshot);
  CHECK(run(rebuilt) == run(processor));
}

}  // namespace skerry::sim
