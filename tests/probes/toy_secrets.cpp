#include "tests/probes/toy_secrets.hpp"

#include <vector>

#include "tests/catch.hpp"

namespace skerry {
namespace {

TEST_CASE("Shamir's shares are those of the textbook, and any three give the secret back") {
  const std::vector<Field> polynomial{1234, 166, 94}, expected{1494, 329, 965, 176, 1188, 775};
  std::vector<SecretShare> shares;
  for (Field x = 1; x <= 6; ++x) shares.push_back({x, share_of(polynomial, x, 1613)});
  for (std::size_t i = 0; i < 6; ++i) CHECK(shares[i].y == expected[i]);
  CHECK(secret_of(std::vector{shares[1], shares[3], shares[4]}, 1613) == 1234);
}

}  // namespace
}  // namespace skerry
