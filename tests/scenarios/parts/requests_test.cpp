#include "scenarios/parts/requests.hpp"

#include <cmath>

#include "scenarios/role/role.hpp"
#include "tests/catch.hpp"

namespace skerry::parts {
namespace {

TEST_CASE("edges start at their own share of the examples and go round") {
  CHECK(requested_row(NodeId::edge(0), 4, 0, 100) == 0);
  CHECK(requested_row(NodeId::edge(3), 4, 0, 100) == 75);
  CHECK(requested_row(NodeId::edge(3), 4, 30, 100) == 5);
  CHECK(requested_row(NodeId::edge(999'999), 1'000'000, 5, 4'000'000'000) == 3'999'996'005);
  CHECK(requested_row(NodeId::edge(2), 3, 9, 0) == 0);
}

TEST_CASE("even arrivals are an interval apart, random ones about that") {
  RequestsConfig config;
  config.count = 2000;
  config.interval = Duration::milliseconds(10);
  config.arrivals = Arrivals::kUniform;
  const ArrivalTimes even(config, 3);
  const auto first = even.next(NodeId::edge(1), 0, {});
  REQUIRE(first);
  CHECK(*first < config.interval);
  CHECK(*even.next(NodeId::edge(1), 1, *first) - *first == config.interval);
  CHECK_FALSE(even.next(NodeId::edge(1), 2000, *first));

  config.arrivals = Arrivals::kPoisson;
  const ArrivalTimes random(config, 3);
  Duration last;
  for (std::uint32_t i = 0; i < 2000; ++i) last = *random.next(NodeId::edge(1), i, last);
  // The mean of 2000 exponential gaps: within 6 of its standard deviations, 10 ms / sqrt(2000).
  CHECK(last.in_seconds() / 2000 == Approx(0.01).margin(6 * 0.01 / std::sqrt(2000.0)));
}

TEST_CASE("a role that answers no requests says so, at once") {
  struct Deaf final : role::Role {
    void save(ByteWriter&) const override {}
    void load(ByteReader&) override {}
  };
  Deaf deaf;
  role::Effects effects;
  deaf.step({SimTime(), role::Request{role::kFromOutside | 7, {}}}, effects);
  REQUIRE(effects.list().size() == 1);
  const auto& answer = std::get<role::Answer>(effects.list()[0]);
  CHECK(answer.request == (role::kFromOutside | 7));
  CHECK(answer.label == -1);
  CHECK(answer.refusal == "this paradigm answers no requests");
}

}  // namespace
}  // namespace skerry::parts
