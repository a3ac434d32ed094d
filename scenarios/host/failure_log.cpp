#include "scenarios/host/failure_log.hpp"

#include <algorithm>
#include <utility>

namespace skerry::host {

std::string in_words(const FailedJobs& failed) {
  const JobFailure last{JobFailure::Cause::kThrew, failed.plugin, failed.text};
  const std::string times =
      failed.count == 1 ? "once: " : std::to_string(failed.count) + " times, at last: ";
  return failed.job + " " + times + last.message();
}

void FailureLog::add(std::string_view job, const JobFailure& failure) {
  using Key = std::pair<std::string_view, std::string_view>;
  const Key key{job, failure.plugin};
  const auto key_of = [](const FailedJobs& row) { return Key{row.job, row.plugin}; };
  auto row = std::find_if(rows_.begin(), rows_.end(),
                          [&](const FailedJobs& one) { return key_of(one) >= key; });
  if (row == rows_.end() || key_of(*row) != key) {
    row = rows_.insert(row, {std::string(job), failure.plugin, 0, ""});
  }
  ++row->count;
  row->text = failure.text;
}

}  // namespace skerry::host
