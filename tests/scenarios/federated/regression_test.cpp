// Targets that are real numbers: a federation learns them, with every loss that suits.

#include <cmath>

#include "tests/scenarios/federated/federated_run.hpp"

namespace skerry::federated {
namespace {

std::string regression(const std::string& more) {
  return R"({"data": {"source": {"name": "friedman", "classes": null, "features": 10, "samples": 400,
                                 "test_samples": 200},
                      "partition": "iid"},
             "model": {"name": "mlp", "hidden": [16]},
             "local": {"optimizer": {"name": "sgd", "learning_rate": 0.02}, "batch_size": 10,
                       "epochs": 4}, )" +
         more + R"("stop": {"any": [{"rounds": 12}]}})";
}

TEST_CASE("a federation learns real numbers far better than their mean") {
  // The targets' variance is 24.8, of which 1 is noise: the mean as a predictor has that loss.
  FederatedRun run(regression(""));
  run.run();
  const auto loss = run.driver.values("test/loss");
  REQUIRE(loss.size() == 13);
  CHECK(loss.front() > 150);
  CHECK(loss.back() < 12.4);
  CHECK(run.driver.values("test/accuracy").empty());
}

TEST_CASE("every loss of real numbers is learnt with, and is what is measured") {
  for (const char* loss : {"absolute", R"({"name": "huber", "delta": 2})"}) {
    CAPTURE(loss);
    const std::string name = loss[0] == '{' ? loss : '"' + std::string(loss) + '"';
    FederatedRun run(regression("\"loss\": " + name + ", "));
    run.run();
    const auto measured = run.driver.values("test/loss");
    CHECK(measured.back() < measured.front() / 4);
  }
}

TEST_CASE("a loss that does not suit the targets is refused with the reason") {
  CHECK(role::StagedScenario::problems(kScenario, regression(R"("loss": "cross_entropy", )")) ==
        ": /loss: \"cross_entropy\" does not suit: the data has no class labels\n");
  CHECK(role::StagedScenario::problems(kScenario, R"({"loss": "squared"})") ==
        ": /loss: \"squared\" does not suit: the data has class labels, and no real-valued "
        "targets\n");
  CHECK(role::StagedScenario::problems(
            kScenario, R"({"data": {"source": {"name": "friedman", "classes": null, "features": 10},
                                    "partition": "iid"},
                           "model": "softmax"})") ==
        ": /model: softmax needs class labels; the data has none\n");
}

}  // namespace
}  // namespace skerry::federated
