// The whole state of a run as bytes: how an interrupted run goes on in the same bits.
#include <algorithm>

#include "sim/simulation.hpp"

namespace skerry::sim {

void Simulation::save_state(ByteWriter& writer) {
  executor_.drain();
  collect_detached(true);
  if (fault_ || disproved()) return;
  forget_failed_updates();
  writer(queue_.save());
  network_.save(writer);
  std::map<NodeId, Node*> ordered;
  for (auto& [id, one] : nodes_) ordered[id] = &one;
  writer(std::uint64_t{ordered.size()});
  for (auto& [id, one] : ordered) {
    for (auto& [number, job] : one->jobs) await(job);
    writer(id, one->device_alarm, one->jobs, one->life, one->device != nullptr,
           one->role != nullptr);
    if (one->device) writer(one->device->save());
    if (one->role) one->role->save(writer);
    writer(one->persisted);
    std::vector<role::PayloadRef> kept;
    for (const auto& cell : one->persisted_payloads) {
      kept.emplace_back(std::static_pointer_cast<role::PayloadCell>(cell));
    }
    writer(kept);
  }
  std::vector<NodeId> idle;
  for (const auto& [id, packed] : idle_) idle.push_back(id);
  std::sort(idle.begin(), idle.end());
  writer(idle);
  for (const NodeId id : idle) writer(idle_.at(id));
  writer(flights_, next_flight_, timers_, timer_slots_, next_timer_, instant_jobs_, next_instant_,
         messages_sent_, forged_, honest_, held_, in_force_);
  if (attendance_) writer(*attendance_);
  writer(std::vector<NodeId>(down_.begin(), down_.end()), owed_return_,
         std::vector<NodeId>(unreported_.begin(), unreported_.end()), waiting_);
  writer(energy_, energy_recorded_, spans_, failures_, undelivered_, corrupted_, bytes_cut_off_,
         schedule_, numerics_, events_, last_step_);
}

void Simulation::load_state(ByteReader& reader) {
  EventQueue::Snapshot queue;
  reader(queue);
  if (!reader.ok()) return;
  queue_ = EventQueue::load(queue);
  network_.load(reader);
  std::uint64_t count = 0;
  reader(count);
  for (; count > 0 && reader.ok(); --count) {
    NodeId id;
    reader(id);
    Node& one = nodes_[id];
    bool has_device = false, has_role = false;
    reader(one.device_alarm, one.jobs, one.life, has_device, has_role);
    if (has_device) {
      Processor::Snapshot device;
      reader(device);
      if (!reader.ok()) return;
      one.device = std::make_unique<Processor>(Processor::load(device));
    }
    if (has_role) {
      one.role = paradigm_.make_role(id);
      one.role->load(reader);
    }
    std::vector<role::PayloadRef> kept;
    reader(one.persisted, kept);
    for (const role::PayloadRef& payload : kept) one.persisted_payloads.push_back(payload.cell());
  }
  std::vector<NodeId> idle, down, unreported;
  reader(idle);
  for (const NodeId id : idle) {
    if (!reader.ok()) return;
    reader(idle_[id]);
  }
  reader(flights_, next_flight_, timers_, timer_slots_, next_timer_, instant_jobs_, next_instant_,
         messages_sent_, forged_, honest_, held_, in_force_);
  if (attendance_) reader(*attendance_);
  reader(down, owed_return_, unreported, waiting_);
  down_ = {down.begin(), down.end()};
  unreported_ = {unreported.begin(), unreported.end()};
  reader(energy_, energy_recorded_, spans_, failures_, undelivered_, corrupted_, bytes_cut_off_,
         schedule_, numerics_, events_, last_step_);
}

}  // namespace skerry::sim
