#pragma once

#include <string>

#include "algorithms/sdk/ids.hpp"
#include "algorithms/sdk/job_failure.hpp"
#include "algorithms/sdk/time.hpp"

namespace skerry::host {

/// Why a driver ended a run that its role would have continued. Such a run has no result: what it
/// recorded so far must not be shown as one.
struct RunFault {
  enum class Kind {
    kMeasurement,  // a detached job failed, so a measurement of the run is missing
    kContract,     // a role did what the contract forbids: a bug of its paradigm
    kPlugin,       // a plugin failed outside of a job, for example in select() or wire()
    kTime,         // virtual time is used up
  };
  Kind kind = Kind::kContract;
  std::string text;  // for the user

  /// The fault of a role that sent a message where none may go.
  /// @param why  what role::refused_route() said.
  static RunFault route(const std::string& why) {
    return {Kind::kContract, "a bug of the paradigm: " + why};
  }
  /// The fault of a plugin that a role, or the driver, called outside of a job. The step that
  /// called it is lost, and the role with it; what was saved before is still good.
  static RunFault plugin(const JobFailure& failure) {
    return {Kind::kPlugin, "the run could not go on: " + failure.message()};
  }
  /// The fault of a run whose next event lies at the end of time or beyond.
  static RunFault end_of_time(SimTime last_event) {
    return {Kind::kTime, "virtual time ends after 292 years, and the next thing to happen after " +
                             to_string(last_event) +
                             " comes later: is a latency, a rate or a deadline right?"};
  }
  /// The fault of a detached job that failed.
  /// @param job   name of its kind.
  /// @param step  Job::step: the round, if the paradigm has rounds.
  static RunFault measurement(const std::string& job, NodeId node, std::uint64_t step,
                              const JobFailure& failure) {
    return {Kind::kMeasurement, "the measurement \"" + job + "\" of " + to_string(node) +
                                    " at step " + std::to_string(step) +
                                    " failed, so the run cannot be judged: " + failure.message()};
  }
};

}  // namespace skerry::host
