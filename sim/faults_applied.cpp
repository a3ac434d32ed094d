// Crashes, restarts, slow-downs, partitions and absences, as they strike nodes.
#include <algorithm>
#include <utility>

#include "sim/simulation.hpp"

namespace skerry::sim {

bool Simulation::separated(NodeId edge) const { return in_force_.separated(edge, NodeId::cloud()); }

bool Simulation::reachable(NodeId id) const {
  if (id.is_cloud()) return true;
  return !down_.contains(id) && !separated(id) && (!attendance_ || attendance_->available(id));
}

/// Why an edge cannot be reached.
host::Undelivered Simulation::cause(NodeId unreachable) const {
  if (down_.contains(unreachable)) return host::Undelivered::kCrashed;
  if (attendance_ && !attendance_->available(unreachable)) return host::Undelivered::kUnavailable;
  return host::Undelivered::kCutOff;
}

/// Drops messages that are on their way.
void Simulation::drop(const std::vector<std::uint32_t>& messages, host::Undelivered cause) {
  for (const std::uint32_t message : messages) {
    flights_.erase(message);
    undelivered_.add(cause);
  }
}

/// Keeps messages to and from an edge until it can be reached again.
void Simulation::wait_for(NodeId edge, const std::vector<std::uint32_t>& messages) {
  if (messages.empty()) return;
  follow(edge);
  auto& waiting = waiting_[edge];
  waiting.insert(waiting.end(), messages.begin(), messages.end());
}

/// What becomes of a message to or from an edge that cannot be reached. A crash loses it; so it is
/// lost if the cloud has given up the edge that it is for. Otherwise its sender has no
/// acknowledgement, and sends it again when the edge is back.
void Simulation::put_off(NodeId edge, std::uint32_t message) {
  const bool given_up = flights_.at(message).to == edge && owed_return_.contains(edge);
  if (given_up || down_.contains(edge)) return drop({message}, cause(edge));
  wait_for(edge, {message});
}

/// The cloud gives up an edge, and with it what waits to be sent there.
void Simulation::drop_orders(NodeId edge) {
  const auto waiting = waiting_.find(edge);
  if (waiting == waiting_.end()) return;
  const auto down = std::stable_partition(
      waiting->second.begin(), waiting->second.end(),
      [&](std::uint32_t message) { return flights_.at(message).from == edge; });
  drop({down, waiting->second.end()}, cause(edge));
  waiting->second.erase(down, waiting->second.end());
  if (waiting->second.empty()) waiting_.erase(waiting);
}

/// What was on an edge's link, or waited for it. What had passed of it is paid for.
std::vector<std::uint32_t> Simulation::cut_off(NodeId edge, Way way) {
  Network::Dropped dropped = network_.drop(way, edge, now());
  charge_radio(edge, dropped.sending);
  bytes_cut_off_ += static_cast<std::uint64_t>(dropped.sent);
  watch_link(way);
  return std::move(dropped.messages);
}

/// A crash ends the work of a node's device. What was done of it is paid for.
void Simulation::stop_computing(NodeId id) {
  Node& mine = node(id);
  if (!mine.device) return;
  for (const auto& [number, job] : mine.jobs) {
    if (!job.on_device) continue;
    charge_computing(id, job.work - mine.device->cancel(number, now()));
  }
  watch_device(id);
}

/// Whether it is the cloud, gone for good, and only leads the experiment.
bool Simulation::only_leads(NodeId id) const {
  return id.is_cloud() && paradigm_.goes_on_without_cloud() && gone_for_good(id);
}

/// Whether a node is down and no fault to come restarts it.
bool Simulation::gone_for_good(NodeId id) const {
  if (!down_.contains(id)) return false;
  return std::none_of(moments_.begin(), moments_.end(), [&](const FaultMoment& moment) {
    const Restart* what = std::get_if<Restart>(&faults_[moment.fault]);
    return what != nullptr && what->node == id && moment.at >= now();
  });
}

void Simulation::on_fault(const FaultMoment& moment) {
  const Fault& fault = faults_[moment.fault];
  if (const Crash* what = std::get_if<Crash>(&fault)) return crash(what->node);
  if (const Restart* what = std::get_if<Restart>(&fault)) return restart(what->node);
  if (const SlowDown* what = std::get_if<SlowDown>(&fault)) {
    if (moment.begins) {
      in_force_.begin(*what);
    } else {
      in_force_.end_until(now());
    }
    const auto place = nodes_.find(what->node);
    if (place == nodes_.end() || !place->second.device) return;
    place->second.device->set_slow_down(in_force_.slow_down(what->node), now());
    return watch_device(what->node);
  }
  const Partition& what = std::get<Partition>(fault);
  if (moment.begins) {
    in_force_.begin(what);
    for (const NodeId id : cut_off_by(what, world_.edges())) went(id);
  } else {
    in_force_.end_until(now());
    for (const NodeId id : cut_off_by(what, world_.edges())) {
      follow(id);  // whoever is away is announced when it is back
      if (reachable(id)) came_back(id);
    }
  }
}

void Simulation::crash(NodeId id) {
  if (!down_.insert(id).second) return;
  if (id.is_edge()) owed_return_.insert(id);
  stop_computing(id);
  if (id.is_cloud()) {  // its journal brings its role and jobs back
    push(now() + world_.config().detection, Priority::fault, kNoticed, id, 0);
    if (!only_leads(id)) return;
    node(id).jobs.clear();
    return step(id, role::PeerLost{id});
  }
  Node& mine = node(id);
  mine.jobs.clear();
  for (auto& [model, attackers] : held_) {
    std::erase_if(attackers, [id](const auto& held) { return held.first == id; });
  }
  mine.role.reset();
  for (auto timer = timer_slots_.begin(); timer != timer_slots_.end();) {
    if (timer->first.first != id) {
      ++timer;
      continue;
    }
    timers_.at(timer->second).cancelled = true;
    timer = timer_slots_.erase(timer);
  }
  if (const auto waiting = waiting_.extract(id)) {
    drop(waiting.mapped(), host::Undelivered::kCrashed);
  }
  for (const Way way : {Way::kUp, Way::kDown}) {
    drop(cut_off(id, way), host::Undelivered::kCrashed);
  }
  push(now() + world_.config().detection, Priority::fault, kNoticed, id, 0);
}

void Simulation::restart(NodeId id) {
  if (down_.erase(id) == 0) return;
  Node& mine = node(id);
  if (id.is_cloud()) {
    for (auto& [number, job] : mine.jobs) {
      if (job.on_device) mine.device->start({number, job.work}, now());
    }
    if (mine.device) watch_device(id);
    for (const auto& [slot, job] : instant_jobs_) {
      if (job.first == id) push(now(), Priority::evaluation, kInstantJob, id, slot);
    }
    for (auto& [slot, timer] : timers_) {
      if (!timer.overdue) continue;
      timer.overdue = false;
      push(now(), Priority::timer, kTimer, id, slot);
    }
    return push(now(), Priority::fault, kNoticed, id, 1);
  }
  ++mine.life;
  mine.role = paradigm_.make_role(id);
  if (!mine.persisted.empty()) {
    struct Payloads final : HandleTable {
      const std::vector<std::shared_ptr<void>>& held;
      explicit Payloads(const std::vector<std::shared_ptr<void>>& h) : held(h) {}
      std::shared_ptr<void> find(std::uint64_t origin, std::uint64_t number) const override {
        for (const auto& one : held) {
          const auto cell = std::static_pointer_cast<role::PayloadCell>(one);
          if (cell->id() == role::PayloadId{origin, number}) return one;
        }
        return nullptr;
      }
    } payloads(mine.persisted_payloads);
    ByteReader reader(mine.persisted, &payloads);
    mine.role->load(reader);
    SKERRY_CHECK(reader.finished(), "a role reads back what it persisted");
  }
  step(id, role::Start{world_.edges(), true});
  follow(id);
  if (reachable(id)) came_back(id);
}

void Simulation::follow(NodeId id) {
  if (!attendance_ || !attendance_->follow(id)) return;
  const Availability::State state = attendance_->state(id);
  push(state.until, Priority::fault, kAvailability, id);
  if (!state.available) {
    push(std::max(now(), attendance_->noticed(id)), Priority::fault, kNoticed, id, 0);
  }
}

void Simulation::on_availability(NodeId id) {
  if (gone_for_good(id)) return;  // else its comings and goings would outlast the run
  const Availability::State state = attendance_->state(id);
  if (!state.available) {
    went(id);
  } else if (reachable(id)) {
    const bool quiet = !nodes_.contains(id) && !waiting_.contains(id);
    came_back(id);
    if (quiet && paradigm_.asks_who_is_there()) return attendance_->let_go(id);
  }
  push(state.until, Priority::fault, kAvailability, id);
}

/// The connection broke: what was being sent waits, either way. What is for the edge does so until
/// the cloud notices (drop_orders()).
void Simulation::went(NodeId id) {
  for (const Way way : {Way::kDown, Way::kUp}) {
    wait_for(id, cut_off(id, way));
  }
  push(now() + world_.config().detection, Priority::fault, kNoticed, id, 0);
}

/// What waited is sent again. An absence within the detection time costs nothing but time: the
/// cloud does not hear of it.
void Simulation::came_back(NodeId id) {
  if (const auto waiting = waiting_.extract(id)) send_again(id, waiting.mapped());
  if (owed_return_.erase(id)) push(now(), Priority::fault, kNoticed, id, 1);
}

void Simulation::on_noticed(NodeId id, bool back) {
  if (id.is_cloud()) {
    if (back == down_.contains(id)) return;  // crashed or restarted again meanwhile
    if (back) cloud_is_back();
    for (std::uint32_t i = 0; i < world_.edges(); ++i) tell_edge(NodeId::edge(i), back);
    return;
  }
  if (!back) {
    if (reachable(id)) return;
    follow(id);  // its return has to be told, too
    owed_return_.insert(id);
    drop_orders(id);
  }
  if (down_.contains(NodeId::cloud()) && !only_leads(NodeId::cloud())) {
    unreported_.insert(id);
  } else {
    tell_cloud(id, back);
  }
  tell_edge(id, back && !down_.contains(NodeId::cloud()));
}

void Simulation::tell_cloud(NodeId edge, bool is_back) {
  if (is_back) {
    step(NodeId::cloud(), role::PeerJoined{edge, 0});
  } else {
    step(NodeId::cloud(), role::PeerLost{edge});
  }
}

/// The cloud learns who came and went meanwhile, and what it could not take is sent again.
void Simulation::cloud_is_back() {
  for (const NodeId edge : std::exchange(unreported_, {})) tell_cloud(edge, reachable(edge));
  for (const auto& [edge, messages] : std::exchange(waiting_, {})) {
    if (!reachable(edge)) {
      waiting_[edge] = messages;
      continue;
    }
    send_again(edge, messages);
  }
}

void Simulation::send_again(NodeId edge, const std::vector<std::uint32_t>& messages) {
  for (const std::uint32_t message : messages) {
    if (flights_.at(message).measurement) {
      push(now(), Priority::delivery, kDeliver, edge, message);
    } else {
      const bool up = flights_.at(message).from == edge;
      set_out(edge, up ? Way::kUp : Way::kDown, message);
    }
  }
}

/// Tells an edge that runs whether it can reach the cloud.
void Simulation::tell_edge(NodeId id, bool reaches_cloud) {
  if (down_.contains(id) || (!nodes_.contains(id) && !idle_.contains(id))) return;
  if (reaches_cloud && reachable(id)) {
    step(id, role::PeerJoined{NodeId::cloud(), 0});
  } else {
    step(id, role::PeerLost{NodeId::cloud()});
  }
  pack_if_idle(id);
}

}  // namespace skerry::sim
