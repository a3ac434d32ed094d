// Laws that every miner keeps, and the values the definitions give.

#include <cmath>
#include <limits>

#include "algorithms/sdk/hard_sample_miner.hpp"
#include "tests/algorithms/plugins.hpp"

namespace skerry {
namespace {

constexpr std::uint64_t kSeed = 41;
constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

Prediction classified(const std::vector<float>& probabilities) {
  return {.probabilities = probabilities, .boxes = {}, .detector = false};
}

std::vector<Box> boxes(const std::vector<float>& scores) {
  std::vector<Box> all;
  for (float score : scores) all.push_back({0, 0, 1, 1, score, 0});
  return all;
}

Prediction detected(const std::vector<Box>& found) {
  return {.probabilities = {}, .boxes = found, .detector = true};
}

float score(const HardSampleMiner& miner, const Prediction& prediction, Round draw = 1) {
  return miner.score(prediction, RandomStream(kSeed, "miner", NodeId::edge(0), draw));
}
float of_classes(const HardSampleMiner& miner, const std::vector<float>& probabilities) {
  return score(miner, classified(probabilities));
}
float of_boxes(const HardSampleMiner& miner, const std::vector<float>& scores) {
  return score(miner, detected(boxes(scores)));
}

std::vector<float> random_probabilities(std::size_t classes, RandomStream& random) {
  const std::vector<double> alpha(classes, 0.3);
  std::vector<double> drawn(classes);
  random.dirichlet(alpha, drawn);
  return {drawn.begin(), drawn.end()};
}

template <class Law>
void for_every_miner(const Law& law) {
  const auto names = plugins().names(HardSampleMiner::kSlot);
  REQUIRE(names.size() >= 6);
  for (const std::string& name : names) {
    INFO("miner " << name << ", seed " << kSeed);
    law(name, *plugin<HardSampleMiner>(name));
  }
}

/// Rules that do not look at the prediction.
bool blind(const std::string& name) {
  return name == "random" || name == "edge_only" || name == "cloud_only";
}

TEST_CASE("every miner scores within [0, 1], on random and on degenerate predictions") {
  for_every_miner([](const std::string&, const HardSampleMiner& miner) {
    RandomStream random(kSeed, "predictions");
    CHECK((miner.easiest() >= 0 && miner.hardest() <= 1));
    const auto in_range = [&](float s) { return s >= miner.easiest() && s <= miner.hardest(); };
    for (Round draw = 1; draw <= 300; ++draw) {
      const auto p = random_probabilities(1 + random.below(12), random);
      CHECK(in_range(score(miner, classified(p), draw)));
      std::vector<float> confidences(random.below(6));
      for (float& s : confidences) s = static_cast<float>(random.uniform());
      const auto found = boxes(confidences);
      CHECK(in_range(score(miner, detected(found), draw)));
    }
    for (const std::vector<float>& p : std::vector<std::vector<float>>{
             {}, {1}, {0}, {1, 0, 0}, {0, 0}, {1, 1, 1}, {0.5f, 0.5f}, {kNaN, 1}, {-0.1f, 1.1f}}) {
      CHECK(in_range(of_classes(miner, p)));
      CHECK(in_range(of_boxes(miner, p)));
    }
  });
}

TEST_CASE("only miners whose scores are all alike say that they are") {
  for_every_miner([](const std::string& name, const HardSampleMiner& miner) {
    const bool alike = name == "edge_only" || name == "cloud_only";
    CHECK((miner.easiest() == miner.hardest()) == alike);
  });
}

TEST_CASE("a malformed prediction and an empty detection are as hard as can be") {
  for_every_miner([](const std::string& name, const HardSampleMiner& miner) {
    if (blind(name)) return;
    for (const std::vector<float>& p : std::vector<std::vector<float>>{
             {}, {kNaN, 0.9f}, {0.2f, 1.5f}, {-0.5f, 1}, {INFINITY, 0}}) {
      CHECK(of_classes(miner, p) == 1);
      CHECK(of_boxes(miner, p) == 1);
    }
  });
}

TEST_CASE("every miner but the random one gives the same score for every draw") {
  for_every_miner([](const std::string& name, const HardSampleMiner& miner) {
    const std::vector<float> p{0.7f, 0.2f, 0.1f};
    CHECK((score(miner, classified(p), 1) == score(miner, classified(p), 2)) == (name != "random"));
    CHECK(score(miner, classified(p), 3) == score(miner, classified(p), 3));
  });
}

TEST_CASE("no miner finds a prediction harder when its confidence grows") {
  for_every_miner([](const std::string& name, const HardSampleMiner& miner) {
    if (blind(name)) return;
    RandomStream random(kSeed, "confidence");
    for (int i = 0; i < 200; ++i) {
      std::vector<float> s(1 + random.below(5));
      for (float& x : s) x = static_cast<float>(random.uniform());
      const float before = of_boxes(miner, s);
      float& raised = s[random.below(s.size())];
      raised += (1 - raised) * static_cast<float>(random.uniform());
      CHECK(of_boxes(miner, s) <= before);
    }
    float last = 1;  // from even odds to certainty between two classes
    for (int percent = 50; percent <= 100; ++percent) {
      const float p = static_cast<float>(percent) / 100;
      const float now = of_classes(miner, {p, 1 - p});
      CHECK(now <= last);
      last = now;
    }
    CHECK(last < 1e-6f);
  });
}

TEST_CASE("cross_entropy is the entropy as a share of the largest possible") {
  const auto miner = plugin<HardSampleMiner>("cross_entropy");
  CHECK(of_classes(*miner, {0.25f, 0.25f, 0.25f, 0.25f}) == 1);
  CHECK(of_classes(*miner, {0, 1, 0}) == 0);
  CHECK(of_classes(*miner, {1}) == 0);
  CHECK(of_classes(*miner, {0.5f, 0.5f, 0, 0}) == Approx(0.5).epsilon(1e-7));
  const double h = -(0.7 * std::log(0.7) + 0.2 * std::log(0.2) + 0.1 * std::log(0.1));
  CHECK(of_classes(*miner, {0.7f, 0.2f, 0.1f}) == Approx(h / std::log(3.0)).epsilon(1e-6));
}

TEST_CASE("threshold is one minus the mean confidence") {
  const auto miner = plugin<HardSampleMiner>("threshold");
  CHECK(of_boxes(*miner, {0.5f, 1, 0.75f}) == 0.25f);
  CHECK(of_boxes(*miner, {1}) == 0);
  CHECK(of_classes(*miner, {0.125f, 0.75f, 0.125f}) == 0.25f);
}

TEST_CASE("ibt is the share of boxes up to its own threshold") {
  const auto miner = plugin<HardSampleMiner>("ibt", {{"threshold_box", 0.25}});
  CHECK(of_boxes(*miner, {0.25f, 0.3f, 0.1f, 0.9f}) == 0.5f);
  CHECK(of_boxes(*miner, {0.9f}) == 0);
  CHECK(of_classes(*miner, {0.5f, 0.5f}) == 0);
  CHECK(of_classes(*plugin<HardSampleMiner>("ibt"), {0.5f, 0.5f}) == 1);
  CHECK(problems_of(HardSampleMiner::kSlot, "ibt", {{"threshold", 0.5}}) ==
        "x.json: /threshold: unknown key \"threshold\"; nearest \"threshold_box\"; all: "
        "\"threshold_box\"\n");
}

TEST_CASE("random offloads about one minus the threshold of all examples") {
  const auto miner = plugin<HardSampleMiner>("random");
  int above = 0;
  for (Round draw = 1; draw <= 10000; ++draw) {
    above += score(*miner, detected({}), draw) > 0.7f ? 1 : 0;
  }
  // Binomial(10000, 0.3): mean 3000, deviation 45.8; within 5 deviations but for one seed in a
  // million.
  CHECK(above > 2771);
  CHECK(above < 3229);
}

TEST_CASE("edge_only keeps everything and cloud_only sends everything") {
  CHECK(of_boxes(*plugin<HardSampleMiner>("edge_only"), {}) == 0);
  CHECK(of_boxes(*plugin<HardSampleMiner>("cloud_only"), {1}) == 1);
}

}  // namespace
}  // namespace skerry
