// What roles want done, turned into events of the simulated world.
#include <algorithm>

#include "scenarios/role/route.hpp"
#include "sim/simulation.hpp"

namespace skerry::sim {

namespace {
template <class... Fs>
struct Overload : Fs... {
  using Fs::operator()...;
};

/// Recorded once a transfer was cut off.
constexpr const char* kBytesCutOff = "bytes/cut_off";
}  // namespace

void Simulation::perform(NodeId id, role::Effects& effects) {
  metrics_recorded_ = false;
  for (role::Effect& effect : effects.list()) {
    if (over()) return;
    std::visit(Overload{
                   [&](role::Send& e) { send(id, std::move(e.message)); },
                   [&](role::SetTimer& e) { set_timer(id, e); },
                   [&](role::CancelTimer& e) { cancel_timer(id, e.timer); },
                   [&](role::StartJob& e) { start_job(id, std::move(e.job)); },
                   [&](role::CancelJob& e) { cancel_job(id, e.number); },
                   [&](role::RecordMetric& e) { record_metric(id, e); },
                   [&](role::Answer& e) {
                     schedule_.add_value(e.request);
                     numerics_.add_value(e.label);
                     numerics_.add_value(e.from_cloud);
                   },
                   [&](role::Deploy& e) { schedule_.add_value(e.version); },
                   [&](role::Reply& e) { reply_ = std::move(e); },
                   [&](role::Persist&) {
                     ByteWriter writer;
                     node(id).role->save(writer);
                     node(id).persisted_payloads = writer.held();
                     node(id).persisted = writer.take();
                   },
                   [&](role::Stop& e) { stop_ = std::move(e); },
                   // No people are simulated: no LabelsArrived makes a role ask them.
                   [&](role::AskLabels&) {},
                   [&](role::LabelsHeard&) {},
                   [&](role::Remark&) {},
               },
               effect);
  }
  if (metrics_recorded_ && id.is_cloud()) record_energy(last_step_);
}

void Simulation::send(NodeId id, role::Message message) {
  SKERRY_CHECK(message.from == id, "a node sends in its own name");
  if (const auto why = role::refused_route(id, message.to)) {
    return end_with(host::RunFault::route(*why));
  }
  const std::uint32_t slot = next_flight_++;
  const bool up = !id.is_cloud();
  const NodeId edge = up ? id : message.to;
  const bool measurement = message.measurement;
  flights_[slot] = std::move(message);
  if (!measurement && only_leads(id)) return drop({slot}, host::Undelivered::kCrashed);
  if (measurement) return push(now(), Priority::delivery, kDeliver, edge, slot);
  if (!up) follow(edge);
  if (!reachable(edge)) return put_off(edge, slot);
  set_out(edge, up ? Way::kUp : Way::kDown, slot);
}

void Simulation::set_out(NodeId edge, Way way, std::uint32_t slot) {
  const auto bytes = static_cast<std::int64_t>(role::bytes_of(flights_.at(slot)).wire);
  network_.send(way, {.message = slot, .edge = edge, .bytes = bytes, .began = now()}, now());
  watch_link(way);
}

void Simulation::set_timer(NodeId id, const role::SetTimer& timer) {
  cancel_timer(id, timer.timer);
  const std::uint32_t slot = next_timer_++;
  timers_[slot] = {id, timer.timer, false};
  timer_slots_[{id, timer.timer}] = slot;
  push(std::max(timer.at, now()), Priority::timer, kTimer, id, slot);
}

void Simulation::cancel_timer(NodeId id, std::uint64_t timer) {
  const auto slot = timer_slots_.find({id, timer});
  if (slot == timer_slots_.end()) return;
  timers_.at(slot->second).cancelled = true;
  timer_slots_.erase(slot);
}

void Simulation::start_job(NodeId id, role::Job job) {
  SKERRY_CHECK(job.node == id, "a role starts jobs of its own node");
  Node& mine = node(id);
  job.life = mine.life;
  const role::Work work = paradigm_.jobs().work(job);
  RunningJob running;
  running.number = job.number;
  running.kind = job.kind;
  running.round = job.key.round;
  running.step = job.step;
  running.began = now();
  running.work = work.charged ? world_.device(id).time_of(work) : Duration();
  if (attack_ && paradigm_.jobs().of(job).trains) running.down = job.inputs.at(0);
  if (attackers_act_last() && id.is_edge()) running.origin = origin_of(job);
  if (job.detached) {
    auto task = executor_.submit(std::move(job), now(), work);
    detached_.push_back(
        {std::move(task), running.kind, metrics_.reserve(), id, now(), running.step});
    return;
  }
  running.task = executor_.submit(std::move(job), now() + running.work, work);
  running.outputs = executor_.outputs(running.task);
  if (running.down && id.is_edge() && attackers_act_last() && !world_.attacks(id))
    note_honest(id, running);
  const std::uint64_t number = running.number;
  const Duration duration = running.work;
  running.on_device = work.charged;
  mine.jobs.emplace(number, std::move(running));
  if (!work.charged) {
    const std::uint32_t slot = next_instant_++;
    instant_jobs_[slot] = {id, number};
    return push(now(), Priority::evaluation, kInstantJob, id, slot);
  }
  if (!mine.device) {
    mine.device = std::make_unique<Processor>(world_.device(id).cores);
    mine.device->set_slow_down(in_force_.slow_down(id), now());
  }
  mine.device->start({number, duration}, now());
  watch_device(id);
}

void Simulation::cancel_job(NodeId id, std::uint64_t number) {
  Node& mine = node(id);
  const auto job = mine.jobs.find(number);
  if (job == mine.jobs.end()) return;
  const bool on_device = job->second.on_device;
  const Duration work = job->second.work;
  mine.jobs.erase(job);
  if (!on_device) return;
  charge_computing(id, work - mine.device->cancel(number, now()));
  watch_device(id);
}

/// Waits for what a job gives. Bits at other places stay there.
void Simulation::await(RunningJob& job) {
  if (!job.task) return;  // restored
  const ByteVector& report = executor_.await(job.task);
  if (paradigm_.jobs().of(job.kind).reports) job.report = report;
  job.failure = executor_.failure(job.task);
  if (job.failure) job.outputs.clear();
}

/// Whether a job may be treated as finished while it is still being computed.
bool Simulation::assume(const RunningJob& job) {
  if (!options_.optimistic || !job.task || paradigm_.jobs().of(job.kind).reports) return false;
  return executor_.assume(job.task);
}

void Simulation::finish_job(NodeId id, RunningJob& job) {
  if (!assume(job)) await(job);
  if (disproved()) return;  // the job may have failed for lack of an input that never came
  const bool opened = may_open(job);
  job.task.reset();  // a later job that is the only holder of the outputs may change them in place
  if (job.failure) {
    failures_.add(paradigm_.jobs().of(job.kind).name, *job.failure);
    numerics_.add_value(job.failure->cause);
    return step(id, role::JobFailed{job.number, std::move(*job.failure)});
  }
  role::JobFinished finished{job.number, std::move(job.outputs), std::move(job.report)};
  numerics_.add(finished.report);
  if (job.down && world_.attacks(id) && world_.attacked_at(now())) {
    finished.outputs[0] = attacked(id, job, finished.outputs[0]);
  }
  if (opened) opened_ = {finished.outputs[0].id(), job.origin};
  step(id, std::move(finished));
  opened_ = {};
}

role::Message Simulation::corrupted(const role::Message& message, std::uint64_t number) {
  role::Message changed = message;
  RandomStream random(world_.seed(), "world/corruption", message.from, static_cast<Round>(number));
  for (role::PayloadRef& payload : changed.payloads) {
    if (!executor_.await(payload)) return changed;  // disproved
    Payload content = payload.payload();
    const Payload original = content;
    for (const auto& record : original.records()) {
      const auto bytes = content.open(record->name()).bytes();
      for (std::uint64_t places = 1 + random.below(8); places > 0 && bytes.size() >= 4; --places) {
        const std::uint32_t bits = random.bits32();
        std::memcpy(bytes.data() + random.below(bytes.size() / 4) * 4, &bits, sizeof bits);
      }
    }
    payload = role::PayloadRef::of({~std::uint64_t{0}, forged_++}, {std::move(content), {}});
  }
  return changed;
}

void Simulation::record_metric(NodeId id, const role::RecordMetric& metric) {
  metrics_.add({metric.name, id, now(), metric.step.number, metric.value});
  numerics_.add_value(metric.value);
  if (!id.is_cloud() || !metric.step.of_run) return;
  last_step_ = metric.step.number;
  metrics_recorded_ = true;
}

void Simulation::charge_computing(NodeId id, Duration work) {
  const double joules = work.in_seconds() * world_.device(id).busy.watts;
  (id.is_cloud() ? energy_.cloud : energy_.edges) += joules;
}

void Simulation::charge_radio(NodeId edge, Duration sending) {
  energy_.network += sending.in_seconds() * world_.profile(edge).device.radio.watts;
}

/// Not twice where a role ends its step's work in two steps of its own at one moment.
void Simulation::record_energy(std::uint64_t step) {
  const EnergyRecord record{now(), step, energy_.total()};
  if (std::exchange(energy_recorded_, record) == record) return;
  const std::pair<const char*, double> parts[] = {{"energy/edges_joules", energy_.edges},
                                                  {"energy/cloud_joules", energy_.cloud},
                                                  {"energy/network_joules", energy_.network},
                                                  {"energy/total_joules", energy_.total()}};
  for (const auto& [name, value] : parts) {
    metrics_.add({name, NodeId::cloud(), now(), step, value});
  }
  if (bytes_cut_off_ == 0) return;
  const auto cut_off = static_cast<double>(bytes_cut_off_);
  metrics_.add({kBytesCutOff, NodeId::cloud(), now(), step, cut_off});
}

void Simulation::declare(role::Results& results) {
  struct Energy {
    const char *name, *label, *whose;
    bool headline;
  };
  const Energy declared[] = {{"edges", "energy of edges", "the edges' computing", false},
                             {"cloud", "energy of the cloud", "the cloud's computing", false},
                             {"network", "energy of the network", "the edges' radios", false},
                             {"total", "energy", "edges, cloud and network", true}};
  for (const auto& [name, label, whose, headline] : declared) {
    results.metrics.push_back(
        {.name = std::string("energy/") + name + "_joules",
         .label = std::string(label) + " (modelled)",
         .unit = "J",
         .meaning = std::string("energy of ") + whose + " since the start, modelled",
         .better = role::Better::kLower,
         .headline = headline,
         .cost = headline});
  }
  results.metrics.push_back({.name = kBytesCutOff,
                             .label = "bytes cut off",
                             .unit = "bytes",
                             .meaning = "sent in vain since the start: of messages, up and down, "
                                        "whose transfer was cut off",
                             .better = role::Better::kLower,
                             .headline = true});
}

void Simulation::note_span(NodeId id, std::uint64_t step, std::string_view what, SimTime begin) {
  if (spans_.size() < options_.spans) spans_.push_back({id, step, std::string(what), begin, now()});
}

void Simulation::collect_detached(bool all) {
  while (!detached_.empty() && (all || executor_.finished(detached_.front().task))) {
    const Detached& done = detached_.front();
    const ByteVector& report = executor_.await(done.task);
    if (const auto& failure = executor_.failure(done.task)) {
      if (disproved()) return;
      const std::string& kind = paradigm_.jobs().of(done.kind).name;
      return end_with(host::RunFault::measurement(kind, done.node, done.step, *failure));
    }
    const auto metrics = from_bytes<role::Metrics>(report);
    SKERRY_CHECK(metrics.has_value(), "a detached job reports metrics");
    std::vector<host::MetricRow> rows;
    for (const auto& [name, value] : *metrics) {
      rows.push_back({name, done.node, done.time, done.step, value});
    }
    metrics_.fill(done.place, std::move(rows));
    detached_.pop_front();
  }
}

/// Ends the run between two events. The first fault is the one that is reported.
void Simulation::end_with(host::RunFault fault) {
  if (!fault_) fault_ = std::move(fault);
}

}  // namespace skerry::sim
