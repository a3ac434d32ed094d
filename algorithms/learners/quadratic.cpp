// A convex quadratic with a known optimum: what a method does to it can be worked out on paper.
//
//   loss(w; x) = 1/2 sum_j a_j (w_j - x_j)^2,   a_j = smallest + (largest - smallest) j / (P - 1)
//
// x is an example's input, P its size. The optimum over a set of examples is their (weighted) mean,
// and a gradient step of rate r contracts coordinate j towards it by 1 - r a_j. Scores are w - x.
//
// Definition: the test problem above; no paper. Chains run over examples, ascending; no libm.
#include <algorithm>
#include <cmath>

#include "algorithms/kernels/lane_sum.hpp"
#include "algorithms/sdk/learner.hpp"
#include "algorithms/sdk/plugin.hpp"

namespace skerry::learners {
namespace {

struct Curvature {
  double smallest = 1;
  double largest = 1;
  template <class V>
  void fields(V& v) {
    v("smallest", smallest, {.meaning = "curvature of the first coordinate", .min = 0});
    v("largest", largest, {.meaning = "curvature of the last coordinate", .min = 0});
  }
};

struct QuadraticTape final : Tape {
  std::vector<float> scores;
  std::size_t rows = 0;
};

class Quadratic final : public Learner {
 public:
  Quadratic(const Curvature& curvature, const DataSchema& schema)
      : schema_(schema),
        layout_(std::make_shared<const Layout>(Layout({{"w", schema.input}}))),
        curvature_(schema.input_size()) {
    const double last = static_cast<double>(std::max<std::size_t>(curvature_.size(), 2) - 1);
    for (std::size_t j = 0; j < curvature_.size(); ++j) {
      const double share = static_cast<double>(j) / last;
      const double a = curvature.smallest + (curvature.largest - curvature.smallest) * share;
      curvature_[j] = static_cast<float>(a);
    }
  }

  std::string_view numerics() const override { return "native-1"; }
  const LayoutRef& layout() const override { return layout_; }
  const DataSchema& schema() const override { return schema_; }
  std::size_t outputs() const override { return curvature_.size(); }
  /// The origin.
  void initialise(RandomStream, std::span<float> parameters) const override {
    std::fill(parameters.begin(), parameters.end(), 0.0f);
  }
  std::unique_ptr<Tape> make_tape() const override { return std::make_unique<QuadraticTape>(); }

  Outputs forward(std::span<const float> parameters, const Batch& batch, Phase,
                  Tape& tape) const override {
    auto& mine = static_cast<QuadraticTape&>(tape);
    const std::size_t size = outputs();
    SKERRY_CHECK(batch.inputs.size() == batch.size * size, "a batch has the inputs its size says");
    mine.rows = batch.size;
    mine.scores.resize(std::max(mine.scores.size(), batch.inputs.size()));
    for (std::size_t i = 0; i < batch.inputs.size(); ++i) {
      mine.scores[i] = parameters[i % size] - batch.inputs[i];
    }
    return {.scores = {mine.scores.data(), batch.inputs.size()}};
  }

  double loss(std::span<const float> scores, const Batch& batch,
              std::span<float> cotangent) const override {
    const std::size_t size = outputs();
    const auto weight = [&](std::size_t b) {
      return batch.weights.empty() ? 1.0 : double{batch.weights[b]};
    };
    kernels::LaneSum<double> weights;
    weights.add_all(batch.size, weight);
    const double total = weights.value();
    kernels::LaneSum<double> loss;
    for (std::size_t b = 0; b < batch.size; ++b) {
      const float share = total == 0 ? 0.0f : static_cast<float>(weight(b) / total);
      const float* row = scores.data() + b * size;
      kernels::LaneSum<double> sum;
      sum.add_all(size, [&](std::size_t j) {
        return double{row[j]} * double{row[j]} * double{curvature_[j]};
      });
      loss.add(b, 0.5 * weight(b) * sum.value());
      if (cotangent.empty()) continue;
      for (std::size_t j = 0; j < size; ++j)
        cotangent[b * size + j] = curvature_[j] * row[j] * share;
    }
    return total == 0 ? 0.0 : loss.value() / total;
  }

  void backward(std::span<const float>, const Cotangents& cotangents, Tape& tape,
                std::span<float> gradient, std::span<float> input_cotangent) const override {
    const std::span<const float> cotangent = cotangents.scores;
    const std::size_t size = outputs();
    SKERRY_CHECK(cotangent.size() == static_cast<QuadraticTape&>(tape).rows * size,
                 "backward follows forward of its batch");
    std::fill(gradient.begin(), gradient.end(), 0.0f);
    for (std::size_t i = 0; i < cotangent.size(); ++i) gradient[i % size] += cotangent[i];
    for (std::size_t i = 0; i < input_cotangent.size(); ++i) input_cotangent[i] = -cotangent[i];
  }

  Cost cost(Phase phase, std::size_t batch_size) const override {
    const double size = static_cast<double>(outputs()), rows = static_cast<double>(batch_size);
    if (phase == Phase::kInference) return {rows * size, 4 * size * (1 + 2 * rows)};
    return {size * (4 * rows + 2), 4 * size * (2 + 3 * rows)};
  }

 private:
  DataSchema schema_;
  LayoutRef layout_;
  std::vector<float> curvature_;
};

class QuadraticFactory final : public LearnerFactory {
 public:
  using Config = Curvature;
  explicit QuadraticFactory(const Config& config) : config_(config) {}
  Result<std::unique_ptr<Learner>> build(const LearnerTask& task) const override {
    if (task.schema.input_size() == 0) return Failure{"quadratic needs inputs; the data has none"};
    return std::unique_ptr<Learner>(std::make_unique<Quadratic>(config_, task.schema));
  }

 private:
  Config config_;
};

SKERRY_PLUGIN(LearnerFactory, QuadraticFactory, "quadratic",
              "a convex quadratic with a known optimum, for tests");

}  // namespace
}  // namespace skerry::learners
