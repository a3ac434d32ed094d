#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "algorithms/sdk/check.hpp"
#include "algorithms/sdk/job_failure.hpp"
#include "algorithms/sdk/workspace.hpp"
#include "scenarios/role/job.hpp"

namespace skerry::role {

/// Shapes of the payloads that a job makes, in the order of its outputs.
using OutputShapes = std::vector<std::vector<RecordSpec>>;

/// One kind of job: all that roles and drivers know of it. The functions must depend on their
/// arguments alone. They are called from any thread, several at once.
struct JobKind {
  std::string name;  // in timelines and messages
  /// JobFinished carries a report, so a driver must wait for the results before it feeds it.
  bool reports = true;
  /// The result may depend on more than the job, such as noise that must stay secret. A driver must
  /// make the result durable before it releases it, and must not run the job again afterwards.
  bool once = false;
  /// Whoever waits for it can wait, and others cannot wait for it: a live node runs it on a thread
  /// of its own that yields to all others.
  bool patient = false;
  /// The first output is an edge's plain update, which an attack may change.
  bool trains = false;
  /// Shapes of the outputs, known before the job runs. No function: the job makes nothing. A shape
  /// that is known only with its values may stay empty; such a kind must report.
  std::function<OutputShapes(const Job&)> shapes;
  /// The cost on the node's device. No function: a measurement or the simulation's own bookkeeping,
  /// which takes no virtual time.
  std::function<Work(const Job&)> work;
  /// Computes the result. Throws JobError, or what a plugin threw, if it cannot.
  std::function<JobResult(Job, Workspace&)> run;
};

/// The kinds of job of a paradigm. The number of a kind (Job::kind) is its place in this list; a
/// number that is out of range is a bug. Const calls may come from any thread.
class JobKinds {
 public:
  std::uint16_t add(JobKind kind) {
    kinds_.push_back(std::move(kind));
    return static_cast<std::uint16_t>(kinds_.size() - 1);
  }
  const JobKind& of(std::uint16_t kind) const {
    SKERRY_CHECK(kind < kinds_.size(), "a job's kind is one of its paradigm");
    return kinds_[kind];
  }
  const JobKind& of(const Job& job) const { return of(job.kind); }
  std::size_t size() const { return kinds_.size(); }

  OutputShapes shapes(const Job& job) const {
    const auto& shapes = of(job).shapes;
    return shapes ? shapes(job) : OutputShapes{};
  }
  Work work(const Job& job) const {
    const auto& work = of(job).work;
    if (work) return work(job);
    Work nothing;
    nothing.charged = false;
    return nothing;
  }
  JobResult run(Job job, Workspace& workspace) const {
    const auto& kind = of(job);
    return kind.run(std::move(job), workspace);
  }

 private:
  std::vector<JobKind> kinds_;
};

}  // namespace skerry::role
