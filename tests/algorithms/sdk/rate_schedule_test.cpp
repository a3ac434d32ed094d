#include "algorithms/sdk/rate_schedule.hpp"

#include <cmath>

#include "tests/algorithms/plugins.hpp"

namespace skerry {
namespace {

struct Place {
  RateSchedule schedule;
  template <class V>
  void fields(V& v) {
    v("schedule", schedule);
  }
};

RateSchedule schedule(ConfigNode node, const std::string& errors = "") {
  Place place;
  Problems problems;
  FieldReader reader(plugins(), problems);
  reader.read(ConfigNode::Object{{"schedule", std::move(node)}}, place, "");
  CHECK(problems.text("x.json") == errors);
  return place.schedule;
}

TEST_CASE("a schedule that says nothing leaves the rate alone, exactly") {
  CHECK(RateSchedule().constant());
  CHECK(schedule("constant").constant());
  for (const std::uint64_t t : {0u, 1u, 1000u}) CHECK(RateSchedule().factor(t, 10) == 1);
}

TEST_CASE("a rate falls by steps and exponentially as PyTorch's StepLR and ExponentialLR say") {
  const auto steps = schedule(ConfigNode::Object{{"name", "step"}, {"step_size", 3}});
  const auto halves =
      schedule(ConfigNode::Object{{"name", "step"}, {"step_size", 3}, {"gamma", 0.5}});
  const auto decay = schedule(ConfigNode::Object{{"name", "exponential"}, {"gamma", 0.9}});
  CHECK_FALSE(steps.constant());
  for (std::uint64_t t = 0; t < 40; ++t) {
    const auto n = static_cast<double>(t / 3);
    CHECK(steps.factor(t, 0) == Approx(std::pow(0.1, n)).epsilon(1e-14));
    CHECK(halves.factor(t, 0) == std::pow(0.5, n));
    CHECK(decay.factor(t, 0) == Approx(std::pow(0.9, t)).epsilon(1e-14));
  }
}

TEST_CASE("a cosine falls from the whole rate to its floor and stays there") {
  const double pi = std::acos(-1.0);
  const auto own = schedule(ConfigNode::Object{{"name", "cosine"}, {"total", 8}, {"floor", 0.2}});
  CHECK_FALSE(own.needs_end());
  for (std::uint64_t t = 0; t <= 8; ++t) {
    const double wanted = 0.2 + 0.8 * (1 + std::cos(pi * static_cast<double>(t) / 8)) / 2;
    CHECK(own.factor(t, 1000) == Approx(wanted).epsilon(1e-14));
  }
  CHECK(own.factor(0, 0) == 1);
  CHECK(own.factor(4, 0) == Approx(0.6).epsilon(1e-15));
  CHECK(own.factor(9, 0) == 0.2);
  const auto open = schedule("cosine");
  CHECK(open.needs_end());
  CHECK(open.factor(5, 10) == Approx(0.5).epsilon(1e-15));
  CHECK(open.factor(10, 10) == 0);
}

TEST_CASE("a warm-up rises in a line to the whole rate, and the schedule begins behind it") {
  for (ConfigNode::Object object :
       {ConfigNode::Object{{"name", "constant"}}, ConfigNode::Object{{"name", "cosine"}},
        ConfigNode::Object{{"name", "exponential"}, {"gamma", 0.5}},
        ConfigNode::Object{{"name", "step"}, {"step_size", 2}}}) {
    const auto plain = schedule(object);
    object.emplace_back("warm_up", 4);
    const auto warmed = schedule(object);
    CHECK_FALSE(warmed.constant());
    for (std::uint64_t t = 0; t < 4; ++t) {
      CHECK(warmed.factor(t, 20) == static_cast<double>(t + 1) / 5);
    }
    for (std::uint64_t t = 0; t < 30; ++t) CHECK(warmed.factor(t + 4, 24) == plain.factor(t, 20));
  }
}

TEST_CASE("a training that ends within its warm-up never divides by nothing") {
  const auto warmed = schedule(ConfigNode::Object{{"name", "cosine"}, {"warm_up", 5}});
  for (std::uint64_t t = 0; t < 10; ++t) {
    CHECK(warmed.factor(t, 3) == (t < 5 ? static_cast<double>(t + 1) / 6 : 0));
  }
}

TEST_CASE("a schedule's keys are refused where they mean nothing or are missing") {
  schedule("cosin",
           "x.json: /schedule: no choice \"cosin\"; nearest \"cosine\"; all: \"constant\", "
           "\"step\", \"exponential\" and \"cosine\"\n");
  schedule("step", "x.json: /schedule/step_size: is missing: after how many the rate falls\n");
  schedule("exponential", "x.json: /schedule/gamma: is missing: what the rate is multiplied by\n");
  schedule(ConfigNode::Object{{"name", "cosine"}, {"gamma", 0.5}, {"step_size", 2}},
           "x.json: /schedule/step_size: means nothing without \"step\"\n"
           "x.json: /schedule/gamma: means nothing without \"step\" or \"exponential\"\n");
  schedule(ConfigNode::Object{{"warm_up", 3}, {"total", 9}, {"floor", 0.1}},
           "x.json: /schedule/total: means nothing without \"cosine\"\n"
           "x.json: /schedule/floor: means nothing without \"cosine\"\n");
  schedule(ConfigNode::Object{{"name", "cosine"}, {"warm_up", 9}, {"total", 9}},
           "x.json: /schedule/total: is not above the warm-up, which takes 9\n");
  schedule(ConfigNode::Object{{"name", "exponential"}, {"gamma", 0}},
           "x.json: /schedule/gamma: 0 is outside (0, 1]\n");
}

}  // namespace
}  // namespace skerry
