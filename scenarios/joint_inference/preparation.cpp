#include "scenarios/joint_inference/preparation.hpp"

#include <utility>

#include "scenarios/joint_inference/joint_inference.hpp"
#include "scenarios/parts/job_body.hpp"

namespace skerry::joint_inference {

void Preparation::start(std::uint16_t kind, Round key_round, std::vector<role::PayloadRef> inputs,
                        role::Effects& effects) {
  role::Job job;
  job.kind = kind;
  job.inputs = std::move(inputs);
  running_.add(book_.start(std::move(job), key_round, 0, effects), kind);
}

// The two models must not draw their batches from the same stream.
void Preparation::begin(role::Effects& effects) {
  start(joint_.kinds().prepare_edge, 0, {}, effects);
  start(joint_.kinds().prepare_cloud, 1, {}, effects);
}

bool Preparation::on_job(const role::JobFinished& finished, role::Effects& effects) {
  const auto kind = running_.take(finished.number);
  if (!kind) return false;
  const JointInference::Kinds& kinds = joint_.kinds();
  if (*kind == kinds.prepare_edge) edge_model_ = finished.outputs[0];
  if (*kind == kinds.prepare_cloud) cloud_model_ = finished.outputs[0];
  if (*kind == kinds.export_models) result_ = finished.outputs[0];
  if (*kind == kinds.reference) reference_ = parts::report_of<Reference>(finished.report);
  if (running_.empty() && !result_) {
    start(kinds.export_models, 0, {edge_model_, cloud_model_}, effects);
    start(kinds.reference, 0, {cloud_model_}, effects);
  }
  return true;
}

}  // namespace skerry::joint_inference
