#include "scenarios/parts/batch_queue.hpp"

#include "tests/catch.hpp"

namespace skerry::parts {
namespace {

SimTime at(std::int64_t ms) { return SimTime::at(Duration::milliseconds(ms)); }

const BatchConfig kThree{.batch_size = 3, .max_wait = Duration::milliseconds(10)};

using Queue = BatchQueue<int>;

TEST_CASE("a batch starts when it is full, or when its first example has waited long enough") {
  Queue queue;
  CHECK_FALSE(queue.next_start(kThree).has_value());
  queue.add(1, {}, at(0));
  queue.add(2, {}, at(4));
  CHECK(queue.next_start(kThree) == at(10));
  CHECK_FALSE(queue.start(kThree, at(9), 1).has_value());
  SECTION("full") {
    queue.add(3, {}, at(6));
    CHECK(queue.next_start(kThree) == at(6));
    REQUIRE(queue.start(kThree, at(6), 1).has_value());
    CHECK(queue.running() == std::vector{1, 2, 3});
  }
  SECTION("out of patience") {
    REQUIRE(queue.start(kThree, at(10), 1).has_value());
    CHECK(queue.running() == std::vector{1, 2});
  }
}

TEST_CASE("one batch runs at a time, and ends with its own job only") {
  Queue queue;
  for (int i = 0; i < 7; ++i) queue.add(i, {}, at(i));
  CHECK(queue.start(kThree, at(6), 41)->size() == 3);
  CHECK_FALSE(queue.start(kThree, at(60), 42).has_value());
  CHECK_FALSE(queue.take(42).has_value());
  CHECK(queue.take(41) == std::vector{0, 1, 2});
  CHECK_FALSE(queue.take(41).has_value());
  CHECK(queue.start(kThree, at(60), 42)->size() == 3);
  CHECK(queue.take(42) == std::vector{3, 4, 5});
  CHECK(queue.start(kThree, at(60), 43)->size() == 1);
}

TEST_CASE("what is stale is forgotten, and so is a batch that runs for nobody else") {
  const auto odd = [](int entry) { return entry % 2 == 1; };
  Queue queue;
  for (const int i : {1, 3, 5, 6, 7}) queue.add(i, {}, at(0));
  queue.start(kThree, at(0), 8);
  CHECK(queue.drop(odd) == 8);
  CHECK_FALSE(queue.take(8).has_value());
  REQUIRE(queue.start(kThree, at(10), 9).has_value());
  CHECK(queue.running() == std::vector{6});
  CHECK_FALSE(queue.drop(odd).has_value());
  CHECK(queue.take(9) == std::vector{6});
}

}  // namespace
}  // namespace skerry::parts
