// Schedules of the learning rate over rounds: what edges are told, and what the server steps with.

#include "algorithms/sdk/rate_schedule.hpp"
#include "tests/same_bits.hpp"
#include "tests/scenarios/federated/federated_run.hpp"

namespace skerry::federated {
namespace {

/// The rate scales that the cloud sent, by round.
std::map<Round, std::vector<float>> scales_of(const FederatedRun& run) {
  std::map<Round, std::vector<float>> scales;
  for (const auto& [at, message] : run.driver.sent) {
    if (!is(message, RoundMessage::kTrain)) continue;
    const auto order = *from_bytes<TrainOrder>(message.body);
    scales[order.round].push_back(order.rate_scale);
  }
  return scales;
}

TEST_CASE("an order carries the rate of its round, the same for all edges") {
  const FederatedRun run = std::move(
      FederatedRun(R"({"local": {"schedule": {"name": "step", "step_size": 2, "gamma": 0.5}},
                       "stop": {"any": [{"rounds": 5}]}})")
          .run());
  const auto scales = scales_of(run);
  REQUIRE(scales.size() == 5);
  for (const auto& [round, sent] : scales) {
    CHECK(sent == std::vector<float>(4, round < 3 ? 1.0f : round < 5 ? 0.5f : 0.25f));
  }
}

TEST_CASE("a cosine ends where the run does, whichever of its limits on rounds comes first") {
  const std::string cosine = R"("local": {"schedule": {"name": "cosine", "warm_up": 1}})";
  const RateSchedule wanted{.shape = RateSchedule::Shape::kCosine, .warm_up = 1};
  for (const char* stop : {R"({"any": [{"rounds": 6}, {"rounds": 4}]})",
                           R"({"any": [], "all": [{"rounds": 4}, {"rounds": 3}]})"}) {
    const FederatedRun run =
        std::move(FederatedRun("{" + cosine + R"(, "stop": )" + stop + "}").run());
    const auto scales = scales_of(run);
    REQUIRE(scales.size() == 4);
    for (const auto& [round, sent] : scales) {
      CHECK(sent.front() == static_cast<float>(wanted.factor(round - 1, 4)));
    }
  }
}

TEST_CASE("without rounds a schedule counts the versions of the model that an edge is sent") {
  FederatedRun run(R"({"local": {"schedule": {"name": "exponential", "gamma": 0.5}},
                       "server": {"reduce": {"name": "buffered", "size": 3},
                                  "optimizer": {"name": "sgd", "learning_rate": 1.0}},
                       "rounds": {"mode": "async", "concurrency": 4},
                       "stop": {"any": [{"rounds": 4}]}})");
  run.updates([](role::Message& message) {
    return std::vector{Duration::milliseconds(10 + 37 * message.from.index())};
  });
  run.run();
  const auto scales = scales_of(run);
  REQUIRE(scales.size() == 4);
  for (const auto& [version, sent] : scales) {
    for (const float scale : sent) CHECK(scale == std::ldexp(1.0f, 1 - static_cast<int>(version)));
  }
}

std::vector<float> model_after(const std::string& changes) {
  return FederatedRun(changes).run().model();
}

TEST_CASE("half the rate of a warm-up is half the rate, on edges and on the cloud, bit for bit") {
  const std::string stop = R"("stop": {"any": [{"rounds": 1}]})";
  const auto local = [&](const std::string& keys) {
    return bits(model_after(R"({"local": {)" + keys + "}, " + stop + "}"));
  };
  const auto halved = local(R"("optimizer": {"learning_rate": 0.025})");
  CHECK(local(R"("schedule": {"warm_up": 1})") == halved);
  CHECK(local(R"("steps": 1, "step_schedule": {"warm_up": 1})") ==
        local(R"("steps": 1, "optimizer": {"learning_rate": 0.025})"));
  CHECK(halved != local(""));
  const auto server = [&](const std::string& keys) {
    return bits(model_after(R"({"server": {"name": "fedavg", )" + keys + "}, " + stop + "}"));
  };
  const auto half_step = server(R"("optimizer": {"learning_rate": 0.5})");
  CHECK(server(R"("schedule": {"warm_up": 1})") == half_step);
  CHECK(half_step != server(R"("schedule": "constant")"));
}

}  // namespace
}  // namespace skerry::federated
