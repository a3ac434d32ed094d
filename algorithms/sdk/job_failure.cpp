#include "algorithms/sdk/job_failure.hpp"

#include <algorithm>
#include <new>

namespace skerry {

std::string JobFailure::message() const {
  return (plugin.empty() ? "the job" : plugin) + " failed: " + text;
}

namespace {

/// A failure is reported in one line.
std::string one_line(std::string text) {
  while (text.ends_with('\n')) text.pop_back();
  std::ranges::replace(text, '\n', ' ');
  return text;
}

}  // namespace

JobFailure current_failure() {
  try {
    throw;
  } catch (const JobError& error) {
    return error.failure();
  } catch (const std::bad_alloc&) {
    return {JobFailure::Cause::kThrew, "", "out of memory"};
  } catch (const std::exception& error) {
    return {JobFailure::Cause::kThrew, "", one_line(error.what())};
  } catch (...) {
    return {JobFailure::Cause::kThrew, "", "it threw something that is not an exception"};
  }
}

}  // namespace skerry
