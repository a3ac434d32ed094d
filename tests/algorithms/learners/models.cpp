// What is specific to each model: its tensors, size, cost and refusals.
#include "tests/algorithms/learners/learner_case.hpp"

namespace skerry::learners {
namespace {

const DataSchema kMnist{.input = {1, 28, 28}, .classes = 10};

std::vector<std::string> tensors(const Learner& learner) {
  std::vector<std::string> names;
  for (const TensorSpec& tensor : learner.layout()->tensors()) {
    names.push_back(tensor.name + " " + to_string(tensor.shape));
  }
  return names;
}

TEST_CASE("the default mlp is the 2NN of the FedAvg paper") {
  const auto learner = made("mlp", kMnist);
  CHECK(tensors(*learner) == std::vector<std::string>{"fc1.weight [200, 784]", "fc1.bias [200]",
                                                      "fc2.weight [200, 200]", "fc2.bias [200]",
                                                      "fc3.weight [10, 200]", "fc3.bias [10]"});
  CHECK(learner->layout()->size() == 199210);
  CHECK(learner->outputs() == 10);
  CHECK(learner->layers() == 3);
  CHECK(learner->numerics() == "native-1");
}

TEST_CASE("the default cnn is the one of the FedAvg paper, 1,663,370 parameters") {
  const auto learner = made("cnn", kMnist);
  CHECK(tensors(*learner) ==
        std::vector<std::string>{"conv1.weight [32, 1, 5, 5]", "conv1.bias [32]",
                                 "conv2.weight [64, 32, 5, 5]", "conv2.bias [64]",
                                 "fc1.weight [512, 3136]", "fc1.bias [512]", "fc2.weight [10, 512]",
                                 "fc2.bias [10]"});
  CHECK(learner->layout()->size() == 1663370);
}

TEST_CASE("an mlp without hidden layers is softmax regression, bit for bit") {
  const auto softmax = made("softmax", kMnist);
  const auto mlp = made("mlp", kMnist, {{"hidden", ConfigNode::Array{}}});
  CHECK(*softmax->layout() == *mlp->layout());
  const Floats parameters = initial(*softmax);
  CHECK(same_bits(parameters, initial(*mlp)));
  const Examples examples(*softmax, 7, 2);
  CHECK(same_bits(Plain{*softmax}.gradient(parameters, examples.batch()).parameters,
                  Plain{*mlp}.gradient(parameters, examples.batch()).parameters));
}

TEST_CASE("cost counts the products of each phase and every value touched once") {
  const auto learner = made("softmax", kMnist);
  const Cost inference = learner->cost(Phase::kInference, 10);
  CHECK(inference.flops == 2 * 10 * 7840);
  CHECK(inference.bytes == 4 * (7850 + 10 * (784 + 10)));
  const Cost train = learner->cost(Phase::kTrain, 10);
  CHECK(train.flops == 2 * (2 * 10 * 7840) + 2 * 7850);  // no gradient of the inputs
  CHECK(train.bytes == 4 * (2 * 7850 + 10 * (784 + 20)));

  const auto cnn = made("cnn", kMnist);
  const double convolutions = 784.0 * 32 * 25 + 196.0 * 64 * 800;
  const double dense = 3136.0 * 512 + 5120;
  CHECK(cnn->cost(Phase::kInference, 1).flops == 2 * (convolutions + dense));
}

TEST_CASE("models refuse data that does not suit them, and say why") {
  const DataSchema unlabelled{.input = {4}, .classes = 0};
  CHECK(build("softmax", unlabelled).message() == "softmax needs class labels; the data has none");
  CHECK(build("mlp", unlabelled).message() == "mlp needs targets; the data has none");
  CHECK(build("cnn", unlabelled).message() == "cnn needs targets; the data has none");
  CHECK(build("cnn", {.input = {60}, .classes = 2}).message() ==
        "cnn needs images [channels, height, width]; the data has [60]");
  CHECK(build("cnn", {.input = {3, 3, 40}, .classes = 2}).message() ==
        "cnn: images of [3, 3, 40] are too small for 2 convolutions of 5 x 5 with pooling");
  CHECK(build("cnn", kMnist, {{"kernel", 4}}).message() ==
        "x.json: /model/kernel: is even; only odd kernels have a centre\n");
}

}  // namespace
}  // namespace skerry::learners
