#pragma once

#include <algorithm>
#include <memory>
#include <vector>

#include "algorithms/sdk/learner.hpp"
#include "tests/algorithms/plugins.hpp"

namespace skerry {

/// Points x_i in R^d; with `classes`, point i has the label i mod classes.
class Points final : public Samples {
 public:
  explicit Points(std::vector<std::vector<float>> points, std::uint32_t classes = 0)
      : points_(std::move(points)) {
    schema_.input = {static_cast<std::uint32_t>(points_[0].size())};
    schema_.classes = classes;
  }
  /// The same values as examples of another shape.
  Points shaped(Shape shape) && {
    SKERRY_CHECK(element_count(shape) == schema_.input_size(), "as many values an example");
    schema_.input = std::move(shape);
    return std::move(*this);
  }
  const DataSchema& schema() const override { return schema_; }
  std::uint32_t size() const override { return static_cast<std::uint32_t>(points_.size()); }
  void inputs(std::span<const std::uint32_t> rows, std::span<float> out) const override {
    auto at = out.begin();
    for (std::uint32_t row : rows) at = std::copy(points_[row].begin(), points_[row].end(), at);
  }
  void labels(std::span<const std::uint32_t> rows, std::span<std::int32_t> out) const override {
    for (std::size_t i = 0; i < rows.size(); ++i) {
      out[i] = static_cast<std::int32_t>(rows[i] % schema_.classes);
    }
  }

 private:
  DataSchema schema_;
  std::vector<std::vector<float>> points_;
};

/// Normal points in R^width whose centre moves on by `drift` a point, so that edges with different
/// rows differ.
struct Drawn {
  std::size_t count;
  std::size_t width;
  float drift = 0;
  std::uint32_t classes = 0;
  std::uint64_t seed = 1;
};
inline Points draw_points(const Drawn& drawn) {
  RandomStream random(drawn.seed, "points");
  std::vector<std::vector<float>> points(drawn.count, std::vector<float>(drawn.width));
  for (std::size_t i = 0; i < drawn.count; ++i) {
    for (float& x : points[i]) {
      x = static_cast<float>(random.normal()) + drawn.drift * static_cast<float>(i);
    }
  }
  return Points(std::move(points), drawn.classes);
}

/// The mean of some rows, at which the quadratic's loss over them is smallest.
inline std::vector<double> mean_of(const Samples& samples, std::vector<std::uint32_t> rows) {
  const std::size_t width = samples.schema().input_size();
  std::vector<float> inputs(rows.size() * width);
  samples.inputs(rows, inputs);
  std::vector<double> mean(width);
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    mean[i % width] += inputs[i] / static_cast<double>(rows.size());
  }
  return mean;
}

/// The learner that a scenario's `model` would name.
inline std::unique_ptr<Learner> learner(const std::string& name, const DataSchema& schema,
                                        const ConfigNode::Object& parameters = {}) {
  const LearnerTask task{.schema = schema, .loss = usual_loss(plugins(), schema)};
  return std::move(plugin<LearnerFactory>(name, parameters)->build(task)).value();
}

}  // namespace skerry
