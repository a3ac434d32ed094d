#include "algorithms/sdk/drift_evaluation.hpp"

#include <algorithm>
#include <functional>
#include <vector>

#include "algorithms/sdk/check.hpp"

namespace skerry {

namespace {

using Indices = std::span<const std::uint64_t>;

void check_indices(Indices indices, std::uint64_t length) {
  SKERRY_CHECK(std::ranges::adjacent_find(indices, std::ranges::greater_equal()) == indices.end(),
               "indices ascend");
  SKERRY_CHECK(indices.empty() || indices.back() < length, "an index lies in its stream");
}

/// The quotient, absent where nothing is counted.
std::optional<double> share(std::uint64_t part, std::uint64_t whole) {
  if (whole == 0) return std::nullopt;
  return static_cast<double>(part) / static_cast<double>(whole);
}

std::optional<double> ratio_of(const DriftScore& score) {
  const auto mtd = score.mean_time_to_detection, mtfa = score.mean_time_between_false_alarms;
  if (!mtfa || !mtd || *mtd == 0 || !score.missed_detection_rate) return std::nullopt;
  return *mtfa / *mtd * (1 - *score.missed_detection_rate);
}

std::optional<double> f1_of(const DriftScore& score) {
  if (!score.precision || !score.recall) return std::nullopt;
  const double sum = *score.precision + *score.recall;
  return sum == 0 ? 0 : 2 * *score.precision * *score.recall / sum;
}

}  // namespace

DriftScore evaluate_drift(const DriftRecord& record) {
  check_indices(record.drifts, record.length);
  check_indices(record.alarms, record.length);
  DriftScore score;
  std::vector<bool> found(record.drifts.size(), false);
  std::vector<std::uint64_t> false_alarms;
  std::uint64_t delays = 0;
  for (const std::uint64_t alarm : record.alarms) {
    const auto drift = std::ranges::find_if(record.drifts, [&](std::uint64_t at) {
      return at <= alarm && alarm - at <= record.max_delay;
    });
    if (drift == record.drifts.end()) {
      false_alarms.push_back(alarm);
      continue;
    }
    ++score.hits;
    const auto which = static_cast<std::size_t>(drift - record.drifts.begin());
    if (!found[which]) delays += alarm - *drift;
    found[which] = true;
  }
  score.false_alarms = false_alarms.size();
  score.found = static_cast<std::uint64_t>(std::ranges::count(found, true));
  score.missed = record.drifts.size() - score.found;
  score.mean_time_to_detection = share(delays, score.found);
  score.missed_detection_rate = share(score.missed, record.drifts.size());
  if (false_alarms.size() > 1) {
    score.mean_time_between_false_alarms =
        share(false_alarms.back() - false_alarms.front(), false_alarms.size() - 1);
  }
  score.mean_time_ratio = ratio_of(score);
  score.false_alarm_rate = share(score.false_alarms, record.length);
  score.precision = share(score.hits, record.alarms.size());
  score.recall = share(score.found, record.drifts.size());
  score.f1 = f1_of(score);
  return score;
}

}  // namespace skerry
