// Laws that every transform keeps, by the traits it declares.

#include <algorithm>
#include <cmath>
#include <cstring>
#include <functional>
#include <limits>
#include <numeric>
#include <set>

#include "tests/algorithms/hand_link.hpp"
#include "tests/same_bits.hpp"

namespace skerry {
namespace {

using Opens = TransformTraits::Opens;
constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

/// An update with every kind of record that a method may send: two of real numbers, one of them
/// summed, one of integers, and one that is kept apart.
Payload update_of(const std::vector<float>& delta, const std::vector<float>& total) {
  Payload update;
  add_record(update, delta_record(flat_layout(delta.size())), delta);
  add_record(update, {"total", flat_layout(total.size()), Reduce::kSum}, total);
  Record& count = update.add({"count", flat_layout(3, DType::kInt64), Reduce::kSum});
  std::iota(count.i64().begin(), count.i64().end(), 40);
  add_record(update, {"report", flat_layout(2), Reduce::kEach}, {0.1f, 1e30f});
  return update;
}

std::vector<float> normals(std::size_t size, RandomStream& random, int binades = 8) {
  std::vector<float> values(size);
  for (float& value : values) {
    const int exponent = static_cast<int>(random.below(static_cast<std::uint64_t>(binades)));
    value = std::ldexp(static_cast<float>(random.normal()), exponent - binades);
  }
  return values;
}

Payload some_update(RandomStream& random, std::size_t size = 203) {
  return update_of(normals(size, random), normals(size / 4 + 1, random));
}

/// The largest allowed error of one record's values after opening. `given` are the values that were
/// encoded in the first update.
using Near = std::function<void(std::span<const float> given, std::span<const float> opened)>;

struct Row {
  std::string name;
  ConfigNode::Object parameters;
  Near near;
};

/// Half a unit in the last place of binary16.
void within_half_precision(std::span<const float> given, std::span<const float> opened) {
  for (std::size_t i = 0; i < given.size(); ++i) {
    const double exact = std::clamp(double{given[i]}, -65504.0, 65504.0);
    REQUIRE(std::abs(opened[i] - exact) <= std::max(std::abs(exact) * 0x1p-11, 0x1p-25));
  }
}

/// The values of largest magnitude, the lower index first, bit for bit; all others are zero.
Near keeps_largest(double fraction) {
  return [fraction](std::span<const float> given, std::span<const float> opened) {
    std::vector<std::size_t> order(given.size());
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
      return std::abs(given[a]) > std::abs(given[b]);
    });
    const auto kept = static_cast<std::size_t>(
        std::max(1.0, std::floor(fraction * static_cast<double>(given.size()) + 0.5)));
    std::vector<float> expected(given.size());
    for (std::size_t j = 0; j < kept; ++j) expected[order[j]] = given[order[j]] + 0.0f;
    CHECK(bits(opened) == bits(expected));
  };
}

/// One of the two levels next to the value, of the norm of its bucket.
Near on_next_levels(std::size_t levels, std::size_t bucket) {
  return [levels, bucket](std::span<const float> given, std::span<const float> opened) {
    for (std::size_t i = 0; i < given.size(); ++i) {
      const std::size_t begin = bucket > 0 ? i / bucket * bucket : 0;
      const std::size_t end = bucket > 0 ? std::min(begin + bucket, given.size()) : given.size();
      double squares = 0;
      for (std::size_t j = begin; j < end; ++j) squares += double{given[j]} * given[j];
      const double step = std::sqrt(squares) / static_cast<double>(levels);
      REQUIRE(std::abs(opened[i] - given[i]) <= step * (1 + 1e-5));
      // In levels: two roundings to float32, of the norm and of the value.
      const double level = step > 0 ? opened[i] / step : opened[i];
      REQUIRE(std::abs(level - std::nearbyint(level)) <= 3e-7 * static_cast<double>(levels));
      REQUIRE(double{opened[i]} * given[i] >= 0);
    }
  };
}

