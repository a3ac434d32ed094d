#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "algorithms/sdk/hard_sample_miner.hpp"
#include "scenarios/joint_inference/config.hpp"
#include "scenarios/parts/evaluation.hpp"
#include "scenarios/parts/example_format.hpp"
#include "scenarios/role/paradigm.hpp"

namespace skerry::joint_inference {

/// Body of "infer": the example, as a row of Requests::view() of the edge.
struct InferBody {
  std::uint32_t row = 0;
  template <class A>
  void archive(A& a) {
    a(row);
  }
};

/// What the edge's model says about one example.
struct Inference {
  std::int32_t label = 0;  // -1: the example has a value that is not finite (from outside only)
  std::int32_t truth = 0;  // -1: not known
  float score = 0;         // how hard it was
  template <class A>
  void archive(A& a) {
    a(label, truth, score);
  }
};

/// Body of "infer on the cloud": the examples of the batch whose scores are wanted besides the
/// label, by their places in ascending order.
struct BatchBody {
  std::vector<std::uint32_t> scored;
  template <class A>
  void archive(A& a) {
    a(scored);
  }
};

/// How often the cloud's model alone is right on the requests of one phase, edge by edge.
struct Reference {
  std::vector<std::uint64_t> correct;
  std::vector<std::uint64_t> requests;
  template <class A>
  void archive(A& a) {
    a(correct, requests);
  }
};

/// The kinds of job of joint inference that no part has. Outlives these kinds; the models, requests
/// and examples that it is given outlive it. Const calls may run concurrently.
class Jobs {
 public:
  Jobs(const Config& config, const role::ParadigmContext& context, const parts::ModelSource& edge,
       const parts::ModelSource& cloud, const parts::Requests& requests,
       const parts::ExampleFormat& examples);

  /// "reference": cloud's model -> ; Reference. A measurement.
  role::JobKind reference() const;
  /// "export": edge's model, cloud's model -> both, as records "model" and "cloud_model".
  role::JobKind export_models() const;
  /// "infer": edge's model -> example; Inference. Body InferBody. Draws from the stream "mine".
  role::JobKind infer() const;
  /// "infer on request": edge's model, example -> prediction; Inference. For an example from
  /// outside.
  role::JobKind infer_on_request() const;
  /// "infer on the cloud": cloud's model, examples -> predictions of those asked for; labels (a
  /// vector of int32, one an example). Body BatchBody.
  role::JobKind infer_on_cloud() const;

  /// Whether no threshold tells easy examples from hard ones.
  bool scores_alike() const { return miner_->easiest() == miner_->hardest(); }

 private:
  role::JobResult run_reference(const role::Job& job, Workspace& workspace) const;
  role::JobResult run_export(const role::Job& job) const;
  role::JobResult run_infer(const role::Job& job, Workspace& workspace) const;
  role::JobResult run_on_request(const role::Job& job, Workspace& workspace) const;
  role::JobResult run_on_cloud(const role::Job& job, Workspace& workspace) const;
  Inference judge(std::span<const float> scores, const StreamKey& key) const;
  role::Content prediction(std::span<const float> scores) const;

  std::unique_ptr<HardSampleMiner> miner_;
  const parts::ModelSource& edge_;
  const parts::ModelSource& cloud_;
  const parts::Requests& requests_;
  const parts::ExampleFormat& examples_;
  parts::Evaluator cloud_evaluator_;
  std::uint32_t edges_;
  std::size_t width_;  // of an example
  RecordSpec prediction_;
};

}  // namespace skerry::joint_inference
