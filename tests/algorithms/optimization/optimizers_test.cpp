// Laws that every optimiser keeps, and the values its paper gives.

#include <cmath>

#include "algorithms/sdk/random.hpp"
#include "tests/algorithms/optimization/walk.hpp"
#include "tests/same_bits.hpp"

namespace skerry {
namespace {

std::vector<float> normals(std::size_t size, RandomStream& random) {
  std::vector<float> values(size);
  for (float& value : values) value = static_cast<float>(random.normal());
  return values;
}

struct Row {
  std::string optimizer;
  ConfigNode::Object without_decay = {};  // if its defaults decay weights
  ConfigNode::Object quick = {};          // finds a minimum a few units away in 3000 steps
};
const std::vector<Row> kRows{
    {"adagrad", {}, {{"learning_rate", 0.5}}},
    {"adam", {}, {{"learning_rate", 0.01}}},
    {"adamw", {{"weight_decay", 0}}, {{"learning_rate", 0.01}, {"weight_decay", 0}}},
    {"sgd"},
    {"yogi"},
};

template <class Law>
void for_every_optimizer(const Law& law) {
  std::vector<std::string> named;
  for (const Row& row : kRows) named.push_back(row.optimizer);
  REQUIRE(plugins().names(Optimizer::kSlot) == named);  // every optimiser has a row
  for (const Row& row : kRows) {
    INFO("optimizer " << row.optimizer << ", seed " << 12);
    law(row, RandomStream(12, "optimizers " + row.optimizer));
  }
}

TEST_CASE("a zero gradient in the zero state changes no bit, whichever the optimiser") {
  for_every_optimizer([](const Row& row, RandomStream random) {
    Walk walk(plugin<Optimizer>(row.optimizer, row.without_decay), normals(50, random));
    const auto before = bits(walk.w);
    walk.step(std::vector<float>(50, 0.0f));
    CHECK(bits(walk.w) == before);
  });
}

TEST_CASE("every optimiser moves against the gradient, and further with a larger rate scale") {
  for_every_optimizer([](const Row& row, RandomStream random) {
    const auto start = normals(50, random);
    const auto gradient = normals(50, random);
    Walk one(plugin<Optimizer>(row.optimizer), start), two(plugin<Optimizer>(row.optimizer), start);
    two.rate_scale = 2;
    one.step(gradient);
    two.step(gradient);
    for (std::size_t i = 0; i < start.size(); ++i) {
      CHECK((one.w[i] - start[i]) * gradient[i] < 0);
      CHECK(std::abs(two.w[i] - start[i]) > std::abs(one.w[i] - start[i]));
    }
  });
}

TEST_CASE("every optimiser repeats itself bit for bit") {
  for_every_optimizer([](const Row& row, RandomStream random) {
    const auto start = normals(50, random);
    std::vector<std::uint32_t> first;
    for (int run = 0; run < 2; ++run) {
      Walk walk(plugin<Optimizer>(row.optimizer), start);
      RandomStream gradients(12, "gradients");
      for (int t = 0; t < 10; ++t) walk.step(normals(50, gradients));
      if (run == 0) first = bits(walk.w);
      CHECK(bits(walk.w) == first);
    }
  });
}

/// Whether three steps are those of the plain rule that the optimiser claims, if it claims one.
void check_plain(std::unique_ptr<Optimizer> optimizer, RandomStream random) {
  Walk walk(std::move(optimizer), normals(50, random));
  const auto rate = walk.optimizer->plain_rate();
  if (!rate) return;
  const float decay = walk.optimizer->plain_decay();
  CHECK(walk.optimizer->moments() == 0);
  walk.rate_scale = 0.3f;
  for (int t = 0; t < 3; ++t) {
    auto expected = walk.w;
    const auto gradient = normals(50, random);
    for (std::size_t i = 0; i < 50; ++i) {
      const float g = decay == 0 ? gradient[i] : std::fma(decay, expected[i], gradient[i]);
      expected[i] = std::fma(-(*rate * 0.3f), g, expected[i]);
    }
    walk.step(gradient);
    CHECK(bits(walk.w) == bits(expected));
  }
}

TEST_CASE("an optimiser that claims a plain step takes it, bit for bit") {
  for_every_optimizer([](const Row& row, RandomStream random) {
    check_plain(plugin<Optimizer>(row.optimizer), random);
  });
  check_plain(plugin<Optimizer>("sgd", {{"weight_decay", 0.1}}), RandomStream(12, "decay"));
}

TEST_CASE("every optimiser finds the minimum of a quadratic") {
  for_every_optimizer([](const Row& row, RandomStream random) {
    Walk walk(plugin<Optimizer>(row.optimizer, row.quick), normals(8, random));
    const auto target = normals(8, random);
    for (int t = 0; t < 3000; ++t) {
      auto gradient = walk.w;
      for (std::size_t i = 0; i < gradient.size(); ++i) gradient[i] -= target[i];
      walk.step(gradient);
    }
    for (std::size_t i = 0; i < target.size(); ++i) {
      CHECK(walk.w[i] == Approx(target[i]).margin(1e-3));
    }
  });
}

TEST_CASE("sgd claims a plain step, with its decay, only without momentum") {
  CHECK(plugin<Optimizer>("sgd", {{"learning_rate", 0.5}})->plain_rate() == 0.5f);
  CHECK(plugin<Optimizer>("sgd", {{"learning_rate", 0.5}})->plain_decay() == 0);
  CHECK_FALSE(plugin<Optimizer>("sgd", {{"momentum", 0.9}})->plain_rate());
  const auto decaying = plugin<Optimizer>("sgd", {{"weight_decay", 0.125}});
  CHECK(decaying->plain_rate() == 0.1f);
  CHECK(decaying->plain_decay() == 0.125f);
}

TEST_CASE("sgd with rate 1 and momentum beta is server momentum as FedAvgM has it") {
  Walk walk(plugin<Optimizer>("sgd", {{"learning_rate", 1}, {"momentum", 0.5}}), {10});
  walk.step({-4});  // v = -4
  CHECK(walk.w[0] == 14);
  walk.step({2});  // v = -2 + 2 = 0
  CHECK(walk.w[0] == 14);
  walk.step({1});
  CHECK(walk.w[0] == 13);
}

TEST_CASE("sgd takes momentum, look-ahead and decay in PyTorch's order") {
  Walk decay(plugin<Optimizer>("sgd", {{"learning_rate", 0.5}, {"weight_decay", 0.25}}), {8});
  decay.step({2});  // 8 - 0.5 (2 + 0.25 * 8)
  CHECK(decay.w[0] == 6);
  Walk ahead(
      plugin<Optimizer>("sgd", {{"learning_rate", 1}, {"momentum", 0.5}, {"nesterov", true}}), {0});
  ahead.step({2});  // v = 2, step 2 + 1
  CHECK(ahead.w[0] == -3);
  ahead.step({2});  // v = 3, step 2 + 1.5
  CHECK(ahead.w[0] == -6.5f);
  Walk damped(
      plugin<Optimizer>("sgd", {{"learning_rate", 1}, {"momentum", 0.5}, {"dampening", 0.75}}),
      {0});
  damped.step({2});  // v = 2: the first gradient comes whole
  CHECK(damped.w[0] == -2);
  damped.step({2});  // v = 1 + 0.25 * 2
  CHECK(damped.w[0] == -3.5f);
  CHECK(problems_of(Optimizer::kSlot, "sgd", {{"nesterov", true}, {"momentum", 1}}) ==
        "x.json: /momentum: 1 is outside [0, 1)\n"
        "x.json: /nesterov: needs a momentum above 0\n");
  CHECK(problems_of(Optimizer::kSlot, "sgd", {{"dampening", 0.5}}) ==
        "x.json: /dampening: needs a momentum above 0\n");
  CHECK(problems_of(Optimizer::kSlot, "sgd",
                    {{"momentum", 0.9}, {"dampening", 0.5}, {"nesterov", true}}) ==
        "x.json: /nesterov: needs a dampening of 0\n");
}

/// Parameters of FedAdam, FedYogi and FedAdagrad that are easy to reckon with.
ConfigNode::Object adaptive(ConfigNode::Object more) {
  more.insert(more.end(), {{"learning_rate", 1}, {"beta1", 0.5}, {"tau", 0.5}});
  return more;
}

TEST_CASE("adam's first step starts the second moment at tau squared, as FedAdam does") {
  Walk walk(plugin<Optimizer>("adam", adaptive({{"beta2", 0.75}, {"bias_correction", false}})),
            {0});
  walk.step({2});  // m = 1, v = 0.75 * 0.25 + 0.25 * 4
  CHECK(walk.w[0] == Approx(-1 / (std::sqrt(1.1875) + 0.5)).epsilon(1e-6));
}

TEST_CASE("adam with bias correction makes a first step of one learning rate") {
  const ConfigNode::Object parameters{
      {"learning_rate", 0.125}, {"tau", 1e-8}, {"bias_correction", true}};
  Walk walk(plugin<Optimizer>("adam", parameters), {1, 1});
  walk.step({5, -0.01});
  CHECK(walk.w[0] == Approx(0.875).epsilon(1e-6));
  CHECK(walk.w[1] == Approx(1.125).epsilon(1e-6));
}

TEST_CASE("yogi and adagrad with tau are FedYogi and FedAdagrad") {
  Walk yogi(plugin<Optimizer>("yogi", adaptive({{"beta2", 0.75}})), {0});
  yogi.step({2});  // m = 1, v = 0.25 + 0.25 * 4, since 4 is above it
  CHECK(yogi.w[0] == Approx(-1 / (std::sqrt(1.25) + 0.5)).epsilon(1e-6));
  const float before = yogi.w[0];
  yogi.step({1});  // m = 1, v = 1.25 - 0.25 * 1, since 1 is below it
  CHECK(yogi.w[0] == Approx(before - 1 / (1 + 0.5)).epsilon(1e-6));
  Walk adagrad(plugin<Optimizer>("adagrad", adaptive({})), {0});
  adagrad.step({2});  // m = 1, v = 0.25 + 4
  CHECK(adagrad.w[0] == Approx(-1 / (std::sqrt(4.25) + 0.5)).epsilon(1e-6));
}

TEST_CASE("adamw's decay does not pass through the moments, and adam's does") {
  Walk decoupled(plugin<Optimizer>("adamw", {{"learning_rate", 0.5}, {"weight_decay", 0.25}}), {8});
  decoupled.step({0});  // 8 - 0.5 * 0.25 * 8
  CHECK(decoupled.w[0] == 7);
  Walk coupled(plugin<Optimizer>("adam", {{"learning_rate", 0.5}, {"weight_decay", 0.25}}), {8});
  coupled.step({0});  // the gradient is 2, and a first step has the length of the rate
  CHECK(coupled.w[0] == Approx(7.5).epsilon(1e-6));
}

TEST_CASE("amsgrad does not forget a large gradient") {
  const ConfigNode::Object forgetful{{"learning_rate", 1}, {"beta1", 0}, {"beta2", 0}};
  ConfigNode::Object remembering = forgetful;
  remembering.emplace_back("amsgrad", true);
  Walk adam(plugin<Optimizer>("adam", forgetful), {0});
  Walk amsgrad(plugin<Optimizer>("adam", remembering), {0});
  for (Walk* walk : {&adam, &amsgrad}) {
    walk->step({8});
    CHECK(walk->w[0] == Approx(-1).epsilon(1e-6));
    walk->step({2});
  }
  CHECK(adam.w[0] == Approx(-2).epsilon(1e-6));
  CHECK(amsgrad.w[0] == Approx(-1.25).epsilon(1e-6));
}

TEST_CASE("what tau takes the place of is not said beside it") {
  const ConfigNode::Object both{{"tau", 0.1}, {"eps", 0.1}, {"initial_accumulator_value", 1}};
  CHECK(problems_of(Optimizer::kSlot, "adam", {{"tau", 0.1}, {"eps", 0.1}}) ==
        "x.json: /eps: means nothing beside \"tau\", which takes its place\n");
  CHECK(problems_of(Optimizer::kSlot, "adagrad", both) ==
        "x.json: /eps: means nothing beside \"tau\", which takes its place\n"
        "x.json: /initial_accumulator_value: means nothing beside \"tau\": the sum starts at its "
        "square\n");
  CHECK(
      problems_of(Optimizer::kSlot, "yogi", both) ==
      "x.json: /eps: means nothing beside \"tau\", which takes its place\n"
      "x.json: /initial_accumulator_value: means nothing beside \"tau\": the second moment starts "
      "at its square\n");
}

}  // namespace
}  // namespace skerry
