#include "algorithms/learners/network.hpp"

#include "algorithms/learners/convolution_layer.hpp"
#include "algorithms/learners/dense_layer.hpp"
#include "tests/algorithms/learners/learner_case.hpp"
#include "tests/algorithms/threads.hpp"

namespace skerry::learners {
namespace {

std::unique_ptr<Learner> small_cnn(const kernels::Kernels& kernels) {
  const ConvolutionLayer::Size size{
      .channels = 1, .height = 12, .width = 9, .outputs = 5, .kernel = 5, .border = 2};
  auto convolution = std::make_shared<ConvolutionLayer>(kernels, "conv1", size);
  auto hidden = std::make_shared<DenseLayer>(
      kernels, "fc1", DenseLayer::Size{convolution->outputs(), 40}, DenseLayer::Activation::kRelu);
  auto last = std::make_shared<DenseLayer>(kernels, "fc2", DenseLayer::Size{40, 3},
                                           DenseLayer::Activation::kNone);
  const DataSchema schema{.input = {1, 12, 9}, .classes = 3};
  return std::make_unique<Network>(Network::Layers{convolution, hidden, last}, schema,
                                   usual_loss(plugins(), schema));
}

TEST_CASE("a whole training ends in the same bits with every instruction set") {
  const auto trained = [](kernels::InstructionSet set) {
    const auto learner = small_cnn(*kernels::table(set));
    Floats parameters = initial(*learner);
    const auto fused = learner->make_fused();
    Workspace workspace;
    fused->load(parameters, {0.01f, {}});
    for (std::uint64_t step = 0; step < 20; ++step) {
      const Examples examples(*learner, 10 - step % 3, step);
      fused->step(examples.batch(), 0.1f, workspace);
    }
    fused->store(parameters);
    return parameters;
  };
  const Floats plain = trained(kernels::InstructionSet::kPlain);
  for (const auto set : {kernels::InstructionSet::kAvx2, kernels::InstructionSet::kAvx512}) {
    if (kernels::table(set)) CHECK(same_bits(trained(set), plain));
  }
}

Floats trained_by(const Learner& learner, Workspace& workspace, const AffineTerm& term) {
  Floats parameters = initial(learner);
  const auto fused = learner.make_fused();
  fused->load(parameters, term);
  for (std::uint64_t step = 0; step < 3; ++step) {
    fused->step(Examples(learner, 10 - step, step).batch(), 0.1f, workspace);
  }
  fused->store(parameters);
  return parameters;
}

TEST_CASE("a step whose parts run on several threads has the same bits") {
  std::vector<std::unique_ptr<Learner>> learners;
  learners.push_back(made("cnn", {.input = {1, 28, 28}, .classes = 10}));
  learners.push_back(
      made("mlp", {.input = {1000}, .classes = 10}, {{"hidden", ConfigNode::Array{900, 700}}}));
  for (const auto& learner : learners) {
    CAPTURE(learner->layout()->tensors()[0].name);
    Floats offset(learner->layout()->size());
    for (std::size_t i = 0; i < offset.size(); ++i) offset[i] = 1e-4f * static_cast<float>(i % 9);
    for (const AffineTerm& term :
         {AffineTerm{}, AffineTerm{0.01f, offset}, AffineTerm{0, offset, offset}}) {
      Threads threads;
      Workspace alone, helped(threads);
      CHECK(same_bits(trained_by(*learner, alone, term), trained_by(*learner, helped, term)));
      CHECK(threads.shared > 9);
    }
  }
}

TEST_CASE("parts leave out the same inputs as the whole layer, also where weights are not finite") {
  constexpr std::size_t kInputs = 1000, kEmpty = 9;
  const auto learner =
      made("mlp", {.input = {kInputs}, .classes = 10}, {{"hidden", ConfigNode::Array{900, 700}}});
  const auto trained = [&](Workspace& workspace) {
    Examples examples(*learner, 10, 3);
    for (std::size_t b = 0; b < examples.size; ++b) {
      std::fill_n(&examples.inputs[b * kInputs], 2 * kEmpty, 0.0f);
    }
    Floats parameters = initial(*learner);
    parameters[kEmpty] = INFINITY;
    const auto fused = learner->make_fused();
    fused->load(parameters, {});
    fused->step(examples.batch(), 0.1f, workspace);
    fused->store(parameters);
    return parameters;
  };
  Threads threads;
  Workspace alone, helped(threads);
  CHECK(same_bits(trained(alone), trained(helped)));
  CHECK(threads.shared > 0);
}

/// The layer by its definition, in double, on PyTorch's layouts.
double pooled_reference(const Floats& w, const Floats& x, std::size_t channel, std::size_t row,
                        std::size_t column) {
  double best = 0;
  for (std::size_t at = 0; at < 4; ++at) {
    double sum = w[5 * 25 + channel];
    for (long ky = 0; ky < 5; ++ky)
      for (long kx = 0; kx < 5; ++kx) {
        const long y = static_cast<long>(2 * row + at / 2) + ky - 2;
        const long z = static_cast<long>(2 * column + at % 2) + kx - 2;
        if (y < 0 || y >= 12 || z < 0 || z >= 9) continue;
        sum += double{w[channel * 25 + ky * 5 + kx]} * double{x[y * 9 + z]};
      }
    best = std::max(best, sum);
  }
  return best;
}

TEST_CASE("a convolution layer is the padded convolution, ReLU and pool of its definition") {
  const auto learner = small_cnn(kernels::best())->segment(0, 1);
  const Floats parameters = initial(*learner);
  const Examples examples(*learner, 1, 1);
  const Floats y = Plain{*learner}.scores(parameters, examples.batch());
  REQUIRE(y.size() == 5 * 6 * 4);
  for (std::size_t i = 0; i < y.size(); ++i) {
    const double wanted = pooled_reference(parameters, examples.inputs, i / 24, i / 4 % 6, i % 4);
    CHECK(y[i] == Approx(wanted).margin(1e-5));
  }
}

}  // namespace
}  // namespace skerry::learners