/// Every registered transform has a row here; some have several.
const std::vector<Row>& rows() {
  static const std::vector<Row> table{
      {"float16", {}, within_half_precision},
      {"qsgd", {}, on_next_levels(127, 512)},
      {"qsgd", {{"levels", 1}, {"bucket", 0}}, on_next_levels(1, 0)},
      {"qsgd", {{"levels", 5}, {"bucket", 16}}, on_next_levels(5, 16)},
      {"qsgd", {{"levels", 32767}, {"bucket", 1}}, on_next_levels(32767, 1)},
      {"top_k", {}, keeps_largest(0.01)},
      {"top_k", {{"fraction", 0.25}}, keeps_largest(0.25)},
      {"top_k", {{"fraction", 1}}, keeps_largest(1)},
  };
  return table;
}

/// Runs a law on every row, and names the row that breaks it.
template <class Law>
void for_every_transform(const Law& law) {
  for (const Row& row : rows()) {
    INFO("transform " << row.name << " " << row.parameters.size() << ", seed " << 5);
    RandomStream random(5, "transforms " + row.name);
    law(*plugin<Transform>(row.name, row.parameters), random, row);
  }
}

std::vector<std::byte> bytes_of(const Payload& payload) { return save_payload(payload); }

TEST_CASE("every registered transform says in this table how far its values may be off") {
  std::set<std::string> in_table;
  for (const Row& row : rows()) in_table.insert(row.name);
  const auto names = plugins().names(Transform::kSlot);
  CHECK(in_table == std::set<std::string>(names.begin(), names.end()));
}

TEST_CASE("transforms keep the promises of their traits to the list they stand in") {
  for_every_transform([](const Transform& transform, RandomStream& random, const Row& row) {
    const TransformTraits traits = transform.traits();
    const auto shapes = shapes_of(some_update(random));
    const auto state = transform.state(shapes), cloud = transform.cloud_state(shapes);
    if (traits.down) {
      CHECK(state.empty());
      CHECK(traits.opens == Opens::kBefore);
    }
    if (traits.opens != Opens::kAfter) {
      CHECK(traits.exchanges == 0);
      CHECK(cloud.empty());
    }
    if (traits.error_feedback) CHECK(!state.empty());
    for (const RecordSpec& spec : state) CHECK(spec.name.starts_with(row.name + "/"));
    for (const RecordSpec& spec : cloud) CHECK(spec.name.starts_with(row.name + "/"));
    CHECK(transform.cost(shapes).flops > 0);
    CHECK(transform.cost(shapes).bytes > 0);
  });
}

TEST_CASE("the wire has the declared shapes, and integers and records kept apart pass unchanged") {
  for_every_transform([](const Transform& transform, RandomStream& random, const Row&) {
    const Payload update = some_update(random);
    HandLink link(transform, shapes_of(update));
    const auto declared = transform.wire(link.plain(), 0);
    const Payload wire = link.encode(update);
    REQUIRE(wire.records().size() == declared.size());
    std::set<std::string> names;
    for (std::size_t r = 0; r < declared.size(); ++r) {
      const RecordSpec& spec = wire.records()[r]->spec();
      CHECK(spec.name == declared[r].name);
      CHECK(*spec.layout == *declared[r].layout);
      CHECK(spec.reduce == declared[r].reduce);
      CHECK(names.insert(spec.name).second);
    }
    for (const char* name : {"count", "report"}) {
      CHECK(wire.find(name) == update.find(name));  // not even copied
    }
  });
}

TEST_CASE("what is opened is what was encoded, within the declared error") {
  for_every_transform([](const Transform& transform, RandomStream& random, const Row& row) {
    for (std::size_t size : {1, 2, 8, 203, 1030}) {
      const Payload update = some_update(random, size);
      HandLink link(transform, shapes_of(update));
      const auto opened = link.open(link.encode(update, {.seed = size}));
      REQUIRE(opened.message() == "");
      INFO("records of " << size << " values");
      for (const char* name : {"delta", "total"}) {
        row.near(update.at(name).f32(), opened->at(name).f32());
        if (!transform.traits().lossless) continue;
        CHECK(bits(opened->at(name).f32()) == bits(update.at(name).f32()));
      }
      CHECK(opened->find("count") == update.find("count"));
      CHECK(opened->find("report") == update.find("report"));
    }
  });
}

