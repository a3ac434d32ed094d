#include "sim/availability.hpp"

#include <cmath>
#include <memory>
#include <sstream>
#include <vector>

#include "sim/availability_trace.hpp"
#include "sim/diurnal.hpp"
#include "sim/on_off.hpp"
#include "tests/catch.hpp"

namespace skerry::sim {
namespace {

SimTime at_s(std::int64_t s) { return SimTime::at(Duration::seconds(s)); }

/// Statistical claims: off by more than 4.4 standard deviations happens once in 90,000 runs.
constexpr double kDeviations = 4.4;
double standard_error(double probability, double count) {
  return std::sqrt(probability * (1 - probability) / count);
}

double part_available(Availability& model, std::uint32_t edges, SimTime now) {
  std::uint32_t available = 0;
  for (std::uint32_t edge = 0; edge < edges; ++edge) {
    available += model.at(NodeId::edge(edge), now).available;
  }
  return static_cast<double>(available) / edges;
}

}  // namespace

TEST_CASE("an edge that is always available never changes") {
  AlwaysAvailable model;
  CHECK(model.at(NodeId::edge(3), at_s(5)) == Availability::State{true, SimTime::never()});
}

TEST_CASE("on-off edges are available as often as their means say, from the start") {
  constexpr std::uint32_t kEdges = 20'000;
  OnOff model({.mean_on = Duration::seconds(30), .mean_off = Duration::seconds(90)}, 1, kEdges);
  for (const std::int64_t s : {0, 10, 1000}) {
    CAPTURE(s);
    CHECK(std::abs(part_available(model, kEdges, at_s(s)) - 0.25) <
          kDeviations * standard_error(0.25, kEdges));
  }
}

TEST_CASE("on-off spells alternate and have the mean lengths they should have") {
  OnOff model({.mean_on = Duration::seconds(30), .mean_off = Duration::seconds(90)}, 7, 1);
  constexpr int kSpells = 20'000;
  double seconds[2] = {0, 0};
  Availability::State state = model.at(NodeId::edge(0), SimTime());
  for (int spell = 0; spell < 2 * kSpells; ++spell) {
    const SimTime begin = state.until;
    const bool was_available = state.available;
    state = model.at(NodeId::edge(0), begin);
    REQUIRE(state.available != was_available);
    REQUIRE(state.until > begin);
    seconds[state.available] += (state.until - begin).in_seconds();
  }
  // The standard deviation of an exponential is its mean.
  const double tolerance = kDeviations / std::sqrt(kSpells);
  CHECK(std::abs(seconds[true] / kSpells / 30 - 1) < tolerance);
  CHECK(std::abs(seconds[false] / kSpells / 90 - 1) < tolerance);
}

TEST_CASE("when an on-off edge changes does not depend on how often anyone asks") {
  const OnOff::Config config{.mean_on = Duration::seconds(3), .mean_off = Duration::seconds(4)};
  OnOff often(config, 5, 100);
  OnOff seldom(config, 5, 100);
  OnOff other_seed(config, 6, 100);
  int differing = 0;
  for (std::uint32_t edge = 0; edge < 100; ++edge) {
    const NodeId node = NodeId::edge(edge);
    Availability::State state = often.at(node, SimTime());
    while (state.until < at_s(500)) {
      REQUIRE(often.at(node, state.until + Duration::nanoseconds(-1)) == state);
      state = often.at(node, state.until);
    }
    REQUIRE(seldom.at(node, at_s(500)) == often.at(node, at_s(500)));
    differing += seldom.at(node, at_s(500)) != other_seed.at(node, at_s(500));
  }
  CHECK(differing > 90);
}

TEST_CASE("a diurnal edge is available for its fraction of the day, centred at the peak") {
  // Peak at 20 h, 6 h a day: from 17 h to 23 h.
  Diurnal model({.peak = Duration::seconds(20 * 3600), .fraction = 0.25, .spread = 0}, 1);
  const auto h = [](std::int64_t hours) { return at_s(hours * 3600); };
  const NodeId edge = NodeId::edge(9);
  const SimTime just_before = h(17) + Duration::nanoseconds(-1);
  CHECK(model.at(edge, h(0)) == Availability::State{false, h(17)});
  CHECK(model.at(edge, just_before) == Availability::State{false, h(17)});
  CHECK(model.at(edge, h(17)) == Availability::State{true, h(23)});
  CHECK(model.at(edge, h(22)) == Availability::State{true, h(23)});
  CHECK(model.at(edge, h(23)) == Availability::State{false, h(41)});
  CHECK(model.at(edge, h(41)) == Availability::State{true, h(47)});
}

TEST_CASE("a diurnal window may lie across midnight") {
  Diurnal model({.peak = Duration::seconds(0), .fraction = 0.5, .spread = 0}, 1);
  const NodeId edge = NodeId::edge(0);
  CHECK(model.at(edge, at_s(0)) == Availability::State{true, at_s(6 * 3600)});
  CHECK(model.at(edge, at_s(6 * 3600)) == Availability::State{false, at_s(18 * 3600)});
  CHECK(model.at(edge, at_s(18 * 3600)) == Availability::State{true, at_s(30 * 3600)});
}

TEST_CASE("a diurnal fraction of none or all of the day never changes") {
  Diurnal none({.fraction = 0}, 1);
  Diurnal all({.fraction = 1}, 1);
  CHECK(none.at(NodeId::edge(0), at_s(7)) == Availability::State{false, SimTime::never()});
  CHECK(all.at(NodeId::edge(0), at_s(7)) == Availability::State{true, SimTime::never()});
}

TEST_CASE("spread peaks make a diurnal population swell and ebb, or keep it level") {
  constexpr std::uint32_t kEdges = 20'000;
  const Duration noon = Duration::seconds(12 * 3600);
  // Peaks between 9 h and 15 h, 3 h around each: at noon those between 10:30 and 13:30, half of
  // all.
  Diurnal swelling({.peak = noon, .fraction = 0.125, .spread = 0.25}, 3);
  CHECK(part_available(swelling, kEdges, at_s(7 * 3600)) == 0);
  CHECK(std::abs(part_available(swelling, kEdges, SimTime::at(noon)) - 0.5) <
        kDeviations * standard_error(0.5, kEdges));
  CHECK(part_available(swelling, kEdges, at_s(17 * 3600)) == 0);

  Diurnal level({.peak = noon, .fraction = 0.125, .spread = 1}, 3);
  for (const std::int64_t hour : {0, 7, 12, 40}) {
    CAPTURE(hour);
    CHECK(std::abs(part_available(level, kEdges, at_s(hour * 3600)) - 0.125) <
          kDeviations * standard_error(0.125, kEdges));
  }
}

TEST_CASE("a diurnal edge does change when it says it will") {
  Diurnal model({.fraction = 0.3, .spread = 1}, 11);
  for (std::uint32_t edge = 0; edge < 200; ++edge) {
    SimTime now;
    for (int change = 0; change < 6; ++change) {
      const auto state = model.at(NodeId::edge(edge), now);
      REQUIRE(state.until > now);
      REQUIRE(model.at(NodeId::edge(edge), state.until + Duration::nanoseconds(-1)) == state);
      REQUIRE(model.at(NodeId::edge(edge), state.until).available != state.available);
      now = state.until;
    }
  }
}

TEST_CASE("an edge that is away says since when, whatever the model") {
  std::istringstream csv("0,10,20\n0,60,100\n1,0,30\n1,50,100\n2,30,40\n");
  auto trace = AvailabilityTrace::read(csv, "trace.csv",
                                       {.edges = 3, .repeat_every = Duration::seconds(100)});
  REQUIRE(trace.trace.has_value());
  OnOff on_off({.mean_on = Duration::seconds(3), .mean_off = Duration::seconds(4)}, 5, 3);
  Diurnal diurnal({.fraction = 0.3, .spread = 1}, 11);
  for (Availability* model :
       {static_cast<Availability*>(&*trace.trace), static_cast<Availability*>(&on_off),
        static_cast<Availability*>(&diurnal)}) {
    for (std::uint32_t edge = 0; edge < 3; ++edge) {
      SimTime now, changed;
      for (int change = 0; change < 9; ++change) {
        const auto state = model->at(NodeId::edge(edge), now);
        REQUIRE(state.until > now);
        const SimTime middle = now + Duration::nanoseconds((state.until - now).count() / 2);
        if (!state.available) {
          CHECK(model->away_since(NodeId::edge(edge), now) == changed);
          CHECK(model->away_since(NodeId::edge(edge), middle) == changed);
        }
        now = changed = state.until;
      }
    }
  }
}

TEST_CASE("where nobody is there, a lasting absence began with the run") {
  Diurnal none({.fraction = 0}, 1);
  CHECK(none.away_since(NodeId::edge(0), at_s(7)) == SimTime());
  std::istringstream csv("0,1,2\n");
  auto away = AvailabilityTrace::read(csv, "t", {.edges = 2, .unnamed_available = false});
  CHECK(away.trace->away_since(NodeId::edge(1), at_s(9)) == SimTime());
  CHECK(away.trace->away_since(NodeId::edge(0), at_s(9)) == at_s(2));
}

}  // namespace skerry::sim
