#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "algorithms/sdk/fields.hpp"
#include "algorithms/sdk/local_method.hpp"
#include "datasets/node_data.hpp"
#include "scenarios/role/job_kind.hpp"
#include "scenarios/role/results.hpp"

namespace skerry::parts {

struct Every {
  std::uint32_t rounds = 1;
  template <class V>
  void fields(V& v) {
    v("rounds", rounds, {.meaning = "every so many rounds", .min = 1});
  }
};

struct EdgeEvaluationConfig {
  Every every{.rounds = 10};
  double fraction = 1;
  template <class V>
  void fields(V& v) {
    v("every", every, {.meaning = "when"});
    v("fraction", fraction,
      {.meaning = "chance of each edge, drawn anew each time",
       .min = 0,
       .max = 1,
       .above_min = true});
  }
};

struct EvaluateConfig {
  Every every;
  std::optional<EdgeEvaluationConfig> edges;
  template <class V>
  void fields(V& v) {
    v("every", every, {.meaning = "when the cloud evaluates on its test and validation views"});
    v("edges", edges,
      {.meaning = "evaluate the global and personal models on the edges' own test views"});
  }
};

/// The result on one node's view. Personal values are those of the node's personal model, if it has
/// one.
struct Evaluation {
  std::uint64_t samples = 0;
  double loss = 0;
  double accuracy = 0;
  std::optional<double> personal_loss;
  std::optional<double> personal_accuracy;
  template <class A>
  void archive(A& a) {
    a(samples, loss, accuracy, personal_loss, personal_accuracy);
  }
};

/// Whether a node can have measured that. Must be asked for every evaluation from a peer.
bool plausible(const Evaluation& evaluation);

/// What it costs on a device that each of `models` models scores the same examples at once.
role::Work inference_work(const Learner& learner, std::size_t examples, std::size_t models = 1);

/// How good a model is on a node's view: the only definition of loss and accuracy, with its jobs.
///
/// Scores are computed for kBatch examples at a time, on idle threads too, and are added up in
/// order, so the result does not depend on the threads. Outlives the kinds that it makes. Const
/// calls may run concurrently.
class Evaluator {
 public:
  /// Examples scored at a time: fixed, since the sum of losses depends on it.
  static constexpr std::size_t kBatch = 500;

  /// @param method  answers for a node with its personal model; null: there are no such models.
  Evaluator(const Learner& learner, const datasets::NodeData& data, const LocalMethod* method)
      : learner_(learner), data_(data), method_(method) {}

  /// Loss and accuracy on `view`; 0 if it is empty.
  /// @param parameters  [P].
  Evaluation measure(std::span<const float> parameters, const View& view,
                     Workspace& workspace) const;

  /// Job bodies.
  struct OnCloud {
    Split split = Split::kTest;
    template <class A>
    void archive(A& a) {
      a(split);
    }
  };
  struct OnNode {
    Split split = Split::kTest;
    bool charged = false;   // takes the node's time; else it belongs to the experiment
    bool personal = false;  // measures the node's personal model too, from the second input
    template <class A>
    void archive(A& a) {
      a(split, charged, personal);
    }
  };
  /// "evaluate": a payload with record "model" -> ; Metrics `test/loss`, `test/accuracy` (of the
  /// split's name). Body OnCloud. Takes no virtual time.
  role::JobKind on_cloud() const;
  /// Declares the metrics that on_cloud() may give, for both splits.
  static void declare(role::Results& results);
  /// "evaluate on edge": a payload with record "model" [, the node's state] -> ; Evaluation. Body
  /// OnNode.
  role::JobKind on_node() const;

 private:
  std::optional<Evaluation> measure_personal(const Payload& down, const Payload& state,
                                             const View& view, Workspace& workspace) const;
  role::JobResult run_on_cloud(const role::Job& job, Workspace& workspace) const;
  role::JobResult run_on_node(const role::Job& job, Workspace& workspace) const;

  const Learner& learner_;
  const datasets::NodeData& data_;
  const LocalMethod* method_;
};

}  // namespace skerry::parts
