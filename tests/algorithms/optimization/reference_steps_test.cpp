// Optimisers against other people's numbers: PyTorch's steps, and the operator tests of ONNX.

#include "tests/algorithms/optimization/walk.hpp"

namespace skerry {
namespace {

struct Steps {
  std::string optimizer;
  ConfigNode::Object parameters;
  std::vector<double> after;  // 20 steps
};

// Printed by pytorch_steps.py in this folder: PyTorch 1.13 in float64; Yogi by hand, in float64.
const std::vector<Steps> kSteps{
    {"sgd", {{"learning_rate", 0.1}}, {2.775, -4.2375, 2.25, 4.7375}},
    {"sgd",
     {{"learning_rate", 0.1}, {"weight_decay", 0.05}},
     {2.499128257, -3.848074967, 2.028192537, 4.269581865}},
    {"sgd",
     {{"learning_rate", 0.05}, {"momentum", 0.9}},
     {2.288133481, -4.58020668, 1.518955885, 4.334037201}},
    {"sgd",
     {{"learning_rate", 0.05}, {"momentum", 0.9}, {"dampening", 0.3}, {"weight_decay", 0.05}},
     {1.962629775, -3.580083282, 1.256648306, 3.519789974}},
    {"sgd",
     {{"learning_rate", 0.05}, {"momentum", 0.9}, {"nesterov", true}, {"weight_decay", 0.05}},
     {1.423927121, -3.425628451, 0.8757526451, 2.850733506}},
    {"adam", {}, {2.996081692, -4.004658932, 2.491606662, 4.996092313}},
    {"adam",
     {{"learning_rate", 0.02},
      {"beta1", 0.8},
      {"beta2", 0.95},
      {"eps", 0.0001},
      {"weight_decay", 0.1}},
     {2.748122314, -3.751876143, 2.224264318, 4.658704406}},
    {"adam",
     {{"learning_rate", 0.02}, {"beta1", 0.9}, {"beta2", 0.5}, {"amsgrad", true}},
     {2.94591809, -4.07062123, 2.357743513, 4.945747404}},
    {"adamw", {}, {2.995481936, -4.003858609, 2.49110767, 4.995092601}},
    {"adamw",
     {{"learning_rate", 0.02},
      {"beta1", 0.9},
      {"beta2", 0.5},
      {"weight_decay", 0.3},
      {"amsgrad", true}},
     {2.606867201, -3.613241934, 2.084057358, 4.380155559}},
    {"adagrad", {}, {2.986633938, -4.021483352, 2.476743869, 4.984638368}},
    {"adagrad",
     {{"learning_rate", 0.1},
      {"lr_decay", 0.1},
      {"weight_decay", 0.1},
      {"initial_accumulator_value", 0.5},
      {"eps", 0.001}},
     {2.744818524, -3.762421831, 2.229345089, 4.641251765}},
    {"yogi", {{"learning_rate", 0.01}}, {2.72348731, -4.261258946, 2.042889296, 4.738678984}},
    {"yogi",
     {{"learning_rate", 0.02},
      {"beta1", 0.8},
      {"beta2", 0.9},
      {"eps", 0.01},
      {"initial_accumulator_value", 0.5},
      {"weight_decay", 0.1}},
     {2.83462063, -3.877530514, 2.337874991, 4.776201066}},
};

TEST_CASE("twenty steps are those of PyTorch to a millionth, and Yogi's those of its paper") {
  for (const std::string& name : plugins().names(Optimizer::kSlot)) {
    CAPTURE(name);
    CHECK(std::ranges::any_of(kSteps, [&](const Steps& row) { return row.optimizer == name; }));
  }
  for (const Steps& row : kSteps) {
    INFO(row.optimizer << " " << ConfigNode(row.parameters).text());
    Walk walk(plugin<Optimizer>(row.optimizer, row.parameters), {3, -4, 2.5, 5});
    for (int step = 0; step < 20; ++step) {
      std::vector<float> gradient;
      for (int i = 0; i < 4; ++i) {
        gradient.push_back(static_cast<float>((step * 7 + i * 5) % 11 - 4) / 8);
      }
      walk.step(gradient);
    }
    for (std::size_t i = 0; i < 4; ++i) CHECK(walk.w[i] == Approx(row.after[i]).epsilon(1e-6));
  }
}

/// One operator test of ONNX: a step from given moments, in the order of ours.
struct Operator {
  std::string name;  // of its folder
  std::string optimizer;
  ConfigNode::Object parameters;
  std::vector<float> x, gradient, moments;
  std::vector<float> x_after, moments_after;
};

// Values of /usr/share/libonnx-testdata/data/node/<name>/test_data_set_0 (Debian's libonnx-testdata
// 1.12.0-2); of those with several tensors, the tensors follow one another. Our learning_rate is
// their R, momentum and beta1 are alpha, weight_decay is norm_coefficient. Their T is 0: no
// dampening by beta, no bias correction.
const std::vector<Operator> kOperators{
    {"test_momentum",
     "sgd",
     {{"learning_rate", 0.1}, {"momentum", 0.95}, {"weight_decay", 0.001}},
     {1.2f, 2.8f},
     {-0.94f, -2.5f},
     {1.7f, 3.6f},
     {1.1323800086974f, 2.7077200412750f},
     {0.6762000322342f, 0.9227998256683f}},
    {"test_momentum_multiple",
     "sgd",
     {{"learning_rate", 0.1}, {"momentum", 0.95}, {"weight_decay", 0.001}},
     {1, 1, 2},
     {-1, -1, -3},
     {2, 4, 1},
     {0.9099000096321f, 0.7199000120163f, 2.2047998905182f},
     {0.9009999632835f, 2.8009998798370f, -2.0479998588562f}},
    {"test_nesterov_momentum",
     "sgd",
     {{"learning_rate", 0.1}, {"momentum", 0.95}, {"nesterov", true}, {"weight_decay", 0.01}},
     {1.2f, 2.8f},
     {-0.94f, -2.5f},
     {1.7f, 3.6f},
     {1.2275350093842f, 2.9571399688721f},
     {0.6870000362396f, 0.9479999542236f}},
    {"test_adagrad",
     "adagrad",
     {{"learning_rate", 0.1}, {"eps", 1e-5}, {"weight_decay", 0.001}},
     {1},
     {-1},
     {2},
     {1.0576962232590f},
     {2.9980010986328f}},
    {"test_adagrad_multiple",
     "adagrad",
     {{"learning_rate", 0.1}, {"eps", 1e-5}, {"weight_decay", 0.001}},
     {1, 1, 2},
     {-1, -1, -3},
     {2, 4, 1},
     {1.0576962232590f, 1.0446853637695f, 2.0948617458344f},
     {2.9980010986328f, 4.9980010986328f, 9.9880037307739f}},
    {"test_adam",
     "adam",
     {{"learning_rate", 0.1},
      {"beta1", 0.95},
      {"beta2", 0.1},
      {"eps", 1e-7},
      {"weight_decay", 0.001},
      {"bias_correction", false}},
     {1.2f, 2.8f},
     {-0.94f, -2.5f},
     {1.7f, 3.6f, 0.1f, 0.1f},
     {1.0250363349915f, 2.6610326766968f},
     {1.5680600404739f, 3.2951397895813f, 0.8032107949257f, 5.6224069595337f}},
    {"test_adam_multiple",  // its model leaves epsilon out; its numbers were made with 0.01
     "adam",
     {{"learning_rate", 0.1},
      {"beta1", 0.95},
      {"beta2", 0.85},
      {"eps", 0.01},
      {"weight_decay", 0.001},
      {"bias_correction", false}},
     {1, 1, 2},
     {-1, -1, -3},
     {2, 4, 1, 0.5f, 1, 10},
     {0.7591362595558f, 0.6286528110504f, 1.9745852947235f},
     {1.8500499725342f, 3.7500500679017f, 0.8000999689102f, 0.5747001767159f, 0.9997001886368f,
      9.8482007980347f}},
};

TEST_CASE("one step from given moments is that of ONNX's operator tests") {
  for (const Operator& row : kOperators) {
    INFO(row.name);
    Walk walk(plugin<Optimizer>(row.optimizer, row.parameters), row.x);
    REQUIRE(walk.moments.size() == row.moments.size());
    walk.moments = row.moments;
    walk.steps = 1;  // not the first: the moments are there already
    walk.step(row.gradient);
    for (std::size_t i = 0; i < row.x.size(); ++i) {
      CHECK(walk.w[i] == Approx(row.x_after[i]).epsilon(1e-6));
    }
    for (std::size_t i = 0; i < row.moments.size(); ++i) {
      CHECK(walk.moments[i] == Approx(row.moments_after[i]).epsilon(1e-6));
    }
  }
}

}  // namespace
}  // namespace skerry
