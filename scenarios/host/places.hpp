#pragma once

#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

#include "algorithms/sdk/job_failure.hpp"
#include "algorithms/sdk/time.hpp"
#include "scenarios/role/job.hpp"

namespace skerry::host {

/// The name of a payload between places; 0: no payload.
using PayloadKey = std::uint64_t;

/// A job for another place. Every input must have been lent to the place, or be made there by a job
/// that was given to it before.
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

/// Other processes that run jobs of the same paradigm on the same data, numbered from 1; this
/// process is 0. All calls come from one thread; all but start_over() return at once. What is told
/// to one place arrives there in order.
class Places {
 public:
  virtual ~Places() = default;

  /// How many places there are besides this process.
  virtual unsigned count() const = 0;
  /// How many jobs each of them runs at a time.
  virtual unsigned threads() const = 0;

  /// Gives the place a job; Finished follows.
  virtual void start(unsigned place, Order order) = 0;
  /// Gives the place a payload, for any number of jobs until it is dropped.
  virtual void lend(unsigned place, PayloadKey key, const role::Content& content) = 0;
  /// Asks for a payload that a job of that place makes or made. Returned follows once it is there:
  /// before the Finished of its job if the place learns of the wish before that. If the job fails,
  /// the payload never comes.
  virtual void ask(unsigned place, PayloadKey key) = 0;
  /// The place may forget the payload: no later job takes it and nobody will ask for it.
  virtual void drop(unsigned place, PayloadKey key) = 0;

  struct Finished {
    std::uint64_t task = 0;
    ByteVector report;
    std::optional<JobFailure> failure;  // instead of results
  };
  struct Returned {
    PayloadKey key = 0;
    role::Content content;
  };
  using News = std::variant<Finished, Returned>;
  /// Makes the places forget everything, jobs under way included, as if the run had just begun. No
  /// executor may use them meanwhile. May take long.
  virtual void start_over() = 0;
  /// The next news from a place, if any. A place that is lost ends the program.
  virtual std::optional<News> news() = 0;
};

}  // namespace skerry::host
