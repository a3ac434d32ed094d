#include "sim/availability_trace.hpp"

#include <sstream>

#include "tests/catch.hpp"
#include "tests/sim/xorshift.hpp"

namespace skerry::sim {
namespace {

SimTime at_s(std::int64_t s) { return SimTime::at(Duration::seconds(s)); }
Availability::State on_until(std::int64_t s) { return {true, at_s(s)}; }
Availability::State off_until(std::int64_t s) { return {false, at_s(s)}; }

using Options = AvailabilityTrace::Options;

AvailabilityTrace trace_of(const std::string& csv, const Options& options) {
  std::istringstream stream(csv);
  auto outcome = AvailabilityTrace::read(stream, "trace.csv", options);
  for (const std::string& problem : outcome.problems) UNSCOPED_INFO(problem);
  REQUIRE(outcome.trace.has_value());
  return *std::move(outcome.trace);
}
std::vector<std::string> problems_of(const std::string& csv, const Options& options) {
  std::istringstream stream(csv);
  const auto outcome = AvailabilityTrace::read(stream, "trace.csv", options);
  CHECK(outcome.trace.has_value() == outcome.problems.empty());
  return outcome.problems;
}
/// The one problem of a trace for ten edges.
std::string problem_of(const std::string& csv) {
  const auto problems = problems_of(csv, {.edges = 10});
  return problems.size() == 1 ? problems.front() : std::to_string(problems.size()) + " problems";
}

}  // namespace

TEST_CASE("a trace says when an edge is there and when that changes") {
  auto trace = trace_of("node,start_s,end_s\nedge-1,10,20\n2,0,5\nedge-1,30,40.5\n", {.edges = 3});
  const NodeId edge = NodeId::edge(1);
  CHECK(trace.at(edge, at_s(0)) == off_until(10));
  CHECK(trace.at(edge, at_s(10)) == on_until(20));
  CHECK(trace.at(edge, at_s(19)) == on_until(20));
  CHECK(trace.at(edge, at_s(20)) == off_until(30));
  CHECK(trace.at(edge, at_s(40)) ==
        Availability::State{true, SimTime::at(Duration::milliseconds(40'500))});
  CHECK(trace.at(edge, at_s(41)) == Availability::State{false, SimTime::never()});
  CHECK(trace.at(NodeId::edge(2), at_s(0)) == on_until(5));
}

TEST_CASE("an edge that a trace does not name is always there, or never") {
  const std::string csv = "0,1,2\n";
  auto there = trace_of(csv, {.edges = 2, .unnamed_available = true});
  auto away = trace_of(csv, {.edges = 2, .unnamed_available = false});
  CHECK(there.at(NodeId::edge(1), at_s(9)) == Availability::State{true, SimTime::never()});
  CHECK(away.at(NodeId::edge(1), at_s(9)) == Availability::State{false, SimTime::never()});
}

TEST_CASE("a trace can start over") {
  auto trace = trace_of("0,10,20\n0,60,100\n1,0,30\n1,50,100\n2,0,100\n",
                        {.edges = 3, .repeat_every = Duration::seconds(100)});
  const NodeId gaps = NodeId::edge(0);
  CHECK(trace.at(gaps, at_s(30)) == off_until(60));
  CHECK(trace.at(gaps, at_s(60)) == on_until(100));
  CHECK(trace.at(gaps, at_s(100)) == off_until(110));
  CHECK(trace.at(gaps, at_s(715)) == on_until(720));
  // Available at the end and at the beginning: no change in between.
  const NodeId across = NodeId::edge(1);
  CHECK(trace.at(across, at_s(31)) == off_until(50));
  CHECK(trace.at(across, at_s(70)) == on_until(130));
  CHECK(trace.at(across, at_s(110)) == on_until(130));
  CHECK(trace.at(NodeId::edge(2), at_s(70)) == Availability::State{true, SimTime::never()});
}

TEST_CASE("after its last row of a repeated trace an edge is away until the first comes round") {
  auto trace = trace_of("0,10,20\n", {.edges = 1, .repeat_every = Duration::seconds(100)});
  CHECK(trace.at(NodeId::edge(0), at_s(20)) == off_until(110));
  CHECK(trace.at(NodeId::edge(0), at_s(350)) == off_until(410));
}

TEST_CASE("rows that touch are one interval") {
  auto trace = trace_of("0,0,10\n0,10,20\n", {.edges = 1});
  CHECK(trace.at(NodeId::edge(0), at_s(5)) == on_until(20));
}

TEST_CASE("a trace may have comments, empty lines, blanks and foreign line ends") {
  auto trace = trace_of(
      "# from a campus\r\nnode,start_s,end_s\r\n\r\n edge-0 , 1 , 2.000000001 \r\n", {.edges = 1});
  CHECK(trace.at(NodeId::edge(0), at_s(2)) ==
        Availability::State{true, at_s(2) + Duration::nanoseconds(1)});
}

TEST_CASE("a trace may begin with a byte-order mark") {
  auto trace = trace_of("\xef\xbb\xbfnode,start_s,end_s\n0,1,2\n", {.edges = 1});
  CHECK(trace.at(NodeId::edge(0), at_s(1)) == on_until(2));
}

TEST_CASE("a bad row of a trace is reported with file, line and reason") {
  CHECK(problem_of("0,1,2\n0,3\n") == "trace.csv:2: a row is `node,start_s,end_s`, not \"0,3\"");
  CHECK(problem_of("0,1,2,3\n") == "trace.csv:1: a row is `node,start_s,end_s`, not \"0,1,2,3\"");
  CHECK(problem_of("\n#\nedge-10,1,2\n") ==
        "trace.csv:3: no edge \"edge-10\"; the edges are edge-0 to edge-9");
  CHECK(problem_of("cloud,1,2\n") ==
        "trace.csv:1: no edge \"cloud\"; the edges are edge-0 to edge-9");
  CHECK(problem_of("99999999999,1,2\n") ==
        "trace.csv:1: no edge \"99999999999\"; the edges are edge-0 to edge-9");
  CHECK(problem_of("0,-1,2\n") == "trace.csv:1: time \"-1\" is negative");
  CHECK(problem_of("0,1e3,2000\n") ==
        "trace.csv:1: \"1e3\" is not a time in seconds, like 90 or 90.25 (up to 9 decimals)");
  CHECK(problem_of("0,1,\n") ==
        "trace.csv:1: \"\" is not a time in seconds, like 90 or 90.25 (up to 9 decimals)");
  CHECK(problem_of("0,1,2.0000000001\n") ==
        "trace.csv:1: \"2.0000000001\" is not a time in seconds, like 90 or 90.25 (up to 9 "
        "decimals)");
  CHECK(problem_of("0,5,5\n") == "trace.csv:1: the end is not after the start");
  CHECK(problem_of("0,5,9\n1,6,7\n0,8,12\n") == "trace.csv:3: edge-0 overlaps with line 1");
  CHECK(problem_of("3,50,90\n3,10,20\n") == "trace.csv:2: edge-3 starts before line 1");
  CHECK(problems_of("0,50,101\n", {.edges = 1, .repeat_every = Duration::seconds(100)}) ==
        std::vector<std::string>{"trace.csv:1: the end is after the trace starts over, at 100 s"});
}

TEST_CASE("the bad rows of a trace are reported together, up to ten") {
  CHECK(problems_of("0,1,2\nx,1,2\n0,a,4\n0,5,6\n", {.edges = 1}).size() == 2);
  std::string csv;
  for (int i = 0; i < 100; ++i) csv += "nonsense\n";
  CHECK(problems_of(csv, {.edges = 1}).size() == 10);
}

TEST_CASE("a trace agrees with walking through its rows") {
  const auto seed = GENERATE(range<std::uint64_t>(1, 5));
  INFO("seed " << seed);
  Xorshift random(seed);
  constexpr std::int64_t kPeriod = 300;
  std::vector<bool> available(kPeriod, false);  // by second
  std::string csv;
  for (std::int64_t s = random.below(5); s < kPeriod;) {
    const std::int64_t end = std::min(kPeriod, s + 1 + random.below(20));
    csv += "0," + std::to_string(s) + ',' + std::to_string(end) + '\n';
    std::fill(available.begin() + s, available.begin() + end, true);
    s = end + random.below(20);
  }
  auto trace = trace_of(csv, {.edges = 1, .repeat_every = Duration::seconds(kPeriod)});
  for (std::int64_t s = 0; s < 3 * kPeriod; ++s) {
    std::int64_t change = s;
    const auto at = [&](std::int64_t t) {
      return available[static_cast<std::size_t>(t % kPeriod)];
    };
    while (at(change) == at(s)) ++change;
    REQUIRE(trace.at(NodeId::edge(0), at_s(s)) == Availability::State{at(s), at_s(change)});
  }
}

}  // namespace skerry::sim
