#include "tests/catch.hpp"
#include "tests/real/arena.hpp"

namespace skerry {
namespace {

TEST_CASE("sixty-four sessions of one process end in the bits of their simulation") {
  Arena arena(arena_scenario(5, 64, {.edges = 64}));
  arena.start_cloud();
  arena.start_edges();
  const std::string model = arena.finish();
  CHECK(arena.metric("round/accepted") == 64);
  CHECK(arena.cloud().driver().parity().held());
  CHECK(model == arena.simulated_model());
}

TEST_CASE("a model larger than any message of gRPC's goes both ways, bit for bit") {
  // 1200^2 weights between the hidden layers alone, in chunks that wait in files.
  Arena arena(arena_scenario(2, 3, {.edges = 3, .hidden = "1200, 1200"}));
  arena.start_cloud();
  arena.start_edges();
  const std::string model = arena.finish();
  CHECK(arena.cloud().driver().largest_payload() > 4 << 20);
  CHECK(model == arena.simulated_model());
}

}  // namespace
}  // namespace skerry
