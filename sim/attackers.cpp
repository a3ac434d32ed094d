// Malicious edges. One that knows the honest updates acts last: its own update is held back until
// every honest node that was sent the same model has begun to train from it. Then the bits of their
// updates are known, though not yet sent. Where a job opens the model first (UpdatePath's
// transforms of the downlink), each node trains from a payload of its own; the payload that came
// from the cloud says which of them belong together.
#include <algorithm>
#include <utility>

#include "sim/simulation.hpp"

namespace skerry::sim {

bool Simulation::attackers_act_last() const {
  return attack_ && attack_->knowledge() == Attack::Knowledge::kHonestUpdates;
}

void Simulation::note_honest(NodeId id, const RunningJob& job) {
  constexpr std::size_t kModels = 4;  // an attacker that is further behind knows nothing
  const role::PayloadId model = job.origin;
  auto entry = std::find_if(honest_.begin(), honest_.end(),
                            [model](const HonestUpdates& one) { return one.model == model; });
  if (entry == honest_.end()) {
    if (honest_.size() == kModels) honest_.erase(honest_.begin());
    entry = honest_.insert(honest_.end(), {model, {}});
  }
  entry->updates[id] = job.outputs[0];
}

/// Drops updates whose jobs failed: there is nothing to know of them, or to save.
void Simulation::forget_failed_updates() {
  for (HonestUpdates& one : honest_) {
    std::erase_if(one.updates, [](const auto& update) { return update.second.given_up(); });
  }
}

role::PayloadId Simulation::origin_of(const role::Job& job) const {
  if (job.inputs.empty() || !job.inputs[0]) return {};
  const role::PayloadId input = job.inputs[0].id();
  return input == opened_.content ? opened_.origin : input;
}

bool Simulation::must_wait(role::PayloadId model) const {
  if (!attackers_act_last()) return false;
  const bool comes = std::any_of(flights_.begin(), flights_.end(), [&](const auto& flight) {
    const role::Message& message = flight.second;
    return message.from.is_cloud() && !message.payloads.empty() && message.payloads[0] &&
           message.payloads[0].id() == model && !world_.attacks(message.to);
  });
  return comes || std::any_of(nodes_.begin(), nodes_.end(), [&](const auto& one) {
           return one.first.is_edge() && !world_.attacks(one.first) &&
                  std::any_of(one.second.jobs.begin(), one.second.jobs.end(), [&](const auto& job) {
                    return job.second.origin == model && may_open(job.second);
                  });
         });
}

bool Simulation::may_open(const RunningJob& job) const {
  return attackers_act_last() && !job.down && !job.outputs.empty();
}

void Simulation::hold(NodeId id, RunningJob job) {
  held_[job.origin].emplace_back(id, job.number);
  job.on_device = false;
  node(id).jobs.emplace(job.number, std::move(job));
}

void Simulation::release_attackers() {
  for (auto& [model, attackers] : std::exchange(held_, {})) {
    if (must_wait(model)) {
      held_[model] = std::move(attackers);
      continue;
    }
    for (const auto& [id, number] : attackers) {
      Node& mine = node(id);
      const auto held = mine.jobs.find(number);
      if (held == mine.jobs.end() || held->second.on_device) continue;  // cancelled, or crashed
      RunningJob job = std::move(held->second);
      mine.jobs.erase(held);
      finish_job(id, job);
      if (over()) return;
      pack_if_idle(id);
    }
  }
}

role::PayloadRef Simulation::attacked(NodeId id, const RunningJob& job,
                                      const role::PayloadRef& update) {
  std::vector<Payload> known_updates;
  const auto known = std::find_if(honest_.begin(), honest_.end(), [&](const HonestUpdates& one) {
    return one.model == job.origin;
  });
  if (known != honest_.end()) {
    for (const auto& [node, of_honest] : known->updates) {
      if (!executor_.await(of_honest)) continue;  // its job failed
      known_updates.push_back(of_honest.payload());
    }
  }
  if (!executor_.await(update) || !executor_.await(job.down)) return update;  // disproved
  std::vector<const Payload*> honest;
  for (const Payload& one : known_updates) honest.push_back(&one);
  Payload own = update.payload();
  const Payload down = job.down.payload();
  AttackContext context{.down = down,
                        .honest = honest,
                        .own = own,
                        .attackers = world_.attackers(),
                        .key = {world_.seed(), id, job.round}};
  attack_->act(context);
  return role::PayloadRef::of({~std::uint64_t{0}, forged_++}, {std::move(own), {}});
}

}  // namespace skerry::sim
