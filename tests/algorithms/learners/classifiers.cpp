// What holds for every native classifier.
#include "tests/algorithms/learners/learner_case.hpp"

namespace skerry::learners {
namespace {

const DataSchema kTable{.input = {13}, .classes = 4};
const DataSchema kImages{.input = {2, 11, 14}, .classes = 5};

std::vector<std::unique_ptr<Learner>> classifiers() {
  std::vector<std::unique_ptr<Learner>> all;
  all.push_back(made("softmax", kTable));
  all.push_back(made("mlp", kTable, {{"hidden", ConfigNode::Array{35, 9}}}));
  for (const char* padding : {"same", "valid"}) {
    all.push_back(made("cnn", kImages,
                       {{"channels", ConfigNode::Array{3, 6}},
                        {"kernel", 3},
                        {"padding", padding},
                        {"hidden", ConfigNode::Array{10}}}));
  }
  return all;
}

double norm(std::span<const float> values) {
  double sum = 0;
  for (const float v : values) sum += double{v} * double{v};
  return std::sqrt(sum);
}

/// Slope of the loss along `direction`, by a central difference.
template <class Loss>
double slope(Floats at, std::size_t offset, std::span<const float> direction, Loss loss) {
  const float h = 5e-4f;
  const Floats origin = at;
  const auto moved = [&](float by) {
    for (std::size_t i = 0; i < direction.size(); ++i) {
      at[offset + i] = origin[offset + i] + by * direction[i];
    }
    return loss(at);
  };
  return (moved(h) - moved(-h)) / (2 * static_cast<double>(h));
}

TEST_CASE("gradients of classifiers agree with finite differences, tensor by tensor") {
  for (const auto& learner : classifiers()) {
    const Floats parameters = initial(*learner);
    Examples examples(*learner, 12, 3);
    examples.weights = {1, 2, 0.5f, 1, 1, 3, 1, 1, 0, 1, 1, 2};
    const Batch batch = examples.batch();
    Plain plain{*learner};
    const auto g = plain.gradient(parameters, batch);

    const Layout& layout = *learner->layout();
    for (std::size_t t = 0; t < layout.tensors().size(); ++t) {
      const std::size_t size = element_count(layout.tensors()[t].shape);
      Floats direction(g.parameters.begin() + layout.offset(t),
                       g.parameters.begin() + layout.offset(t) + size);
      const double length = norm(direction);
      for (float& d : direction) d = static_cast<float>(d / length);
      CAPTURE(layout.tensors()[t].name, length);
      REQUIRE(length > 1e-3);
      const double measured = slope(parameters, layout.offset(t), direction,
                                    [&](const Floats& at) { return plain.loss(at, batch); });
      CHECK(measured == Approx(length).epsilon(0.01));
    }

    Floats direction = g.inputs;
    const double length = norm(direction);
    for (float& d : direction) d = static_cast<float>(d / length);
    const double measured = slope(examples.inputs, 0, direction, [&](const Floats& at) {
      Batch moved = batch;
      moved.inputs = at;
      return plain.loss(parameters, moved);
    });
    CHECK(measured == Approx(length).epsilon(0.01));
  }
}

TEST_CASE("fused training gives the bits of forward, backward, affine term and step") {
  for (const auto& learner : classifiers()) {
    const std::size_t size = learner->layout()->size();
    Floats offset(size), scales(size);
    for (std::size_t i = 0; i < size; ++i) offset[i] = 0.01f * static_cast<float>(i % 7);
    for (std::size_t i = 0; i < size; ++i) scales[i] = 0.05f * static_cast<float>(i % 5);
    const AffineTerm terms[] = {
        {}, {0.1f}, {0, offset}, {0.1f, offset}, {0, {}, scales}, {0, offset, scales}};
    for (const AffineTerm& term : terms) {
      CAPTURE(learner->layout()->tensors()[0].name);
      CAPTURE(term.scale, term.offset.size(), term.scales.size());
      Floats plain_parameters = initial(*learner), fused_parameters = plain_parameters;
      const auto fused = learner->make_fused();
      REQUIRE(fused != nullptr);
      fused->load(fused_parameters, term);
      Plain plain{*learner};
      Workspace workspace;
      // Batches that grow and shrink, and one beyond what is updated tile by tile.
      std::uint64_t seed = 0;
      for (const std::size_t rows : {10, 10, 3, 25, 1, 10, 200, 10}) {
        Examples examples(*learner, rows, ++seed);
        if (seed % 2) examples.weights.assign(rows, 0.3f);
        if (seed % 3 == 0) {
          examples.active.assign(learner->outputs(), 1);
          examples.active.back() = 0;
          for (auto& label : examples.labels) label = 1;
        }
        const double loss = plain.step(plain_parameters, examples.batch(), term, 0.05f);
        CHECK(fused->step(examples.batch(), 0.05f, workspace) == loss);
      }
      fused->store(fused_parameters);
      CHECK(same_bits(plain_parameters, fused_parameters));
      const Floats origin = initial(*learner);
      Floats difference(origin.size());
      fused->store(difference, origin);
      for (std::size_t i = 0; i < origin.size(); ++i) plain_parameters[i] -= origin[i];
      CHECK(same_bits(plain_parameters, difference));
      CHECK_FALSE(same_bits(plain_parameters, initial(*learner)));
    }
  }
}

TEST_CASE("a fused path that is loaded again forgets the term and weights it had") {
  const auto learner = made("mlp", kTable, {{"hidden", ConfigNode::Array{35}}});
  const Floats vector(learner->layout()->size(), 0.5f);
  const Examples examples(*learner, 10, 1);
  const Floats start = initial(*learner);
  Floats once = start, again = start;
  Plain{*learner}.step(once, examples.batch(), {}, 0.1f);
  const auto fused = learner->make_fused();
  Workspace workspace;
  for (const AffineTerm& term : {AffineTerm{0.1f, vector}, AffineTerm{0, {}, vector}}) {
    fused->load(start, term);
    fused->step(examples.batch(), 0.1f, workspace);
    fused->load(start, {});
    fused->step(examples.batch(), 0.1f, workspace);
    fused->store(again);
    CHECK(same_bits(once, again));
  }
}

TEST_CASE("an example scores the same alone, in a large batch, in training and in inference") {
  for (const auto& learner : classifiers()) {
    const Floats parameters = initial(*learner);
    const Examples many(*learner, 150, 5);
    const std::size_t width = learner->schema().input_size(), outputs = learner->outputs();
    Plain plain{*learner};
    const Floats all = plain.scores(parameters, many.batch());
    CHECK(same_bits(plain.scores(parameters, many.batch(), Phase::kTrain), all));
    for (const std::size_t row : {0, 69, 70, 149}) {
      Batch alone = many.batch();
      alone.size = 1;
      alone.inputs = alone.inputs.subspan(row * width, width);
      const Floats wanted(all.begin() + row * outputs, all.begin() + (row + 1) * outputs);
      CHECK(same_bits(plain.scores(parameters, alone), wanted));
    }
  }
}

TEST_CASE("training lowers the loss of a batch that is seen again and again") {
  for (const auto& learner : classifiers()) {
    Floats parameters = initial(*learner);
    const Examples examples(*learner, 20, 8);
    Plain plain{*learner};
    const double before = plain.loss(parameters, examples.batch());
    for (int step = 0; step < 300; ++step) plain.step(parameters, examples.batch(), {}, 0.2f);
    CHECK(plain.loss(parameters, examples.batch()) < 0.5 * before);
  }
}

TEST_CASE("a network cut in two has the scores and gradients of the whole") {
  for (const auto& whole : classifiers()) {
    for (std::size_t cut = 1; cut < whole->layers(); ++cut) {
      CAPTURE(whole->layers(), cut);
      const auto front = whole->segment(0, cut), back = whole->segment(cut, whole->layers());
      const std::size_t split = front->layout()->size();
      const Floats parameters = initial(*whole);
      const Floats first(parameters.begin(), parameters.begin() + split);
      const Floats second(parameters.begin() + split, parameters.end());
      CHECK(back->layout()->tensors()[0] ==
            whole->layout()->tensors()[front->layout()->tensors().size()]);

      const Examples examples(*whole, 9, 4);
      const auto wanted = Plain{*whole}.gradient(parameters, examples.batch());
      Plain near{*front}, far{*back};
      const Floats smashed = near.scores(first, examples.batch(), Phase::kTrain);
      Batch rest = examples.batch();
      rest.inputs = smashed;
      const auto far_gradient = far.gradient(second, rest);
      CHECK(far_gradient.loss == wanted.loss);
      Floats near_gradient(split);
      front->backward(first, {far_gradient.inputs}, *near.tape, near_gradient, {});
      near_gradient.insert(near_gradient.end(), far_gradient.parameters.begin(),
                           far_gradient.parameters.end());
      CHECK(same_bits(near_gradient, wanted.parameters));
    }
  }
}

TEST_CASE("initial values are uniform within PyTorch's bound 1 / sqrt(fan_in)") {
  const auto learner = made("mlp", {.input = {1, 28, 28}, .classes = 10});
  const Floats parameters = initial(*learner, 42);
  CHECK(same_bits(parameters, initial(*learner, 42)));
  CHECK_FALSE(same_bits(parameters, initial(*learner, 43)));
  const Layout& layout = *learner->layout();
  for (std::size_t t = 0; t < layout.tensors().size(); ++t) {
    const double fan_in = t < 2 ? 784 : 200, bound = 1 / std::sqrt(fan_in);
    const std::size_t size = element_count(layout.tensors()[t].shape);
    double most = 0, sum = 0, squares = 0;
    for (std::size_t i = 0; i < size; ++i) {
      const double value = parameters[layout.offset(t) + i];
      most = std::max(most, std::fabs(value));
      sum += value;
      squares += value * value;
    }
    CAPTURE(layout.tensors()[t].name);
    CHECK(most <= bound);
    // Five standard errors of the mean of a uniform; false alarms below 1e-6.
    CHECK(std::fabs(sum / size) < 5 * bound / std::sqrt(3.0 * size));
    if (size > 1000) CHECK(squares / size == Approx(bound * bound / 3).epsilon(0.1));
  }
}

}  // namespace
}  // namespace skerry::learners
