#include "algorithms/sdk/job_failure.hpp"

namespace skerry {

std::string JobFailure::message() const {
  return (plugin.empty() ? "the job" : plugin) + " failed: " + text;
}

JobFailure current_failure() {
  try {
    throw;
  } catch (const JobError& error) {
    return error.failure();
  } catch (const std::exception& error) {
    return {JobFailure::Cause::kThrew, "", error.what()};
  } catch (...) {
    return {JobFailure::Cause::kThrew, "", "it threw something that is not an exception"};
  }
}

}  // namespace skerry
