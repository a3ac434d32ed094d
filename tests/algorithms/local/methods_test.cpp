// Laws that every local method keeps, and what each adds to plain training.

#include <cmath>

#include "algorithms/sdk/local_loop.hpp"
#include "tests/algorithms/local/hand_federation.hpp"
#include "tests/algorithms/local/points.hpp"
#include "tests/algorithms/local/unfused.hpp"
#include "tests/same_bits.hpp"

namespace skerry {
namespace {

constexpr std::uint64_t kSeed = 21;

/// Three edges whose data differ, on a quadratic.
struct Setting {
  Points points = draw_points({.count = 60, .width = 5, .drift = 0.05f, .seed = kSeed});
  std::unique_ptr<Learner> model = learner("quadratic", points.schema());
  std::unique_ptr<Optimizer> optimizer = plugin<Optimizer>("sgd", {{"learning_rate", 0.1}});
  LocalSettings settings{.batch_size = 7, .epochs = 2};

  HandFederation with(const LocalMethod& method) const {
    HandFederation federation({.learner = *model,
                               .samples = points,
                               .method = method,
                               .optimizer = *optimizer,
                               .settings = settings,
                               .seed = kSeed},
                              equal_rows(3, 20));
    federation.start_at({1, -2, 0.5f, 3, -0.25f});
    return federation;
  }
};

std::vector<float> delta_of(const EdgeUpdate& update) { return values_of(update.up.at("delta")); }

/// Two rounds of all edges; the updates of the last round.
std::vector<EdgeUpdate> two_rounds(HandFederation& federation) {
  std::vector<EdgeUpdate> updates;
  for (Round round = 1; round <= 2; ++round) {
    updates.clear();
    for (std::uint32_t edge = 0; edge < federation.edges(); ++edge) {
      if (round > 1) federation.settle(edge, Settlement::kAccepted);
      updates.push_back(federation.train(edge, round));
    }
    if (round == 1) federation.step(updates);
  }
  return updates;
}

template <class Law>
void for_every_method(const Law& law) {
  const auto names = plugins().names(LocalMethod::kSlot);
  REQUIRE(names.size() >= 3);
  for (const std::string& name : names) {
    INFO("local method " << name << ", seed " << kSeed);
    law(name, *plugin<LocalMethod>(name));
  }
}

TEST_CASE("every local method returns finite records of the declared names and layouts") {
  const Setting setting;
  for_every_method([&](const std::string&, const LocalMethod& method) {
    auto federation = setting.with(method);
    const auto updates = two_rounds(federation);
    for (const EdgeUpdate& update : updates) {
      CHECK(update.report.samples == 20);
      CHECK(update.report.steps == 6);
      CHECK(std::isfinite(update.report.loss));
      CHECK(update.up.find("delta") != nullptr);
      for (const auto& record : update.up.records()) CHECK(ExactSum::finite(record->f32()));
    }
  });
}

TEST_CASE("every local method gives the same bits for the same key and others for another") {
  const Setting setting;
  for_every_method([&](const std::string&, const LocalMethod& method) {
    auto first = setting.with(method), second = setting.with(method);
    const auto a = two_rounds(first), b = two_rounds(second);
    for (std::size_t k = 0; k < a.size(); ++k) CHECK(bits(delta_of(a[k])) == bits(delta_of(b[k])));
    CHECK(bits(delta_of(first.train(0, 7))) != bits(delta_of(first.train(0, 8))));
  });
}

TEST_CASE("no local method's bits depend on whether its steps run fused") {
  const Points points = draw_points({.count = 60, .width = 9, .classes = 4, .seed = kSeed});
  const ConfigNode::Object hidden{{"hidden", ConfigNode::Array{6, 5}}};
  const auto model = learner("mlp", points.schema(), hidden);
  REQUIRE(model->make_fused() != nullptr);
  const Unfused unfused(*model);
  const auto sgd = plugin<Optimizer>("sgd");
  for_every_method([&](const std::string&, const LocalMethod& method) {
    std::vector<std::uint32_t> expected;
    for (const Learner* either : std::initializer_list<const Learner*>{model.get(), &unfused}) {
      HandFederation federation({.learner = *either,
                                 .samples = points,
                                 .method = method,
                                 .optimizer = *sgd,
                                 .settings = {.batch_size = 7, .epochs = 2},
                                 .seed = kSeed},
                                equal_rows(3, 20));
      const auto delta = bits(delta_of(two_rounds(federation)[2]));
      if (expected.empty()) expected = delta;
      CHECK(delta == expected);
    }
  });
}

TEST_CASE("every local method but plain differs from plain at its defaults") {
  const Setting setting;
  const auto method_plain = plugin<LocalMethod>("plain");
  auto plain = setting.with(*method_plain);
  const auto expected = delta_of(two_rounds(plain)[1]);
  for_every_method([&](const std::string& name, const LocalMethod& method) {
    auto federation = setting.with(method);
    CHECK((bits(delta_of(two_rounds(federation)[1])) == bits(expected)) == (name == "plain"));
  });
}

TEST_CASE("an edge without examples returns nothing new, whichever the method") {
  const Setting setting;
  for_every_method([&](const std::string&, const LocalMethod& method) {
    HandFederation federation({.learner = *setting.model,
                               .samples = setting.points,
                               .method = method,
                               .optimizer = *setting.optimizer,
                               .settings = setting.settings},
                              {{}});
    const EdgeUpdate update = federation.train(0, 1);
    CHECK(update.report.samples == 0);
    CHECK(update.report.steps == 0);
    for (const auto& record : update.up.records()) {
      CHECK(values_of(*record) == std::vector<float>(record->size()));
    }
  });
}

/// A method's predictions on a node for three points in the plane.
struct Answers {
  Points points{{{1, 2}, {3, 4}, {5, 6}}};
  std::unique_ptr<Learner> model = learner("quadratic", points.schema());
  Payload down, state;
  std::vector<float> scores = std::vector<float>(6);

