#include "scenarios/parts/recovery.hpp"

#include "tests/catch.hpp"

namespace skerry::parts {

TEST_CASE("answers have recovered from a drift once a whole check is as good as before it") {
  const auto at = [](std::int64_t s) { return SimTime::at(Duration::seconds(s)); };
  Recovery recovery({at(100), at(200), at(300)}, 0.02);
  CHECK_FALSE(recovery.check(at(50), 10, 9));
  CHECK_FALSE(recovery.check(at(99), 10, 9));
  // This check has answers of both sides of the border.
  CHECK_FALSE(recovery.check(at(110), 10, 9));
  CHECK_FALSE(recovery.check(at(120), 10, 5));
  CHECK(recovery.unrecovered() == 1u);
  CHECK_FALSE(recovery.check(at(130), 0, 0));
  const auto recovered = recovery.check(at(150), 100, 89);
  CHECK(recovery.unrecovered() == 0u);
  REQUIRE(recovered.has_value());
  CHECK(recovered->border == 1);
  CHECK(recovered->took == Duration::seconds(50));
  CHECK_FALSE(recovery.check(at(190), 10, 10));
  CHECK_FALSE(recovery.check(at(220), 10, 0));
  CHECK_FALSE(recovery.check(at(290), 10, 0));
  CHECK(recovery.unrecovered() == 1u);  // the run may end here
  CHECK_FALSE(recovery.check(at(310), 10, 0));
  CHECK(recovery.unrecovered() == 1u);
}

}  // namespace skerry::parts
