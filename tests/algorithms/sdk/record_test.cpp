#include "algorithms/sdk/record.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "algorithms/sdk/archive.hpp"
#include "tests/catch.hpp"

namespace skerry {
namespace {

RecordSpec spec(std::size_t size) {
  return {"x", std::make_shared<const Layout>(Layout::flat("x", size))};
}

bool all_zero(std::span<const float> values) {
  return std::all_of(values.begin(), values.end(), [](float x) { return x == 0; });
}

TEST_CASE("a new record is all zero, however it is looked at, in memory that was used before") {
  for (int round = 0; round < 8; ++round) {
    Payload used;
    std::ranges::fill(used.add(spec(3000)).overwrite_f32(), 7.0f);
    used = {};
    Payload payload;
    payload.add(spec(3000));
    switch (round % 4) {
      case 0:
        CHECK(all_zero(payload.open("x").f32()));
        break;
      case 1:
        CHECK(all_zero(payload.at("x").f32()));
        break;
      case 2: {
        payload.close();
        CHECK(all_zero(payload.at("x").f32()));
        break;
      }
      case 3: {
        const Record copy(payload.at("x"));
        CHECK(all_zero(copy.f32()));
      }
    }
  }
}

TEST_CASE("what is overwritten stays") {
  Record record(spec(100));
  std::ranges::fill(record.overwrite_f32(), 2.0f);
  const auto twos = [](float x) { return x == 2.0f; };
  CHECK(std::ranges::all_of(record.f32(), twos));
  CHECK(std::ranges::all_of(Record(record).f32(), twos));
}

TEST_CASE("a record knows whether it is finite, and forgets when it is opened again") {
  Record record(spec(2000));
  CHECK(record.finite());
  for (const float bad : {std::numeric_limits<float>::infinity(), std::nanf("")}) {
    record.f32()[1999] = bad;
    CHECK_FALSE(record.finite());
    CHECK_FALSE(Record(record).finite());
    record.f32()[1999] = 1;
    CHECK(record.finite());
  }
}

TEST_CASE("a record of integers is finite whatever its bits") {
  Record record({"n", std::make_shared<const Layout>(Layout::flat("n", 2, DType::kInt64))});
  record.i64()[0] = -1;
  CHECK(record.finite());
}

TEST_CASE("a layout knows the bytes it takes in a message") {
  const Layout layout({{"fc1.weight", {200, 784}}, {"fc1.bias", {200}, Group::kPrivate}});
  CHECK(layout.archived_bytes() == to_bytes(layout).size());
  CHECK(from_bytes<Layout>(to_bytes(layout))->archived_bytes() == layout.archived_bytes());
}

}  // namespace
}  // namespace skerry
