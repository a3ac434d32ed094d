#include "tests/algorithms/learners/learner_case.hpp"

namespace skerry::learners {
namespace {

const DataSchema kPoints{.input = {3}, .classes = 0};

TEST_CASE("the quadratic's loss, gradient and optimum are those of the formula") {
  const auto learner = made("quadratic", kPoints, {{"smallest", 1}, {"largest", 3}});
  CHECK(learner->layout()->tensors()[0].name == "w");
  CHECK(same_bits(initial(*learner), {0, 0, 0}));
  Plain plain{*learner};
  const Floats inputs = {1, 2, 4, 3, 0, 8};
  const Batch batch{
      .size = 2, .inputs = inputs, .labels = {}, .targets = {}, .weights = {}, .active = {}};

  const Floats w = {1, 1, 1};  // curvatures 1, 2, 3
  const auto g = plain.gradient(w, batch);
  CHECK(g.loss == 0.25 * (0 + 2 * 1 + 3 * 9 + 4 + 2 * 1 + 3 * 49));
  CHECK(same_bits(g.parameters, {-1, 0, -15}));
  CHECK(same_bits(g.inputs, {-0.0f, 1, 4.5f, 1, -1, 10.5f}));

  const Floats mean = {2, 1, 6};
  CHECK(same_bits(plain.gradient(mean, batch).parameters, {0, 0, 0}));
}

TEST_CASE("a step of the quadratic contracts each coordinate by 1 - rate * curvature") {
  const auto learner = made("quadratic", kPoints, {{"smallest", 1}, {"largest", 2}});
  const Floats inputs = {4, 4, 4};
  const Batch batch{
      .size = 1, .inputs = inputs, .labels = {}, .targets = {}, .weights = {}, .active = {}};
  Floats w = {0, 0, 0};
  Plain{*learner}.step(w, batch, {}, 0.5f);
  CHECK(same_bits(w, {2, 3, 4}));
}

TEST_CASE("weights move the quadratic's optimum to the weighted mean") {
  const auto learner = made("quadratic", kPoints);
  const Floats inputs = {0, 0, 0, 4, 8, 12}, weights = {3, 1};
  const Batch batch{
      .size = 2, .inputs = inputs, .labels = {}, .targets = {}, .weights = weights, .active = {}};
  const Floats mean = {1, 2, 3};
  CHECK(same_bits(Plain{*learner}.gradient(mean, batch).parameters, {0, 0, 0}));
}

}  // namespace
}  // namespace skerry::learners