TEST_CASE("zeros, negative zeros and the largest values survive every transform") {
  constexpr float kMost = 65504;  // of binary16
  for_every_transform([&](const Transform& transform, RandomStream&, const Row& row) {
    const Payload update =
        update_of({0, -0.0f, kMost, -kMost, 0x1p-149f, -0x1p-126f}, {0, 0, 0, -0.0f});
    HandLink link(transform, shapes_of(update));
    const auto opened = link.open(link.encode(update));
    REQUIRE(opened.message() == "");
    row.near(update.at("delta").f32(), opened->at("delta").f32());
    for (float value : opened->at("total").f32()) CHECK(value == 0);
  });
}

TEST_CASE("the same key gives the same bits, whatever was encoded before") {
  for_every_transform([](const Transform& transform, RandomStream& random, const Row&) {
    const Payload first = some_update(random), other = some_update(random, 400);
    const StreamKey key{.seed = 9, .node = NodeId::edge(3), .round = 7};
    HandLink link(transform, shapes_of(first)), again(transform, shapes_of(first));
    HandLink elsewhere(transform, shapes_of(other));
    const auto wire = bytes_of(link.encode(first, key));
    elsewhere.encode(other, key);
    CHECK(bytes_of(again.encode(first, key)) == wire);
    CHECK(bytes_of(again.state) == bytes_of(link.state));
  });
}

TEST_CASE("an update that is no number is encoded, and not believed by the receiver") {
  for_every_transform([](const Transform& transform, RandomStream& random, const Row&) {
    for (float wrong : {kNaN, kInfinity, -kInfinity}) {
      auto values = normals(203, random);
      values[random.below(values.size())] = wrong;
      const Payload update = update_of(values, normals(51, random));
      HandLink link(transform, shapes_of(update));
      const auto opened = link.open(link.encode(update));
      if (opened.ok()) {
        CHECK(!opened->at("delta").finite());
      } else {
        CHECK(opened.message().find("record \"delta\"") != std::string::npos);
      }
      link.settle(Settlement::kRefused);
      const Payload next = some_update(random);  // the failure leaves the node usable
      const auto after = link.open(link.encode(next));
      REQUIRE(after.message() == "");
      CHECK(after->at("delta").finite());
    }
  });
}

/// A wire of the right shapes with random bytes.
Payload random_wire(std::span<const RecordSpec> shapes, RandomStream& random) {
  Payload wire;
  for (const RecordSpec& spec : shapes) {
    const std::uint64_t kind = random.below(4);
    for (std::byte& byte : wire.add(spec).bytes()) {
      if (kind == 0) byte = static_cast<std::byte>(random.bits32());
      if (kind == 1) byte = std::byte{0xff};
      if (kind == 2) byte = static_cast<std::byte>(random.below(3));
    }
  }
  return wire;
}

TEST_CASE(
    "whatever bytes a peer sends, they are opened to finite values or refused with a reason") {
  for_every_transform([](const Transform& transform, RandomStream& random, const Row&) {
    for (std::size_t size : {1, 2, 37}) {
      const auto shapes = shapes_of(some_update(random, size));
      HandLink link(transform, shapes);
      const auto wire_shapes = transform.wire(shapes, 0);
      std::size_t refused = 0;
      for (int i = 0; i < 60; ++i) {
        const auto opened = link.open(random_wire(wire_shapes, random));
        refused += !opened.ok();
        if (!opened.ok()) {
          CHECK(opened.message().starts_with("record \""));
          continue;
        }
        CHECK(opened->at("delta").finite());
        CHECK(opened->at("total").finite());
      }
      CHECK(refused > 0);
    }
  });
}

/// Multiples of 2^-6 small enough that every float32 sum of them is exact.
Payload exact_update(RandomStream& random) {
  std::vector<float> delta(203), total(52);
  for (auto* values : {&delta, &total}) {
    for (float& value : *values)
      value = std::ldexp(static_cast<float>(random.below(999)) - 499, -6);
  }
  return update_of(delta, total);
}

void add_to(std::vector<double>& sum, const Payload& update) {
  std::size_t i = 0;
  for (const char* name : {"delta", "total"}) {
    for (float value : update.at(name).f32()) sum[i++] += value;
  }
}

