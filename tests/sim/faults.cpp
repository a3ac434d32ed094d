#include "sim/faults.hpp"

#include <cmath>

#include "tests/catch.hpp"

namespace skerry::sim {
namespace {

SimTime at_s(std::int64_t s) { return SimTime::at(Duration::seconds(s)); }

}  // namespace

TEST_CASE("the timeline of faults has every beginning and end in order, ends first") {
  const std::vector<Fault> faults{
      Partition{.nodes = {NodeId::edge(0)}, .at = at_s(20), .until = at_s(30)},
      SlowDown{.node = NodeId::edge(1), .at = at_s(10), .until = at_s(20), .factor = 2},
      Crash{.node = NodeId::edge(2), .at = at_s(20)},
      Restart{.node = NodeId::edge(2), .at = at_s(25)},
      SlowDown{.node = NodeId::cloud(), .at = at_s(26), .until = SimTime::never(), .factor = 3}};
  CHECK(timeline_of(faults) == std::vector<FaultMoment>{{at_s(10), 1, true},
                                                        {at_s(20), 1, false},
                                                        {at_s(20), 0, true},
                                                        {at_s(20), 2, true},
                                                        {at_s(25), 3, true},
                                                        {at_s(26), 4, true},
                                                        {at_s(30), 0, false}});
}

TEST_CASE("a partition separates its nodes from the others, not from each other") {
  const NodeId a = NodeId::edge(5), b = NodeId::edge(2), c = NodeId::edge(3);
  FaultsInForce faults;
  CHECK_FALSE(faults.separated(a, c));
  faults.begin(Partition{.nodes = {a, b, a}, .at = at_s(1), .until = at_s(9)});
  CHECK(faults.separated(a, c));
  CHECK(faults.separated(c, b));
  CHECK(faults.separated(NodeId::cloud(), b));
  CHECK_FALSE(faults.separated(a, b));
  CHECK_FALSE(faults.separated(c, NodeId::cloud()));
  faults.end_until(at_s(8));
  CHECK(faults.separated(a, c));
  faults.end_until(at_s(9));
  CHECK_FALSE(faults.separated(a, c));
}

TEST_CASE("a partition cuts the same edges off, whichever side it names") {
  const std::vector<NodeId> both{NodeId::edge(1), NodeId::edge(2)};
  CHECK(cut_off_by({.nodes = {NodeId::edge(2), NodeId::edge(1)}}, 3) == both);
  CHECK(cut_off_by({.nodes = {NodeId::edge(0), NodeId::cloud()}}, 3) == both);
  CHECK(cut_off_by({.nodes = {NodeId::cloud()}}, 2).size() == 2);
}

TEST_CASE("slow-downs of one node multiply while they last") {
  const NodeId node = NodeId::edge(5);
  FaultsInForce faults;
  faults.begin(SlowDown{.node = node, .at = at_s(0), .until = at_s(10), .factor = 2});
  faults.begin(SlowDown{.node = node, .at = at_s(5), .until = at_s(20), .factor = 1.5});
  CHECK(faults.slow_down(node) == 3.0);
  CHECK(faults.slow_down(NodeId::edge(6)) == 1.0);
  faults.end_until(at_s(10));
  CHECK(faults.slow_down(node) == 1.5);
  faults.end_until(at_s(20));
  CHECK(faults.slow_down(node) == 1.0);
}

TEST_CASE("a fault that cannot happen is told so") {
  const NodeId node = NodeId::edge(1);
  const auto problem = [](const Fault& fault) { return problem_of(fault, 2).value_or("none"); };
  CHECK(problem(Crash{.node = node, .at = at_s(1)}) == "none");
  CHECK(problem(Crash{.node = NodeId::cloud(), .at = at_s(1)}) == "none");
  CHECK(problem(Restart{.node = NodeId::edge(2), .at = at_s(1)}) ==
        "no node edge-2 in a run with 2 edges");
  CHECK(problem(Crash{.node = node, .at = at_s(-1)}) ==
        "a fault does not strike before the run starts");
  CHECK(problem(SlowDown{.node = node, .at = at_s(1), .until = at_s(1), .factor = 2}) ==
        "a fault that lasts ends after it begins");
  CHECK(problem(SlowDown{.node = node, .at = at_s(1), .until = at_s(2), .factor = 0.5}) ==
        "a slow-down has a factor between 1 and 1e9");
  CHECK(problem(SlowDown{.node = node, .at = at_s(1), .until = at_s(2), .factor = NAN}) ==
        "a slow-down has a factor between 1 and 1e9");
  CHECK(problem(Partition{.nodes = {}, .at = at_s(1), .until = at_s(2)}) ==
        "a partition separates at least one node from the others");
  CHECK(problem(Partition{.nodes = {node, NodeId::edge(7)}, .at = at_s(1), .until = at_s(2)}) ==
        "no node edge-7 in a run with 2 edges");
  CHECK(problem(Partition{.nodes = {NodeId::cloud(), NodeId::edge(0), NodeId::edge(1)},
                          .at = at_s(1),
                          .until = at_s(2)}) == "a partition of all nodes separates nobody");
}

}  // namespace skerry::sim
