#include "algorithms/sdk/drift_evaluation.hpp"

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "tests/catch.hpp"

namespace skerry {
namespace {

using Indices = std::vector<std::uint64_t>;

struct Case {
  Indices drifts, alarms;
  std::uint64_t length, max_delay;
  std::uint64_t hits, false_alarms, found, missed;
  std::map<std::string, double> values;  // those that are present
};
const Case kCases[] = {
    // Found after 10, a second hit of the same drift, one missed, false alarms 400 and 200 apart.
    {{100, 500},
     {110, 130, 300, 700, 900},
     1000,
     50,
     2,
     3,
     1,
     1,
     {{"mtd", 10},
      {"mdr", 0.5},
      {"mtfa", 300},
      {"mtr", 15},
      {"far", 0.003},
      {"precision", 0.4},
      {"recall", 0.5},
      {"f1", 4.0 / 9}}},
    // river's example of f1.
    {{100, 500},
     {110, 900},
     1000,
     50,
     1,
     1,
     1,
     1,
     {{"mtd", 10}, {"mdr", 0.5}, {"far", 0.001}, {"precision", 0.5}, {"recall", 0.5}, {"f1", 0.5}}},
    // Both ends of the window count: delays 0 and 50. Nothing is false.
    {{100, 500},
     {100, 550},
     1000,
     50,
     2,
     0,
     2,
     0,
     {{"mtd", 25}, {"mdr", 0}, {"far", 0}, {"precision", 1}, {"recall", 1}, {"f1", 1}}},
    // Before a drift and one too late.
    {{100},
     {99, 151},
     1000,
     50,
     0,
     2,
     0,
     1,
     {{"mdr", 1}, {"mtfa", 52}, {"far", 0.002}, {"precision", 0}, {"recall", 0}, {"f1", 0}}},
    // Windows overlap: an alarm is of the earliest, the second drift is missed.
    {{100, 120},
     {130},
     1000,
     50,
     1,
     0,
     1,
     1,
     {{"mtd", 30}, {"mdr", 0.5}, {"far", 0}, {"precision", 1}, {"recall", 0.5}, {"f1", 2.0 / 3}}},
    // An alarm at once leaves no ratio of times.
    {{10},
     {10, 60, 80},
     100,
     5,
     1,
     2,
     1,
     0,
     {{"mtd", 0},
      {"mdr", 0},
      {"mtfa", 20},
      {"far", 0.02},
      {"precision", 1.0 / 3},
      {"recall", 1},
      {"f1", 0.5}}},
    // No drifts; river's example of the mean time between false alarms.
    {{}, {200, 300, 500}, 1000, 50, 0, 3, 0, 0, {{"mtfa", 150}, {"far", 0.003}, {"precision", 0}}},
    {{7}, {}, 10, 2, 0, 0, 0, 1, {{"mdr", 1}, {"far", 0}, {"recall", 0}}},
    {{}, {}, 0, 0, 0, 0, 0, 0, {}},
};

TEST_CASE("alarms are weighed against known drifts as worked out by hand") {
  for (const Case& row : kCases) {
    const DriftScore score = evaluate_drift({row.drifts, row.alarms, row.length, row.max_delay});
    INFO("case " << &row - kCases);
    CHECK(score.hits == row.hits);
    CHECK(score.false_alarms == row.false_alarms);
    CHECK(score.found == row.found);
    CHECK(score.missed == row.missed);
    const std::pair<const char*, std::optional<double>> values[] = {
        {"mtd", score.mean_time_to_detection},
        {"mdr", score.missed_detection_rate},
        {"mtfa", score.mean_time_between_false_alarms},
        {"mtr", score.mean_time_ratio},
        {"far", score.false_alarm_rate},
        {"precision", score.precision},
        {"recall", score.recall},
        {"f1", score.f1}};
    for (const auto& [name, value] : values) {
      INFO(name);
      const auto expected = row.values.find(name);
      REQUIRE(value.has_value() == (expected != row.values.end()));
      if (value) CHECK(*value == Approx(expected->second));
    }
  }
}

}  // namespace
}  // namespace skerry
