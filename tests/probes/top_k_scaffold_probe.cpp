// Sparsified SCAFFOLD on the contracts: error feedback under a method with two uplink records. Each
// record keeps its own indices and its own residual, and an update that is lost loses nothing.
//   u = d + e;  send top_k(u);  e <- u - top_k(u)            for d in {delta, delta_c}
//                    [Karimireddy et al. 2019, "Error feedback fixes SignSGD and other gradient
//                     compression schemes", Alg. 2, under Karimireddy et al. 2020, "SCAFFOLD"]

#include "tests/same_bits.hpp"
#include "tests/simulated_run.hpp"

namespace skerry {
namespace {

std::string scaffold(int rounds) {
  return R"({"local": {"method": "scaffold"}, "stop": {"any": [{"rounds": )" +
         std::to_string(rounds) + "}]}}";
}

std::string top_k(const std::string& fraction) {
  return R"({"update": {"up": [{"name": "top_k", "fraction": )" + fraction + "}]}}";
}

/// Every fifth message is lost, so that some residuals must be taken back.
const std::string kLossy =
    R"({"world": {"messages": {"loss": 0.2}}, "rounds": {"deadline": "5 s"}})";

TEST_CASE("all of both records is plain scaffold, bit for bit") {
  CHECK(bits(final_model(simulated({scaffold(20), top_k("1")}))) ==
        bits(final_model(simulated({scaffold(20)}))));
}

TEST_CASE("half of both records ends where scaffold does, whether or not messages are lost") {
  const auto plain = simulated({scaffold(60)});
  const auto sparse = simulated({scaffold(60), top_k("0.5")});
  CHECK(distance(final_model(plain), final_model(sparse)) < 0.1);
  const auto lossy = simulated({scaffold(120), top_k("0.5"), kLossy});
  CHECK(last(lossy, "updates/lost") > 0);
  CHECK(last(lossy, "test/loss") < 1.05 * last(plain, "test/loss"));
}

}  // namespace
}  // namespace skerry
