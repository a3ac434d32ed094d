#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace skerry {

/// Why a job gave no result.
struct JobFailure {
  enum class Cause : std::uint8_t {
    kThrew,    // the code that computes it threw
    kMissing,  // something it needs is gone: a file, a program
    kDied,     // the process that computed it ended
  };
  Cause cause = Cause::kThrew;
  std::string plugin;  // `local method "fedprox"`; empty where it was not a plugin's code
  std::string text;    // the reason it gave

  /// `local method "fedprox" failed: out of memory`.
  std::string message() const;
  template <class A>
  void archive(A& a) {
    a(cause, plugin, text);
  }
};

/// Thrown by a job that cannot give a result.
class JobError : public std::runtime_error {
 public:
  explicit JobError(JobFailure failure)
      : std::runtime_error(failure.message()), failure_(std::move(failure)) {}
  const JobFailure& failure() const { return failure_; }

 private:
  JobFailure failure_;
};

/// The failure that the exception being handled describes, in one line. Only inside a catch block.
JobFailure current_failure();

/// Runs code and rethrows what it throws under this name. For terms and methods made by hand, which
/// have no entry in the registry; plugins that have one are named by checked().
template <class Call>
decltype(auto) naming(std::string_view slot, std::string_view name, Call&& call) {
  try {
    return std::forward<Call>(call)();
  } catch (...) {
    JobFailure failure = current_failure();
    if (failure.plugin.empty())
      failure.plugin = std::string(slot) + " \"" + std::string(name) + "\"";
    throw JobError(std::move(failure));
  }
}

}  // namespace skerry
