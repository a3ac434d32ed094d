#pragma once

#include "scenarios/joint_inference/jobs.hpp"
#include "scenarios/parts/job_book.hpp"
#include "scenarios/role/input.hpp"

namespace skerry::joint_inference {

class JointInference;

/// What the cloud makes before the first phase: first both models; then, from both, the result of
/// the run, and from the cloud's model how many requests it would answer right by itself.
class Preparation {
 public:
  Preparation(const JointInference& joint, parts::JobBook& book) : joint_(joint), book_(book) {}

  /// Starts the jobs that make both models.
  void begin(role::Effects& effects);
  /// Whether the job was one of this part's. May start the next jobs.
  bool on_job(const role::JobFinished& finished, role::Effects& effects);
  /// Whether the job that failed was one of this part's. Then the run cannot go on.
  bool on_job_failed(std::uint64_t job) { return running_.take(job).has_value(); }
  /// Whether everything is made.
  bool done() const { return result_ && running_.empty(); }

  // Null or empty before it is done.
  const role::PayloadRef& edge_model() const { return edge_model_; }
  const role::PayloadRef& cloud_model() const { return cloud_model_; }
  /// Both models, as records "model" and "cloud_model".
  const role::PayloadRef& result() const { return result_; }
  const Reference& reference() const { return reference_; }

  template <class A>
  void archive(A& a) {
    a(running_, edge_model_, cloud_model_, result_, reference_);
  }

 private:
  void start(std::uint16_t kind, Round key_round, std::vector<role::PayloadRef> inputs,
             role::Effects& effects);

  const JointInference& joint_;
  parts::JobBook& book_;
  parts::JobNotes<std::uint16_t> running_;  // with their kinds
  role::PayloadRef edge_model_;
  role::PayloadRef cloud_model_;
  role::PayloadRef result_;
  Reference reference_;
};

}  // namespace skerry::joint_inference
