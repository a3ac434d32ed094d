#include "scenarios/incremental/edge_role.hpp"

#include "scenarios/incremental/incremental.hpp"

namespace skerry::incremental {

EdgeRole::EdgeRole(const Incremental& incremental, NodeId self)
    : incremental_(incremental),
      book_(self, incremental.sampling_seed()),
      service_(incremental.edge(), book_) {
  if (incremental.federation() != nullptr) trainee_.emplace(*incremental.federation(), book_);
}

void EdgeRole::save(ByteWriter& writer) const {
  writer(book_, service_);
  if (trainee_) writer(*trainee_);
}

void EdgeRole::load(ByteReader& reader) {
  reader(book_, service_);
  if (trainee_) reader(*trainee_);
}

void EdgeRole::on_message(const role::Message& message, SimTime now, role::Effects& effects) {
  if (trainee_) {
    const RetrainConfig& train = incremental_.config().train;
    trainee_->learn_from(service_.to_learn(train.policy, train.learns(), now));
    if (trainee_->on_message(message, effects)) return;
  }
  service_.on_message(message, now, effects);
}

void EdgeRole::on_job(const role::JobFinished& finished, SimTime now, role::Effects& effects) {
  if (trainee_ && trainee_->on_job(finished, effects)) return;
  service_.on_job(finished, now, effects);
}

void EdgeRole::on_job_failed(const role::JobFailed& failed, SimTime now, role::Effects& effects) {
  if (trainee_ && trainee_->on_job_failed(failed, effects)) return;
  service_.on_job_failed(failed, now, effects);
}

}  // namespace skerry::incremental
