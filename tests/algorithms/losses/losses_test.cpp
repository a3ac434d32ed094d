// Laws that every loss keeps, and values that were worked out by hand or by PyTorch.

#include <cmath>

#include "algorithms/sdk/loss.hpp"
#include "algorithms/sdk/random.hpp"
#include "tests/algorithms/plugins.hpp"

namespace skerry {
namespace {

/// Scores and targets of some examples; what a batch borrows.
struct Case {
  DataSchema schema{.input = {1}};
  std::size_t outputs = 0;
  std::vector<float> inputs, scores, targets, weights;
  std::vector<std::int32_t> labels;

  std::size_t size() const { return inputs.size(); }
  Batch batch() const { return {size(), inputs, labels, targets, weights, {}}; }
  double mean(const Loss& loss) const { return loss_of(loss, scores, batch(), {}); }
  std::vector<float> cotangent(const Loss& loss) const {
    std::vector<float> cotangent(scores.size());
    loss_of(loss, scores, batch(), cotangent);
    return cotangent;
  }
  void without_first() {
    inputs.erase(inputs.begin());
    scores.erase(scores.begin(), scores.begin() + static_cast<std::ptrdiff_t>(outputs));
    if (!labels.empty()) labels.erase(labels.begin());
    if (!weights.empty()) weights.erase(weights.begin());
    targets.erase(targets.begin(), targets.begin() + static_cast<std::ptrdiff_t>(schema.values));
  }
};

/// Random examples that suit the loss.
Case drawn_for(const Loss& loss, std::size_t size) {
  Case made;
  const DataSchema real{.input = {1}, .values = 3};
  made.schema = loss.suits(real).ok() ? real : DataSchema{.input = {1}, .classes = 2};
  REQUIRE(loss.suits(made.schema).ok());
  made.outputs = loss.outputs(made.schema);
  RandomStream random(3, "losses");
  const auto normal = [&](std::size_t count) {
    std::vector<float> values(count);
    for (float& value : values) value = static_cast<float>(2 * random.normal());
    return values;
  };
  made.inputs = normal(size);
  made.scores = normal(size * made.outputs);
  made.targets = normal(size * made.schema.values);
  for (std::size_t i = 0; i < size && made.schema.classes > 0; ++i) {
    made.labels.push_back(static_cast<std::int32_t>(random.below(2)));
  }
  return made;
}

template <class Law>
void for_every_loss(const Law& law) {
  const auto names = plugins().names(Loss::kSlot);
  REQUIRE(names.size() >= 5);
  for (const std::string& name : names) {
    INFO("loss " << name);
    law(*plugin<Loss>(name));
  }
}

TEST_CASE("the cotangents of every loss are the slope of its mean") {
  for_every_loss([](const Loss& loss) {
    Case drawn = drawn_for(loss, 7);
    drawn.weights = {1, 2, 0.5f, 1, 0, 3, 1};
    const auto cotangent = drawn.cotangent(loss);
    for (std::size_t i = 0; i < drawn.scores.size(); ++i) {
      Case above = drawn, below = drawn;
      above.scores[i] += 0.01f;
      below.scores[i] -= 0.01f;
      const double step = double{above.scores[i]} - double{below.scores[i]};
      const double slope = (above.mean(loss) - below.mean(loss)) / step;
      CHECK(double{cotangent[i]} == Approx(slope).epsilon(1e-3).margin(1e-5));
    }
  });
}

TEST_CASE("an example that weighs nothing is not there, and a batch of those has no loss") {
  for_every_loss([](const Loss& loss) {
    Case with = drawn_for(loss, 5), without = with;
    with.weights = {0, 1, 1, 1, 1};
    without.without_first();
    CHECK(with.mean(loss) == Approx(without.mean(loss)).epsilon(1e-12));
    with.weights = {0, 0, 0, 0, 0};
    CHECK(with.mean(loss) == 0);
    for (const float slope : with.cotangent(loss)) CHECK(slope == 0);
  });
}

TEST_CASE("rows at a pitch have the same loss and cotangents, bit for bit") {
  for_every_loss([](const Loss& loss) {
    const Case drawn = drawn_for(loss, 6);
    const std::size_t pitch = drawn.outputs + 13, width = drawn.outputs;
    std::vector<float> scores(6 * pitch, 99.0f), cotangent(6 * pitch, 77.0f);
    for (std::size_t b = 0; b < 6; ++b) {
      std::copy_n(drawn.scores.data() + b * width, width, scores.data() + b * pitch);
    }
    const Batch batch = drawn.batch();
    const double mean = loss.mean({batch, width, scores.data(), pitch, cotangent.data(), pitch});
    CHECK(mean == drawn.mean(loss));
    const auto close = drawn.cotangent(loss);
    for (std::size_t b = 0; b < 6; ++b) {
      for (std::size_t o = 0; o < pitch; ++o) {
        CHECK(cotangent[b * pitch + o] == (o < width ? close[b * width + o] : 77.0f));
      }
    }
  });
}

TEST_CASE("losses give known values") {
  struct Row {
    const char* name;
    ConfigNode::Object parameters;
    std::vector<float> scores, targets;
    std::vector<std::int32_t> labels;
    double mean;
    std::vector<float> cotangent;
  };
  // Two examples each. The values of cross_entropy and binary are those of torch.nn.functional
  // (PyTorch 1.13.1) in float64: cross_entropy(s, y, label_smoothing=…), of class weights
  // cross_entropy(s, y, weight=…), binary_cross_entropy_with_logits(s, y, pos_weight=…).
  const Row table[] = {
      {"squared", {}, {1, 2}, {3, 2.5f}, {}, 2.125, {-2, -0.5f}},
      {"absolute", {}, {1, 2}, {3, 2}, {}, 1, {-0.5f, 0}},
      {"huber", {}, {1, 2}, {3, 2.5f}, {}, 0.8125, {-0.5f, -0.25f}},
      {"huber", {{"delta", 0.25}}, {1, 2}, {3, 2.5f}, {}, 0.28125, {-0.125f, -0.125f}},
      {"cross_entropy",
       {},
       {1, 2, 3, 0.5f, -1, 0},
       {},
       {0, 2},
       1.7558683,
       {-0.45498f, 0.12236f, 0.33262f, 0.27327f, 0.06098f, -0.33425f}},
      {"cross_entropy",
       {{"label_smoothing", 0.3}},
       {1, 2, 3, 0.5f, -1, 0},
       {},
       {0, 2},
       1.6308683,
       {-0.35498f, 0.07236f, 0.28262f, 0.22327f, 0.01098f, -0.23425f}},
      {"cross_entropy",
       {{"class_weights", ConfigNode::Array{3.0, 1.0, 1.0}}},
       {1, 2, 3, 0.5f, -1, 0},
       {},
       {0, 2},
       2.0817371,
       {-0.68248f, 0.18355f, 0.49893f, 0.13664f, 0.03049f, -0.16713f}},
      {"binary", {}, {2, -1}, {}, {0, 1}, 1.7200948, {0.44040f, -0.36553f}},
      {"binary", {{"positive_weight", 2.0}}, {2, -1}, {}, {0, 1}, 2.3767257, {0.44040f, -0.73106f}},
  };
  for (const Row& row : table) {
    CAPTURE(row.name, row.mean);
    Case made;
    made.schema =
        row.labels.empty()
            ? DataSchema{.input = {1}, .values = 1}
            : DataSchema{.input = {1}, .classes = std::string(row.name) == "binary" ? 2u : 3u};
    made.inputs = {0, 0};
    made.scores = row.scores;
    made.targets = row.targets;
    made.labels = row.labels;
    const auto loss = plugin<Loss>(row.name, row.parameters);
    REQUIRE(loss->suits(made.schema).ok());
    CHECK(loss->outputs(made.schema) == row.scores.size() / 2);
    CHECK(made.mean(*loss) == Approx(row.mean).epsilon(1e-6));
    const auto cotangent = made.cotangent(*loss);
    for (std::size_t i = 0; i < cotangent.size(); ++i) {
      CHECK(cotangent[i] == Approx(row.cotangent[i]).margin(1e-5));
    }
  }
}

TEST_CASE("a loss says which targets it does not suit") {
  const DataSchema classes{.input = {1}, .classes = 3}, real{.input = {1}, .values = 2},
      nothing{.input = {1}};
  CHECK(plugin<Loss>("squared")->suits(classes).message() ==
        "has class labels, and no real-valued targets");
  CHECK(plugin<Loss>("huber")->suits(nothing).message() == "has no targets");
  CHECK(plugin<Loss>("cross_entropy")->suits(real).message() == "has no class labels");
  CHECK(plugin<Loss>("binary")->suits(classes).message() == "has 3 classes, not two");
  const ConfigNode::Object two{{"class_weights", ConfigNode::Array{1.0, 2.0}}};
  CHECK(plugin<Loss>("cross_entropy", two)->suits(classes).message() ==
        "has 3 classes, and there are 2 class weights");
  CHECK(usual_loss(plugins(), nothing) == nullptr);
  CHECK(usual_loss(plugins(), classes)->outputs(classes) == 3);
  CHECK(usual_loss(plugins(), real)->outputs(real) == 2);
}

}  // namespace
}  // namespace skerry
