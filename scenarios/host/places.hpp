#pragma once

#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

#include "algorithms/sdk/job_failure.hpp"
#include "algorithms/sdk/time.hpp"
#include "scenarios/role/job.hpp"

namespace skerry::host {

/// Names a payload between places; 0 is none.
using PayloadKey = std::uint64_t;

/// A job for another place. Every input is there already: lent to it, or made there.
struct Order {
  std::uint64_t task = 0;
  SimTime wanted;
  role::Job job;  // without inputs
  std::vector<PayloadKey> inputs;
  std::vector<PayloadKey> outputs;

  template <class A>
  void archive(A& a) {
    a(task, wanted, job, inputs, outputs);
  }
};

/// Other processes that run jobs of the same paradigm on the same data, numbered from 1; this one
/// is 0. All calls but start_over() return at once; they come from one thread. What is told to one
/// place arrives there in order.
class Places {
 public:
  virtual ~Places() = default;

  /// How many there are beside this one.
  virtual unsigned count() const = 0;
  /// How many jobs each of them runs at a time.
  virtual unsigned threads() const = 0;

  virtual void start(unsigned place, Order order) = 0;
  /// Gives the place a payload, for any number of jobs until it is dropped.
  virtual void lend(unsigned place, PayloadKey key, const role::Content& content) = 0;
  /// Wants a payload that a job of that place makes or made; it comes when it is there, before the
  /// news that its job finished; never where its job failed.
  virtual void ask(unsigned place, PayloadKey key) = 0;
  /// No job to come takes it and nobody will ask for it.
  virtual void drop(unsigned place, PayloadKey key) = 0;

  struct Finished {
    std::uint64_t task = 0;
    ByteVector report;
    std::optional<JobFailure> failure;  // in place of results
  };
  struct Returned {
    PayloadKey key = 0;
    role::Content content;
  };
  using News = std::variant<Finished, Returned>;
  /// Forgets everything, jobs under way included, as if the run had just begun. No executor uses
  /// the places then. May take long.
  virtual void start_over() = 0;
  /// The next thing a place has to say, if any. A place that is lost ends the program.
  virtual std::optional<News> news() = 0;
};

}  // namespace skerry::host