TEST_CASE("error feedback loses nothing, whatever becomes of the updates") {
  const Payload nothing = update_of(std::vector<float>(203), std::vector<float>(52));
  for_every_transform([&](const Transform& transform, RandomStream& random, const Row&) {
    if (!transform.traits().error_feedback) return;
    HandLink link(transform, shapes_of(nothing));
    std::vector<double> given(203 + 52), arrived(203 + 52);
    for (int round = 0; round < 30 + 203; ++round) {
      // At the end only what was left out is sent, until there is no more.
      const Payload update = round < 30 ? exact_update(random) : nothing;
      const auto outcome =
          round < 30 ? static_cast<Settlement>(random.below(4)) : Settlement::kAccepted;
      add_to(given, update);
      const auto opened = link.open(link.encode(update));
      REQUIRE(opened.message() == "");
      if (outcome == Settlement::kAccepted) add_to(arrived, *opened);
      link.settle(outcome);
    }
    CHECK(arrived == given);
  });
}

TEST_CASE("an update that did not arrive is sent again with the next one") {
  const Payload nothing = update_of(std::vector<float>(203), std::vector<float>(52));
  for_every_transform([&](const Transform& transform, RandomStream& random, const Row&) {
    if (!transform.traits().error_feedback) return;
    for (Settlement fate : {Settlement::kLate, Settlement::kRefused, Settlement::kLost}) {
      HandLink link(transform, shapes_of(nothing));
      const auto first = bytes_of(link.encode(exact_update(random)));
      link.settle(fate);
      CHECK(bytes_of(link.encode(nothing)) == first);
      link.settle(Settlement::kAccepted);
      CHECK(bytes_of(link.encode(nothing)) != first);
    }
  });
}

/// The opened values of record "delta".
std::vector<float> through(const Transform& transform, const std::vector<float>& values,
                           StreamKey key = {}) {
  const Payload update = update_of(values, {0});
  HandLink link(transform, shapes_of(update));
  const auto opened = link.open(link.encode(update, key));
  REQUIRE(opened.message() == "");
  return values_of(opened->at("delta"));
}

TEST_CASE("top_k follows error feedback worked out by hand") {
  const auto top_k = plugin<Transform>("top_k", {{"fraction", 0.25}});  // one of three
  HandLink link(*top_k, shapes_of(update_of({0, 0, 0}, {0})));
  const auto sent = [&](const std::vector<float>& delta) {
    const auto opened = link.open(link.encode(update_of(delta, {0})));
    return values_of(opened->at("delta"));
  };
  CHECK(sent({1, -2, 3}) == std::vector<float>{0, 0, 3});  // e = (1, -2, 0)
  link.settle(Settlement::kAccepted);
  CHECK(sent({1, -1, 1}) == std::vector<float>{0, -3, 0});  // u = (2, -3, 1), lost
  link.settle(Settlement::kLost);
  CHECK(sent({1, 0, 0}) == std::vector<float>{3, 0, 0});  // u = (3, -3, 1): the lower index
  link.settle(Settlement::kAccepted);
  CHECK(sent({0, 0, 0}) == std::vector<float>{0, -3, 0});
}

TEST_CASE("top_k leaves no more than its share of the squared length") {
  const auto sent = through(*plugin<Transform>("top_k", {{"fraction", 0.25}}), {3, -4, 0, 12});
  CHECK(sent == std::vector<float>{0, 0, 0, 12});  // 25 of 169 are left: at most 1 - k/d = 3/4
}

/// A wire of top_k for one record "delta" of five values.
std::string refusal_of_top_k(std::vector<std::uint32_t> indices, std::vector<float> values) {
  const auto top_k = plugin<Transform>("top_k", {{"fraction", 0.4}});
  Payload update;
  update.add(delta_record(flat_layout(5)));
  HandLink link(*top_k, shapes_of(update));
  Payload wire;
  for (const RecordSpec& spec : top_k->wire(link.plain(), 0)) wire.add(spec);
  std::memcpy(wire.open("delta/indices").bytes().data(), indices.data(), 4 * indices.size());
  std::copy(values.begin(), values.end(), wire.open("delta/values").f32().begin());
  return link.open(wire).message();
}

