// Native learners against LibTorch: two independent computations of one definition.
#include "tests/algorithms/learners/torch/archive_writer.hpp"
#include "tests/algorithms/learners/torch/torch_case.hpp"

namespace skerry::learners {
namespace {

// Largest difference, as a share of the largest value of the same tensor. Chains of up to 3,136
// float32 products in different order differ by some 1e-6 of it.
constexpr double kTolerance = 2e-5;

double largest(std::span<const float> values) {
  double most = 0;
  for (const float v : values) most = std::max(most, std::fabs(double{v}));
  return most;
}

double difference(std::span<const float> a, std::span<const float> b) {
  REQUIRE(a.size() == b.size());
  double most = 0;
  for (std::size_t i = 0; i < a.size(); ++i) most = std::max(most, std::fabs(double{a[i]} - b[i]));
  return most / largest(a);
}

void check_agreement(const Learner& native, const Learner& torch, const Batch& batch) {
  const Floats parameters = initial(native);
  Plain ours{native}, theirs{torch};
  CHECK(difference(ours.scores(parameters, batch), theirs.scores(parameters, batch)) < kTolerance);
  const auto mine = ours.gradient(parameters, batch), other = theirs.gradient(parameters, batch);
  CHECK(mine.loss == Approx(other.loss).epsilon(kTolerance));
  CHECK(difference(mine.inputs, other.inputs) < kTolerance);
  const Layout& layout = *native.layout();
  for (std::size_t t = 0; t < layout.tensors().size(); ++t) {
    const auto part = [&](const Floats& all) {
      return std::span(all).subspan(layout.offset(t), element_count(layout.tensors()[t].shape));
    };
    CAPTURE(layout.tensors()[t].name);
    CHECK(largest(part(mine.parameters)) > 1e-4);
    CHECK(difference(part(mine.parameters), part(other.parameters)) < kTolerance);
  }
}

struct Pair {
  const char* native;
  const char* torch;
  DataSchema schema;
  ConfigNode::Object parameters, torch_parameters;
};

std::vector<Pair> pairs() {
  const DataSchema table{.input = {13}, .classes = 4};
  const DataSchema images{.input = {2, 11, 14}, .classes = 5};
  const ConfigNode::Object none = {{"hidden", ConfigNode::Array{}}};
  const ConfigNode::Object hidden = {{"hidden", ConfigNode::Array{35, 9}}};
  std::vector<Pair> all{{"softmax", "torch_mlp", table, {}, none},
                        {"mlp", "torch_mlp", table, hidden, hidden},
                        {"mlp", "torch_mlp", images, hidden, hidden},
                        {"cnn", "torch_cnn", {.input = {1, 28, 28}, .classes = 10}, {}, {}}};
  for (const char* padding : {"same", "valid"}) {
    const ConfigNode::Object form = {{"channels", ConfigNode::Array{3, 6}},
                                     {"kernel", 3},
                                     {"padding", padding},
                                     {"hidden", ConfigNode::Array{10}}};
    all.push_back({"cnn", "torch_cnn", images, form, form});
  }
  return all;
}

TEST_CASE("networks of LibTorch have the tensors, initial values and cost of the native ones") {
  for (const Pair& pair : pairs()) {
    const auto native = made(pair.native, pair.schema, pair.parameters);
    const auto torch = torch_made(pair.torch, pair.schema, pair.torch_parameters);
    CAPTURE(pair.native, to_string(pair.schema.input));
    CHECK(*torch->layout() == *native->layout());
    CHECK(same_bits(initial(*torch), initial(*native)));
    CHECK(torch->outputs() == native->outputs());
    for (const Phase phase : {Phase::kTrain, Phase::kInference}) {
      CHECK(torch->cost(phase, 10).flops == native->cost(phase, 10).flops);
    }
    CHECK(torch->numerics().substr(0, 9) == "libtorch-");
  }
}

TEST_CASE("scores, losses and gradients of softmax, mlp and cnn are LibTorch's within 2e-5") {
  for (const Pair& pair : pairs()) {
    const auto native = made(pair.native, pair.schema, pair.parameters);
    const auto torch = torch_made(pair.torch, pair.schema, pair.torch_parameters);
    CAPTURE(pair.native, to_string(pair.schema.input));
    Examples examples(*native, 12, 3);
    check_agreement(*native, *torch, examples.batch());
    examples.weights = {1, 2, 0.5f, 1, 1, 3, 1, 1, 0, 1, 1, 2};
    check_agreement(*native, *torch, examples.batch());
  }
}

TEST_CASE("the gradient of quadratic is LibTorch's within 2e-5, its scores bit for bit") {
  const DataSchema schema{.input = {6}, .classes = 6};
  const auto native = made("quadratic", schema, {{"smallest", 0.5}, {"largest", 3.0}});
  const auto torch =
      scripted(ArchiveWriter().parameter("w", {6}).write("  return self.w - x\n"), schema);
  Floats w{0.1f, -2, 3, 0.25f, 7, -0.5f};
  const Examples examples(*native, 5, 1);
  Plain ours{*native}, theirs{*torch};
  const Floats scores = ours.scores(w, examples.batch(), Phase::kTrain);
  CHECK(same_bits(scores, theirs.scores(w, examples.batch(), Phase::kTrain)));
  Floats cotangent(scores.size()), mine(6), other(6), inputs(30), other_inputs(30);
  native->loss(scores, examples.batch(), cotangent);
  native->backward(w, {cotangent}, *ours.tape, mine, inputs);
  torch->backward(w, {cotangent}, *theirs.tape, other, other_inputs);
  CHECK(same_bits(inputs, other_inputs));
  CHECK(difference(mine, other) < kTolerance);
}

TEST_CASE("networks of LibTorch refuse data that does not suit them in their own name") {
  const auto message = [](const char* name, const DataSchema& schema) {
    return build(name, schema, {}, all_plugins()).message();
  };
  CHECK(message("torch_mlp", {.input = {4}}) == "torch_mlp needs targets; the data has none");
  CHECK(message("torch_cnn", {.input = {4}}) == "torch_cnn needs targets; the data has none");
  CHECK(message("torch_cnn", {.input = {4}, .classes = 2}) ==
        "torch_cnn needs images [channels, height, width]; the data has [4]");
}

}  // namespace
}  // namespace skerry::learners
