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

/// Shapes of the payloads that a job makes, in their order.
using OutputShapes = std::vector<std::vector<RecordSpec>>;

/// One kind of job: all that roles and drivers know of it. The functions are called from any
/// thread, any number of them at once, and depend on their arguments alone.
struct JobKind {
  std::string name;  // in timelines and messages
  /// JobFinished carries a report, so a driver must wait for the bits.
  bool reports = true;
  /// The result may depend on more than the job (noise that must stay secret). A driver makes it
  /// durable before it is released, and never runs the job again once that has happened.
  bool once = false;
  /// The first output is an edge's update as training left it: what an attack may change.
  bool trains = false;
  /// Known before the job runs. Empty: it makes nothing. A shape may stay empty where it is known
  /// only with the bits; such a kind reports.
  std::function<OutputShapes(const Job&)> shapes;
  /// What it costs on the node's device. Empty: a measurement or bookkeeping of the simulation
  /// itself, which takes no virtual time.
  std::function<Work(const Job&)> work;
  /// Computes it. Throws JobError (or what a plugin threw) where it cannot.
  std::function<JobResult(Job, Workspace&)> run;
};

/// The kinds of job of a paradigm. A kind's number, Job::kind, is its place in here.
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