TEST_CASE("top_k refuses indices and values that it cannot have sent") {
  CHECK(refusal_of_top_k({1, 4}, {2, 3}) == "");
  CHECK(refusal_of_top_k({1, 5}, {2, 3}) == "record \"delta\": index 5 is outside [0, 5)");
  CHECK(refusal_of_top_k({4, 1}, {2, 3}) == "record \"delta\": the indices do not ascend");
  CHECK(refusal_of_top_k({2, 2}, {2, 3}) == "record \"delta\": the indices do not ascend");
  CHECK(refusal_of_top_k({0, 0xffff'ffff}, {2, 3}) ==
        "record \"delta\": index 4294967295 is outside [0, 5)");
  CHECK(refusal_of_top_k({1, 4}, {2, kNaN}) == "record \"delta\": a value is not finite");
}

TEST_CASE("what top_k keeps, float16 may shorten") {
  const auto top_k = plugin<Transform>("top_k", {{"fraction", 0.25}});
  const auto float16 = plugin<Transform>("float16");
  const Payload update = update_of({1, 2, 3, 4.0001f}, {5});
  HandLink outer(*top_k, shapes_of(update));
  HandLink inner(*float16, top_k->wire(outer.plain(), 0));
  const Payload wire = inner.encode(outer.encode(update));
  CHECK(wire.at("delta/values/half").size() == 2);
  const auto between = inner.open(wire);
  REQUIRE(between.message() == "");
  const auto opened = outer.open(*between);
  REQUIRE(opened.message() == "");
  CHECK(values_of(opened->at("delta")) == std::vector<float>{0, 0, 0, 4});
}

TEST_CASE("qsgd is right on average and no wilder than its lemma says") {
  RandomStream random(6, "qsgd");
  constexpr std::size_t kSize = 64, kTimes = 3000, kLevels = 4;
  const auto qsgd = plugin<Transform>("qsgd", {{"levels", 4}, {"bucket", 0}});
  const auto v = normals(kSize, random);
  std::vector<double> sum(kSize);
  double square_error = 0, squares = 0;
  for (float value : v) squares += double{value} * value;
  for (std::uint32_t t = 0; t < kTimes; ++t) {
    const auto q = through(*qsgd, v, {.seed = 2, .node = NodeId::edge(t)});
    for (std::size_t i = 0; i < kSize; ++i) {
      sum[i] += q[i];
      square_error += (double{q[i]} - v[i]) * (double{q[i]} - v[i]);
    }
  }
  const double step = std::sqrt(squares) / kLevels;
  for (std::size_t i = 0; i < kSize; ++i) {
    // Two-point distribution; 5.5 deviations: a false alarm in 400,000 runs over all 64 values.
    const double p = std::fmod(std::abs(v[i]) / step, 1.0);
    const double deviation = step * std::sqrt(p * (1 - p) / kTimes);
    INFO("value " << i);
    CHECK(std::abs(sum[i] / kTimes - v[i]) <= 5.5 * deviation + 1e-7 * step);
  }
  const double n = kSize, s = kLevels;
  CHECK(square_error / kTimes <= std::min(n / (s * s), std::sqrt(n) / s) * squares);
}

TEST_CASE("qsgd rounds to the levels worked out by hand, and draws anew for every key") {
  // Norm 13, s = 4: scaled to 0.923, 1.231, 0 and 3.692 levels of 3.25.
  const auto qsgd = plugin<Transform>("qsgd", {{"levels", 4}});
  std::set<float> seen[4];
  for (std::uint32_t round = 1; round <= 100; ++round) {
    const auto q = through(*qsgd, {3, -4, 0, 12}, {.seed = 1, .round = round});
    for (std::size_t i = 0; i < 4; ++i) seen[i].insert(q[i]);
  }
  CHECK(seen[0] == std::set<float>{0, 3.25f});
  CHECK(seen[1] == std::set<float>{-3.25f, -6.5f});
  CHECK(seen[2] == std::set<float>{0});
  CHECK(seen[3] == std::set<float>{9.75f, 13});
}

TEST_CASE("qsgd packs levels without a gap and refuses what it cannot have sent") {
  const auto qsgd = plugin<Transform>("qsgd", {{"levels", 1}, {"bucket", 4}});  // two bits
  Payload update;
  add_record(update, delta_record(flat_layout(5)), {0, 3, 0, 0, -2});
  HandLink link(*qsgd, shapes_of(update));
  Payload wire = link.encode(update);
  CHECK(values_of(wire.at("delta/norms")) == std::vector<float>{3, 2});
  const auto levels = wire.open("delta/levels").bytes();
  REQUIRE(levels.size() == 2);
  CHECK(levels[0] == std::byte{0b01'01'10'01});  // 0, 1, 0, 0 and one: the first is the lowest
  CHECK(levels[1] == std::byte{0b00});           // -1 and one
  levels[1] = std::byte{0b01'00};
  CHECK(link.open(wire).message() ==
        "record \"delta\": the bits after the last level are not zero");
  levels[1] = std::byte{0b11};
  CHECK(link.open(wire).message() == "record \"delta\": level 3 is outside [0, 2]");
  levels[1] = std::byte{0};
  for (float wrong : {-1.0f, kNaN, kInfinity}) {
    wire.open("delta/norms").f32()[1] = wrong;
    CHECK(link.open(wire).message() == "record \"delta\": a norm is negative or not finite");
  }
}

float from_half(std::uint16_t half) {
  Payload update;
  update.add(delta_record(flat_layout(1)));
  const auto float16 = plugin<Transform>("float16");
  HandLink link(*float16, shapes_of(update));
  Payload wire;
  auto bytes = wire.add(float16->wire(link.plain(), 0)[0]).bytes();
  bytes[0] = static_cast<std::byte>(half);
  bytes[1] = static_cast<std::byte>(half >> 8);
  const auto opened = link.open(wire);
  REQUIRE(opened.message() == "");
  return opened->at("delta").f32()[0];
}

TEST_CASE("float16 rounds every value between two halves to the nearer one, ties to even") {
  std::vector<float> halves;
  for (std::uint16_t half = 0; half < 0x7c00; ++half) halves.push_back(from_half(half));
  CHECK(std::is_sorted(halves.begin(), halves.end()));
  const auto float16 = plugin<Transform>("float16");
  CHECK(bits(through(*float16, halves)) == bits(halves));
  std::vector<float> given, expected;
  for (std::size_t h = 0; h + 1 < halves.size(); ++h) {
    const float middle = (halves[h] + halves[h + 1]) / 2;  // exact
    const float even = halves[h % 2 == 0 ? h : h + 1];
    for (float sign : {1.0f, -1.0f}) {
      given.insert(given.end(), {sign * std::nextafter(middle, 0.0f), sign * middle,
                                 sign * std::nextafter(middle, kInfinity)});
      expected.insert(expected.end(), {sign * halves[h], sign * even, sign * halves[h + 1]});
    }
  }
  CHECK(bits(through(*float16, given)) == bits(expected));
}

TEST_CASE("float16 has the values of IEEE binary16 and saturates beyond the largest") {
  // numpy.float16(x).view(numpy.uint16), NumPy 1.24; saturated values are ours.
  const std::vector<std::pair<std::uint16_t, float>> table{
      {0x3c00, 1.0f},     {0xc000, -2.0f},        {0x3555, 0.333251953125f},
      {0x0001, 0x1p-24f}, {0x03ff, 0x1.ff8p-15f}, {0x0400, 0x1p-14f},
      {0x7bff, 65504.0f}, {0x4248, 3.140625f},    {0x8000, -0.0f}};
  for (const auto& [half, value] : table) {
    CHECK(bits(std::vector{from_half(half)}) == bits(std::vector{value}));
  }
  const auto float16 = plugin<Transform>("float16");
  const std::vector<float> beyond{65519, 65520, 1e5f, -3e38f, 1.0f / 3, 3.14159265f, 0x1p-25f};
  CHECK(through(*float16, beyond) ==
        std::vector<float>{65504, 65504, 65504, -65504, 0.333251953125f, 3.140625f, 0});
}

TEST_CASE("parameters of the transforms are checked") {
  CHECK(problems_of(Transform::kSlot, "top_k", {{"fraction", 0}}) ==
        "x.json: /fraction: 0 is outside (0, 1]\n");
  CHECK(problems_of(Transform::kSlot, "qsgd", {{"levels", 0}}) ==
        "x.json: /levels: 0 is outside [1, 32767]\n");
  CHECK(plugin<Transform>("float16")->traits().down);
}

}  // namespace
}  // namespace skerry
