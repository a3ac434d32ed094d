#include "scenarios/parts/recovery.hpp"

#include "tests/catch.hpp"

namespace skerry::parts {

TEST_CASE("answers have recovered once two checks in a row are as good as before the drift") {
  const auto at = [](std::int64_t s) { return SimTime::at(Duration::seconds(s)); };
  Recovery recovery({at(100), at(200), at(300)}, 0.02);
  CHECK_FALSE(recovery.check(at(50), 10, 9));
  CHECK_FALSE(recovery.check(at(99), 10, 9));
  // This check has answers of both sides of the border.
  CHECK_FALSE(recovery.check(at(110), 10, 9));
  CHECK_FALSE(recovery.check(at(120), 10, 5));
  CHECK(recovery.unrecovered() == 1u);
  // One lucky check.
  CHECK_FALSE(recovery.check(at(125), 2, 2));
  CHECK_FALSE(recovery.check(at(130), 10, 5));
  // Where nothing was answered, nothing is said.
  CHECK_FALSE(recovery.check(at(150), 100, 89));
  CHECK_FALSE(recovery.check(at(160), 0, 0));
  CHECK(recovery.unrecovered() == 1u);
  const auto recovered = recovery.check(at(170), 10, 9);
  CHECK(recovery.unrecovered() == 0u);
  REQUIRE(recovered.has_value());
  CHECK(recovered->border == 1);
  CHECK(recovered->took == Duration::seconds(50));
  CHECK_FALSE(recovery.check(at(190), 10, 10));
  CHECK_FALSE(recovery.check(at(220), 10, 0));
  CHECK_FALSE(recovery.check(at(290), 10, 10));  // nothing confirms it
  CHECK(recovery.unrecovered() == 1u);           // the run may end here
  CHECK_FALSE(recovery.check(at(310), 10, 0));
  CHECK(recovery.unrecovered() == 2u);  // the next one has begun
}

}  // namespace skerry::parts
