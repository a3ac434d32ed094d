#include "real/standstill_watch.hpp"

#include "tests/catch.hpp"

namespace skerry::real {
namespace {

using Clock = StandstillWatch::Clock;

/// Looks ten times a second for `seconds`. @return the seconds at which a line was due.
std::vector<std::int64_t> lines(StandstillWatch& watch, const StandstillWatch::View& view,
                                int seconds, Clock::time_point begin, std::string* last = nullptr) {
  std::vector<std::int64_t> when;
  for (int tenth = 0; tenth <= 10 * seconds; ++tenth) {
    const auto passed = std::chrono::milliseconds(100 * tenth);
    if (const auto line = watch.look(begin + passed, view)) {
      when.push_back(std::chrono::duration_cast<std::chrono::seconds>(passed).count());
      if (last) *last = *line;
    }
  }
  return when;
}

TEST_CASE("a cloud that only waits for edges says for which, less and less often") {
  StandstillWatch watch(Duration::seconds(10));
  const StandstillWatch::View view{.inputs = 5,
                                   .waits = true,
                                   .edges = 10,
                                   .missing = {NodeId::edge(2), NodeId::edge(7)},
                                   .unanswered = {}};
  std::string last;
  CHECK(lines(watch, view, 3000, Clock::time_point(), &last) ==
        std::vector<std::int64_t>{10, 20, 40, 80, 160, 320, 640, 1240, 1840, 2440});
  CHECK(last == "nothing has happened for 2440 s: waiting for 2 of 10 edges: edge-2, edge-7");
  CHECK(watch.waiting() == "waiting for 2 of 10 edges: edge-2, edge-7");
}

TEST_CASE("whatever happens begins the wait again, and work is no standstill") {
  StandstillWatch watch(Duration::seconds(10));
  StandstillWatch::View view{
      .inputs = 5, .waits = true, .edges = 3, .missing = {NodeId::edge(1)}, .unanswered = {}};
  Clock::time_point now;
  CHECK(lines(watch, view, 25, now) == std::vector<std::int64_t>{10, 20});
  ++view.inputs;
  now += std::chrono::seconds(25);
  CHECK(lines(watch, view, 15, now) == std::vector<std::int64_t>{10});
  CHECK(watch.waiting() == "waiting for 1 of 3 edges: edge-1");
  now += std::chrono::seconds(15);
  view.waits = false;  // a job runs
  CHECK(lines(watch, view, 60, now).empty());
  CHECK(watch.waiting().empty());
  now += std::chrono::seconds(60);
  view.waits = true;
  view.missing.clear();  // nobody is missing
  CHECK(lines(watch, view, 60, now).empty());
}

TEST_CASE("of many missing edges the first few are named, and who has not answered is said") {
  StandstillWatch watch(Duration::seconds(1));
  StandstillWatch::View view{.waits = true, .edges = 40, .missing = {}, .unanswered = {}};
  for (std::uint32_t k = 0; k < 30; ++k) view.missing.push_back(NodeId::edge(k));
  view.unanswered = {NodeId::edge(33)};
  std::string last;
  (void)lines(watch, view, 1, Clock::time_point(), &last);
  CHECK(last ==
        "nothing has happened for 1 s: waiting for 30 of 40 edges: edge-0, edge-1, edge-2, edge-3, "
        "edge-4, edge-5, edge-6, edge-7 and 22 more; no answer yet from edge-33");
}

}  // namespace
}  // namespace skerry::real
