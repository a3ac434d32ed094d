#pragma once

#include "tests/algorithms/local/hand_federation.hpp"
#include "tests/algorithms/local/points.hpp"
#include "tests/algorithms/local/unfused.hpp"

namespace skerry {

/// One edge that learns two tasks, the second without the examples of the first. In the first task
/// two classes differ along one axis; in the second they differ along another, and the first axis
/// misleads. Training on the second task alone unlearns the first.
struct TwoTasks {
  Points points{drawn_points(), 2};
  std::unique_ptr<Learner> model = learner("softmax", points.schema());
  std::vector<std::vector<std::uint32_t>> rows = equal_rows(2, 40);

  /// The model after two rounds on each task, with a task boundary between them.
  std::vector<float> learnt(const Terms& terms) const { return learnt(terms, *model); }
  std::vector<float> learnt_unfused(const Terms& terms) const {
    return learnt(terms, Unfused(*model));
  }
  /// Mean loss over the examples of a task.
  double loss(const std::vector<float>& w, std::size_t task) const {
    BatchBuffer buffer;
    const Batch batch = buffer.fill(points, rows[task]);
    const auto tape = model->make_tape();
    return model->loss(model->predict(w, batch, *tape).scores, batch, {});
  }

 private:
  static std::vector<std::vector<float>> drawn_points() {
    RandomStream random(1, "points");
    std::vector<std::vector<float>> points(80, std::vector<float>(6));
    for (std::size_t i = 0; i < points.size(); ++i) {
      for (float& x : points[i]) x = static_cast<float>(random.normal()) / 2;
      const float side = i % 2 == 0 ? 1.0f : -1.0f;
      points[i][0] += i < 40 ? side : -side;
      points[i][1] += i < 40 ? 0 : 2 * side;
    }
    return points;
  }
  std::vector<float> learnt(const Terms& terms, const Learner& learner) const {
    const auto plain = plugin<LocalMethod>("plain");
    const auto sgd = plugin<Optimizer>("sgd", {{"learning_rate", 0.2}});
    const LocalSettings settings{.batch_size = 5, .epochs = 5};
    HandFederation federation({learner, points, *plain, *sgd, settings, 1, terms}, {rows[0]});
    for (Round round = 1; round <= 4; ++round) {
      if (round == 3) {
        federation.boundary(0, round);
        federation.give_rows(0, rows[1]);
      }
      federation.step({federation.train(0, round)});
    }
    return federation.model();
  }
};

}  // namespace skerry
