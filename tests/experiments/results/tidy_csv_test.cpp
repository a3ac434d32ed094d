#include "experiments/results/tidy_csv.hpp"

#include <cmath>
#include <limits>

#include "tests/catch.hpp"

namespace skerry::experiments {

namespace {

SimTime nanoseconds(std::int64_t n) { return SimTime::at(Duration::nanoseconds(n)); }

std::string metrics_fault(const std::string& text) { return parse_metrics_csv(text).message(); }

const std::string kHead = "name,node,step,time_s,value\n";

}  // namespace

TEST_CASE("metrics come back from a table as exactly what they were") {
  const std::vector<host::MetricRow> rows{
      {"test/accuracy", NodeId::cloud(), nanoseconds(0), 0, 0.1},
      {"a, \"quoted\"\nname", NodeId::edge(17), nanoseconds(1'234'567'890'123'456'789), 3, 1e-300},
      {"x", NodeId::cloud(), nanoseconds(1), 18446744073709551615ULL,
       std::numeric_limits<double>::infinity()},
      {"y", NodeId::cloud(), nanoseconds(1'500'000'000), 1, -0.1 - 0.2}};
  const auto back = parse_metrics_csv(metrics_csv(rows));
  REQUIRE(back.ok());
  CHECK(*back == rows);
  CHECK(parse_metrics_csv("\xef\xbb\xbf" + metrics_csv(rows)).value() == rows);
}

TEST_CASE("whole numbers stand in a table in all their digits") {
  for (const auto& [value, text] : {std::pair(1e6, "1000000"), std::pair(1e15, "1000000000000000"),
                                    std::pair(123456789012345678.0, "123456789012345680"),
                                    std::pair(-2e9, "-2000000000"), std::pair(1e22, "1e+22")}) {
    CHECK(metric_row_csv({"n", NodeId::cloud(), nanoseconds(0), 1, value}) ==
          "n,cloud,1,0," + std::string(text) + "\n");
  }
}

TEST_CASE("what is not a number stays that in a table") {
  const std::vector<host::MetricRow> rows{{"loss", NodeId::cloud(), nanoseconds(0), 1, NAN}};
  const auto back = parse_metrics_csv(metrics_csv(rows));
  REQUIRE(back.ok());
  CHECK(std::isnan(back->front().value));
}

TEST_CASE("times are written in seconds without needless zeros") {
  CHECK(seconds_text(nanoseconds(0)) == "0");
  CHECK(seconds_text(nanoseconds(1)) == "0.000000001");
  CHECK(seconds_text(nanoseconds(12'500'000'000)) == "12.5");
}

TEST_CASE("damage in a table is named with its line and column") {
  CHECK(metrics_fault("") == "line 1: is cut short or misquoted");
  CHECK(metrics_fault("name,value\n") == "line 1: must be name,node,step,time_s,value");
  CHECK(metrics_fault(kHead + "a,cloud,1,0,0.5\na,cloud,2,0,0.") ==
        "line 3: is cut short or misquoted");
  CHECK(metrics_fault(kHead + "a,cloud,1,0\n") == "line 2: has 4 columns, not 5");
  CHECK(metrics_fault(kHead + "a,sky,1,0,1\n") == "line 2: node: \"sky\" is not cloud or edge-N");
  CHECK(metrics_fault(kHead + "a,cloud,-1,0,1\n") == "line 2: step: \"-1\" is not a whole number");
  CHECK(metrics_fault(kHead + "a,cloud,1,abc,1\n") ==
        "line 2: time_s: \"abc\" is not a time in seconds");
  CHECK(metrics_fault(kHead + "a,cloud,1,0,1x\n") == "line 2: value: \"1x\" is not a number");
  CHECK(metrics_fault(kHead + "a\"b,cloud,1,0,1\n") == "line 2: is cut short or misquoted");
}

TEST_CASE("spans come back from a table as what they were") {
  const std::vector<host::Span> spans{
      {NodeId::edge(3), 7, "evaluate on edge", nanoseconds(5), nanoseconds(2'000'000'001)}};
  const auto back = parse_spans_csv(spans_csv(spans));
  REQUIRE(back.ok());
  REQUIRE(back->size() == 1);
  CHECK(to_bytes(back->front()) == to_bytes(spans.front()));
}

}  // namespace skerry::experiments
