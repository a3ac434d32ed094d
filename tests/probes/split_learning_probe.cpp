// Split learning on the contracts: an edge holds the first layers, the cloud the rest; activations
// go up, their cotangent comes back, labels stay where the loss is.
//                         [Gupta, Raskar 2018, "Distributed learning of deep neural network over
//                          multiple agents", Alg. 1; Vepakomma et al. 2018]

#include <algorithm>

#include "tests/algorithms/local/points.hpp"
#include "tests/same_bits.hpp"

namespace skerry {
namespace {

struct Step {
  double loss = 0;
  std::vector<float> gradient;  // of all layers, in the order of the whole network
};

/// Values of a whole network's tensors that a segment has.
std::vector<float> part_of(std::span<const float> whole, const Layout& layout, const Layout& part) {
  std::vector<float> values;
  for (const TensorSpec& tensor : part.tensors()) {
    const std::size_t i = layout.find(tensor.name).value();
    const auto from = whole.subspan(layout.offset(i), element_count(tensor.shape));
    values.insert(values.end(), from.begin(), from.end());
  }
  return values;
}

Step uncut(const Learner& learner, std::span<const float> w, const Batch& batch) {
  const auto tape = learner.make_tape();
  const auto scores = learner.forward(w, batch, Phase::kTrain, *tape).scores;
  std::vector<float> cotangent(scores.size());
  Step step{learner.loss(scores, batch, cotangent), std::vector<float>(w.size())};
  learner.backward(w, {cotangent}, *tape, step.gradient, {});
  return step;
}

/// One step of edge (layers before `cut`) and cloud (the rest); only spans cross between them.
Step cut_at(const Learner& learner, std::size_t cut, std::span<const float> w, const Batch& batch) {
  const auto edge = learner.segment(0, cut), cloud = learner.segment(cut, learner.layers());
  const auto edge_w = part_of(w, *learner.layout(), *edge->layout());
  const auto cloud_w = part_of(w, *learner.layout(), *cloud->layout());
  const auto edge_tape = edge->make_tape(), cloud_tape = cloud->make_tape();

  const Batch unlabelled{.size = batch.size, .inputs = batch.inputs};
  const auto sent = edge->forward(edge_w, unlabelled, Phase::kTrain, *edge_tape).scores;
  const std::vector<float> activations(sent.begin(), sent.end());  // up

  const Batch arrived{.size = batch.size, .inputs = activations, .labels = batch.labels};
  const auto scores = cloud->forward(cloud_w, arrived, Phase::kTrain, *cloud_tape).scores;
  std::vector<float> cotangent(scores.size()), returned(activations.size());
  Step step{cloud->loss(scores, arrived, cotangent), std::vector<float>(edge_w.size())};
  std::vector<float> cloud_gradient(cloud_w.size());
  cloud->backward(cloud_w, {cotangent}, *cloud_tape, cloud_gradient, returned);

  edge->backward(edge_w, {returned}, *edge_tape, step.gradient, {});  // down
  step.gradient.insert(step.gradient.end(), cloud_gradient.begin(), cloud_gradient.end());
  return step;
}

TEST_CASE("a network cut anywhere takes the uncut network's step, bit for bit") {
  const Points points = draw_points({.count = 7, .width = 9, .classes = 4});
  const auto model = learner("mlp", points.schema(), {{"hidden", ConfigNode::Array{6, 5}}});
  const std::vector<std::uint32_t> rows{3, 1, 4, 0, 5, 2, 6};
  std::vector<float> inputs(rows.size() * 9), w(model->layout()->size());
  std::vector<std::int32_t> labels(rows.size());
  points.inputs(rows, inputs);
  points.labels(rows, labels);
  model->initialise(RandomStream(1, "init"), w);
  const Batch batch{.size = rows.size(), .inputs = inputs, .labels = labels};

  const Step whole = uncut(*model, w, batch);
  REQUIRE(model->layers() == 3);
  for (std::size_t cut = 1; cut < model->layers(); ++cut) {
    INFO("cut before layer " << cut);
    const Step pieces = cut_at(*model, cut, w, batch);
    CHECK(pieces.loss == whole.loss);
    CHECK(bits(pieces.gradient) == bits(whole.gradient));
  }
}

}  // namespace
}  // namespace skerry
