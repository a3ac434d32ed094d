// Labels that come late, cost something, are not always right and not without end.
#include "scenarios/parts/labelling.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "algorithms/sdk/registry.hpp"
#include "scenarios/schema/json.hpp"
#include "tests/algorithms/plugins.hpp"
#include "tests/catch.hpp"

namespace skerry::parts {
namespace {

SimTime at_s(std::int64_t s) { return SimTime::at(Duration::seconds(s)); }

Examples examples(std::uint32_t count, std::uint32_t edge = 0) {
  Examples some{NodeId::edge(edge), std::vector<std::uint32_t>(count)};
  std::iota(some.rows.begin(), some.rows.end(), 10u);
  return some;
}

/// When an effect's timer strikes, and which it is.
role::SetTimer timer_in(role::Effects& effects, std::size_t place = 0) {
  REQUIRE(effects.list().size() > place);
  return std::get<role::SetTimer>(effects.list()[place]);
}

std::string problems_of(const std::string& json) {
  Problems problems;
  LabellingConfig config;
  FieldReader(plugins(), problems).read(*schema::parse_json(json), config, "/labels");
  return problems.text("t");
}

TEST_CASE("labels come after their delay, one question after another") {
  Labelling labelling({.delay = Duration::seconds(60), .each = Duration::seconds(2)}, Channel(3));
  role::Effects effects;
  CHECK(labelling.ask(examples(5), at_s(100), effects) == 5);
  CHECK(labelling.ask(examples(1, 1), at_s(103), effects) == 1);
  CHECK(timer_in(effects, 0).at == at_s(100 + 10 + 60));
  CHECK(timer_in(effects, 1).at == at_s(110 + 2 + 60));
  CHECK(labelling.open() == 6);
  CHECK_FALSE(labelling.on_timer(Channel(4).timer(0, 1)).has_value());
  CHECK(labelling.on_timer(timer_in(effects, 0).timer) == examples(5));
  CHECK_FALSE(labelling.on_timer(timer_in(effects, 0).timer).has_value());
  CHECK(labelling.open() == 1);
  ByteWriter writer;
  writer(labelling);
  Labelling restored({.delay = Duration::seconds(60), .each = Duration::seconds(2)}, Channel(3));
  ByteReader reader(writer.bytes());
  reader(restored);
  REQUIRE(reader.finished());
  CHECK(restored.on_timer(timer_in(effects, 1).timer) == examples(1, 1));
  CHECK(restored.bought() == 6);
}

TEST_CASE("a budget buys what it can pay for and no more") {
  Labelling labelling({.price = 0.1, .budget = 0.3}, Channel(3));
  role::Effects effects;
  CHECK(labelling.left() == 3);
  CHECK(labelling.ask(examples(2), at_s(0), effects) == 2);
  CHECK(labelling.ask(examples(4), at_s(0), effects) == 1);
  CHECK(labelling.ask(examples(4), at_s(0), effects) == 0);
  CHECK(labelling.spent() == Approx(0.3));
  CHECK(labelling.refused() == 7);
  CHECK(labelling.left() == 0);
  CHECK(effects.list().size() == 2);
  const auto second = labelling.on_timer(timer_in(effects, 1).timer);
  REQUIRE(second.has_value());
  CHECK(second->rows == std::vector<std::uint32_t>{10});
  CHECK(Labelling({.price = 0, .most = 7}, Channel(3)).left() == 7);
  CHECK(Labelling({.price = 2, .budget = 9, .most = 7}, Channel(3)).left() == 4);
  CHECK_FALSE(Labelling({}, Channel(3)).left().has_value());
}

TEST_CASE(
    "a labeller errs as often as it should, into every other class alike, and says it again") {
  constexpr std::uint32_t kRows = 20'000;
  const Labeller labeller{.error_rate = 0.2, .classes = 5, .seed = 9};
  std::vector<int> said(5);
  for (std::uint32_t row = 0; row < kRows; ++row) {
    const auto label = labeller.label(2, NodeId::edge(1), row);
    REQUIRE(label == labeller.label(2, NodeId::edge(1), row));
    ++said[static_cast<std::size_t>(label)];
  }
  // Off by more than 4.4 standard deviations happens once in 90,000 runs.
  const auto near = [](int count, double p) {
    return std::abs(count - kRows * p) < 4.4 * std::sqrt(kRows * p * (1 - p));
  };
  CHECK(near(said[2], 0.8));
  for (const std::size_t other : {0, 1, 3, 4}) CHECK(near(said[other], 0.05));
  CHECK(Labeller{.error_rate = 0, .classes = 5, .seed = 9}.label(3, NodeId::edge(0), 4) == 3);
  CHECK(Labeller{.error_rate = 1, .classes = 2, .seed = 9}.label(1, NodeId::edge(0), 4) == 0);
}

TEST_CASE("what contradicts itself in a scenario's labels is refused") {
  CHECK(problems_of(R"({"price": 0, "budget": 5})") ==
        "t: /labels/budget: means nothing where \"price\" is 0: say \"most\"\n");
  CHECK(problems_of(R"({"price": 2, "budget": 1})") ==
        "t: /labels/budget: does not buy one label\n");
  CHECK(problems_of(R"({"error_rate": 1.5})") != "");
  CHECK(problems_of(R"({"delay": "1 h", "each": "5 s", "price": 0.05, "budget": 100})") == "");
}

}  // namespace
}  // namespace skerry::parts
