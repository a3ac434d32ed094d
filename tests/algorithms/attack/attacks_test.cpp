// Laws that every attack keeps, and what each sends.

#include <cmath>

#include "algorithms/sdk/attack.hpp"
#include "tests/algorithms/plugins.hpp"
#include "tests/same_bits.hpp"

namespace skerry {
namespace {

constexpr std::uint64_t kSeed = 51;

/// An honest update: a delta, another record to be summed, a counter and a report.
Payload honest_update(std::size_t size) {
  Payload update;
  RandomStream random(kSeed, "honest");
  for (const char* name : {"delta", "delta_c"}) {
    for (float& value : update.add({name, flat_layout(size)}).f32()) {
      value = static_cast<float>(random.normal());
    }
  }
  const auto counter = std::make_shared<const Layout>(Layout::flat("n", 2, DType::kInt64));
  update.add({"batches", counter, Reduce::kEach}).i64()[0] = 7;
  add_record(update, {"report", flat_layout(2), Reduce::kEach}, {60, 0.5f});
  return update;
}

Payload attacked(const Attack& attack, Payload update, Round round = 1) {
  const Payload down;
  const Payload other = honest_update(update.at("delta").size());
  const Payload* const honest[] = {&other};
  AttackContext context{down, honest, update, 1, {kSeed, NodeId::edge(3), round}};
  attack.act(context);
  return update;
}

template <class Law>
void for_every_attack(const Law& law) {
  const auto names = plugins().names(Attack::kSlot);
  REQUIRE(names.size() >= 2);
  for (const std::string& name : names) {
    INFO("attack " << name << ", seed " << kSeed);
    law(*plugin<Attack>(name));
  }
}

TEST_CASE("every attack keeps names and layouts, and changes only what is summed or averaged") {
  for_every_attack([](const Attack& attack) {
    const Payload honest = honest_update(20);
    const Payload sent = attacked(attack, honest_update(20));
    REQUIRE(sent.records().size() == honest.records().size());
    for (std::size_t i = 0; i < sent.records().size(); ++i) {
      CHECK(sent.records()[i]->name() == honest.records()[i]->name());
      CHECK(sent.records()[i]->layout() == honest.records()[i]->layout());
    }
    CHECK(sent.at("batches").i64()[0] == 7);
    CHECK(values_of(sent.at("report")) == std::vector<float>{60, 0.5f});
    CHECK(bits(sent.at("delta").f32()) != bits(honest.at("delta").f32()));
  });
}

TEST_CASE("every attack repeats itself bit for bit") {
  for_every_attack([](const Attack& attack) {
    const Payload once = attacked(attack, honest_update(20));
    const Payload again = attacked(attack, honest_update(20));
    CHECK(bits(once.at("delta").f32()) == bits(again.at("delta").f32()));
  });
}

TEST_CASE("an attack never changes a record that others hold too") {
  for_every_attack([](const Attack& attack) {
    const Payload kept = honest_update(20);
    attacked(attack, kept);
    const Payload same = honest_update(20);
    CHECK(bits(kept.at("delta").f32()) == bits(same.at("delta").f32()));
  });
}

TEST_CASE("sign_flip sends the negated update times its scale") {
  const Payload honest = honest_update(10);
  const Payload sent = attacked(*plugin<Attack>("sign_flip", {{"scale", 4}}), honest);
  for (const char* name : {"delta", "delta_c"}) {
    for (std::size_t i = 0; i < 10; ++i) {
      CHECK(sent.at(name).f32()[i] == -4 * honest.at(name).f32()[i]);
    }
  }
}

TEST_CASE("gaussian sends centred noise of its deviation, new in every round") {
  const auto attack = plugin<Attack>("gaussian", {{"deviation", 3}});
  const Payload sent = attacked(*attack, honest_update(10000));
  double sum = 0, squares = 0;
  for (float value : sent.at("delta").f32()) {
    sum += value;
    squares += double{value} * value;
  }
  // Mean 0 +- 0.03 and mean square 9 +- 0.127 (one deviation each); 5 deviations are allowed.
  CHECK(std::abs(sum / 10000) < 0.15);
  CHECK(std::abs(squares / 10000 - 9) < 0.64);
  const Payload next = attacked(*attack, honest_update(10000), 2);
  CHECK(bits(next.at("delta").f32()) != bits(sent.at("delta").f32()));
}

}  // namespace
}  // namespace skerry