  Answers() { add_record(down, {"model", model->layout()}, {1, 1}); }
  Answerer of(const LocalMethod& method) {
    BatchBuffer buffer;
    const Batch batch = buffer.fill(points, std::vector<std::uint32_t>{0, 1, 2});
    CHECK(batch.labels.empty());
    Workspace workspace;
    return method.predict({*model, batch, down, state, scores, workspace});
  }
};

TEST_CASE("a local method that keeps no model answers with the global one") {
  for (const std::string name : {"plain", "fedprox", "scaffold"}) {
    Answers answers;
    CHECK(answers.of(*plugin<LocalMethod>(name)) == Answerer::kGlobal);
    CHECK(answers.scores == std::vector<float>{0, -1, -2, -3, -4, -5});
  }
}

/// Keeps a model of its own, once it has trained.
struct Keeper : LocalMethod {
  TrainReport train(TrainContext& context) const override { return train_delta(context); }
  std::span<const float> personal(const Payload& state) const override {
    const auto v = state.at("v").f32();
    return v[0] == 0 ? std::span<const float>() : v;
  }
};

/// Answers with the mean of the scores of both models.
struct Mixer final : Keeper {
  Answerer predict(const PredictContext& context) const override {
    Keeper::predict(context);
    const auto global = context.learner
                            .predict(context.down.at("model").f32(), context.batch,
                                     context.workspace.tape(context.learner))
                            .scores;
    for (std::size_t i = 0; i < global.size(); ++i) {
      context.scores[i] = (context.scores[i] + global[i]) / 2;
    }
    return Answerer::kPersonal;
  }
};

TEST_CASE("a local method answers with the node's own model once there is one, or with a mixture") {
  Answers answers;
  Record& v = add_record(answers.state, {"v", answers.model->layout()}, {0, 0});
  CHECK(answers.of(Keeper()) == Answerer::kGlobal);
  v.f32()[0] = 11;
  CHECK(answers.of(Keeper()) == Answerer::kPersonal);
  CHECK(answers.scores == std::vector<float>{10, -2, 8, -4, 6, -6});
  CHECK(answers.of(Mixer()) == Answerer::kPersonal);
  CHECK(answers.scores == std::vector<float>{5, -1.5, 3, -3.5, 1, -5.5});
}

TEST_CASE("plain training with one whole batch is one gradient step") {
  const Points points({{1, 2}, {3, 6}});
  const auto model = learner("quadratic", points.schema());
  const auto method = plugin<LocalMethod>("plain");
  const auto sgd = plugin<Optimizer>("sgd", {{"learning_rate", 0.5}});
  HandFederation federation({.learner = *model,
                             .samples = points,
                             .method = *method,
                             .optimizer = *sgd,
                             .settings = {.batch_size = 0}},
                            {{0, 1}});
  federation.start_at({4, 0});
  const EdgeUpdate update = federation.train(0, 1);
  CHECK(delta_of(update) == std::vector<float>{-1, 2});
  CHECK(update.report.loss == 0.5 * (9 + 4 + 1 + 36) / 2);
}

TEST_CASE("a schedule over steps multiplies the rate of each, whatever takes the step") {
  const Points points({{0, 0}});
  const auto model = learner("quadratic", points.schema());
  const auto method = plugin<LocalMethod>("plain");
  RateSchedule schedule{.shape = RateSchedule::Shape::kCosine, .warm_up = 2};
  for (const ConfigNode::Object& parameters :
       {ConfigNode::Object{{"learning_rate", 0.5}},
        ConfigNode::Object{{"learning_rate", 0.5}, {"momentum", 1e-30}}}) {
    const auto optimizer = plugin<Optimizer>("sgd", parameters);
    HandFederation federation({.learner = *model,
                               .samples = points,
                               .method = *method,
                               .optimizer = *optimizer,
                               .settings = {.batch_size = 0, .steps = 7, .schedule = schedule}},
                              {{0}});
    federation.start_at({1, 0});
    double w = 1;  // the gradient is w
    for (std::uint64_t step = 0; step < 7; ++step) w *= 1 - 0.5 * schedule.factor(step, 7);
    CHECK(delta_of(federation.train(0, 1))[0] == Approx(w - 1).epsilon(1e-6));
  }
}

TEST_CASE("steps of a schedule run fused with the same bits, and scaffold counts their rates") {
  const Points points =
      draw_points({.count = 60, .width = 9, .drift = 0.05f, .classes = 4, .seed = kSeed});
  const auto model = learner("mlp", points.schema(), {{"hidden", ConfigNode::Array{6, 5}}});
  const Unfused unfused(*model);
  const auto sgd = plugin<Optimizer>("sgd", {{"learning_rate", 0.2}});
  for (const std::string name : {"plain", "scaffold"}) {
    CAPTURE(name);
    const auto method = plugin<LocalMethod>(name);
    const auto run = [&](const Learner& learner, const RateSchedule& schedule) {
      HandFederation federation({.learner = learner,
                                 .samples = points,
                                 .method = *method,
                                 .optimizer = *sgd,
                                 .settings = {.batch_size = 7, .epochs = 2, .schedule = schedule}},
                                equal_rows(3, 20));
      std::vector<float> all;
      for (const EdgeUpdate& update : two_rounds(federation)) {
        for (const auto& record : update.up.records()) {
          const auto values = values_of(*record);
          all.insert(all.end(), values.begin(), values.end());
        }
      }
      return bits(all);
    };
    const RateSchedule halving{.shape = RateSchedule::Shape::kStep, .step_size = 2, .gamma = 0.5};
    CHECK(run(*model, halving) == run(unfused, halving));
    CHECK(run(*model, halving) != run(*model, {}));
    const RateSchedule whole{.shape = RateSchedule::Shape::kStep, .step_size = 2, .gamma = 1};
    CHECK(run(*model, whole) == run(*model, {}));
  }
}

TEST_CASE("fedprox with mu = 0 equals plain bit for bit") {
  const Setting setting;
  const auto prox = plugin<LocalMethod>("fedprox", {{"mu", 0}});
  const auto plain = plugin<LocalMethod>("plain");
  auto with_prox = setting.with(*prox), with_plain = setting.with(*plain);
  const auto a = two_rounds(with_prox), b = two_rounds(with_plain);
  for (std::size_t k = 0; k < a.size(); ++k) CHECK(bits(delta_of(a[k])) == bits(delta_of(b[k])));
}

TEST_CASE("fedprox ends at the minimum of loss plus proximal term") {
  Setting setting;
  setting.settings = {.batch_size = 0, .steps = 200};
  const auto method = plugin<LocalMethod>("fedprox", {{"mu", 3}});
  auto federation = setting.with(*method);
  const auto mean = mean_of(setting.points, equal_rows(3, 20)[0]);
  const auto start = federation.model();
  const auto delta = delta_of(federation.train(0, 1));
  for (std::size_t i = 0; i < 5; ++i) {
    CHECK(delta[i] == Approx((mean[i] - start[i]) / (1 + 3)).margin(1e-5));
  }
}

TEST_CASE("fedprox refuses a negative mu") {
  CHECK(problems_of(LocalMethod::kSlot, "fedprox", {{"mu", -1}}) ==
        "x.json: /mu: -1 is outside [0, inf)\n");
}

TEST_CASE("scaffold with zero controls sends plain's delta bit for bit") {
  const Setting setting;
  const auto scaffold = plugin<LocalMethod>("scaffold"), plain = plugin<LocalMethod>("plain");
  auto with_scaffold = setting.with(*scaffold), with_plain = setting.with(*plain);
  for (std::uint32_t edge = 0; edge < 3; ++edge) {
    CHECK(bits(delta_of(with_scaffold.train(edge, 1))) ==
          bits(delta_of(with_plain.train(edge, 1))));
  }
}

TEST_CASE("scaffold's control is the mean of the gradients seen, with any optimiser") {
  Setting setting;
  setting.settings = {.batch_size = 0, .steps = 1};
  for (const ConfigNode::Object& extra :
       {ConfigNode::Object{}, ConfigNode::Object{{"momentum", 0.5}}}) {
    setting.optimizer = plugin<Optimizer>("sgd", extra);
    const auto method = plugin<LocalMethod>("scaffold");
    auto federation = setting.with(*method);
    const auto start = federation.model();
    federation.down.open("c").f32()[0] = 5;
    federation.state(1).open("c_i").f32()[1] = 7;
    federation.train(1, 1);
    const auto mean = mean_of(setting.points, equal_rows(3, 20)[1]);
    for (std::size_t i = 0; i < 5; ++i) {
      CHECK(federation.state(1).at("c_i_next").f32()[i] == Approx(start[i] - mean[i]).margin(1e-4));
    }
  }
}

TEST_CASE("scaffold takes the drift out: edges with different data stay at the common minimum") {
  Setting setting;
  setting.settings = {.batch_size = 0, .steps = 10};
  const auto method = plugin<LocalMethod>("scaffold");
  auto federation = setting.with(*method);
  std::vector<EdgeUpdate> updates;
  for (Round round = 1; round <= 60; ++round) {
    updates.clear();
    for (std::uint32_t edge = 0; edge < 3; ++edge) {
      if (round > 1) federation.settle(edge, Settlement::kAccepted);
      updates.push_back(federation.train(edge, round));
    }
    federation.step(updates);
  }
  // Plain edges would each pull towards their own mean, about one apart; these hardly move.
  for (const EdgeUpdate& update : updates) {
    for (float d : delta_of(update)) CHECK(std::abs(d) < 1e-4f);
  }
}

TEST_CASE("scaffold's control on the cloud stays the mean of the nodes' when few take part") {
  const Setting setting;
  const auto method = plugin<LocalMethod>("scaffold");
  auto federation = setting.with(*method);
  for (Round round = 1; round <= 9; ++round) {
    const std::uint32_t one = round * round % 3, other = (one + 1 + round % 2) % 3;
    federation.step({federation.train(one, round), federation.train(other, round)});
    federation.settle(one, Settlement::kAccepted);
    federation.settle(other, Settlement::kAccepted);
    for (std::size_t i = 0; i < 5; ++i) {
      double mean = 0;
      for (std::uint32_t k = 0; k < 3; ++k) mean += federation.state(k).at("c_i").f32()[i] / 3.0;
      CHECK(federation.down.at("c").f32()[i] == Approx(mean).margin(1e-5));
    }
  }
}

TEST_CASE("scaffold keeps a node's control until its update is known to have counted") {
  const Setting setting;
  const auto method = plugin<LocalMethod>("scaffold");
  for (Settlement outcome : {Settlement::kLost, Settlement::kLate, Settlement::kRefused}) {
    auto federation = setting.with(*method);
    federation.train(0, 1);
    federation.settle(0, outcome);
    CHECK(values_of(federation.state(0).at("c_i")) == std::vector<float>(5));
  }
  auto federation = setting.with(*method);
  federation.train(0, 1);
  federation.settle(0, Settlement::kAccepted);
  CHECK(values_of(federation.state(0).at("c_i")) == values_of(federation.state(0).at("c_i_next")));
}

}  // namespace
}  // namespace skerry
