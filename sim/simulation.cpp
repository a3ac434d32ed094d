#include "sim/simulation.hpp"

#include <algorithm>

namespace skerry::sim {

Simulation::Simulation(const role::Paradigm& paradigm, const World& world, const Registry& registry,
                       Options options)
    : paradigm_(paradigm),
      world_(world),
      options_(std::move(options)),
      message_faults_(
          {.loss = world.config().messages.loss,
           .duplication = world.config().messages.duplication,
           .corruption = world.config().messages.corruption,
           .reordering = world.config().messages.reordering,
           .max_delay = world.config().messages.max_delay.value_or(Duration::seconds(1))},
          world.seed()),
      faults_(world.config().fault_list()),
      moments_(timeline_of(faults_)),
      network_(world),
      executor_(paradigm, options_.threads, options_.places, options_.watch) {
  auto availability = make_availability(world.config().availability, world.edges(), world.seed());
  SKERRY_CHECK(availability.ok(), "the world was checked: " + availability.message());
  if (world.config().availability.model != AvailabilityModel::kAlways) {
    attendance_ = std::make_unique<Attendance>(std::move(*availability), world.edges(),
                                               world.config().detection, queue_);
  }
  if (world.config().attack) attack_ = registry.make(world.config().attack->attack);
  if (attack_ && attack_->knowledge() == Attack::Knowledge::kNothing) attack_.reset();
}

Simulation::~Simulation() = default;

void Simulation::push(SimTime time, Priority priority, EventKind kind, NodeId node, std::uint32_t a,
                      std::uint32_t b) {
  if (time == SimTime::never()) return;
  queue_.push({.time = time, .node = node, .a = a, .b = b, .kind = kind, .priority = priority});
}

Node& Simulation::node(NodeId id) {
  const auto [place, added] = nodes_.try_emplace(id);
  if (added && id.is_edge()) {
    if (const auto packed = idle_.extract(id)) {
      place->second = packed.mapped().unpack(paradigm_.make_role(id));
    }
  }
  return place->second;
}

void Simulation::pack_if_idle(NodeId id) {
  const auto place = nodes_.find(id);
  if (place == nodes_.end() || !place->second.idle()) return;
  idle_.emplace(id, PackedNode(place->second));
  nodes_.erase(place);
}

Node& Simulation::wake(NodeId id) {
  Node& mine = node(id);
  if (mine.role) return mine;
  mine.role = paradigm_.make_role(id);
  if (id.is_edge()) step(id, role::Start{world_.edges(), true});
  return mine;
}

/// Runs what may call plugins outside of jobs. If one fails the run is over.
template <class Call>
void Simulation::calling_plugins(const Call& call) {
  try {
    call();
  } catch (const JobError& error) {
    end_with(host::RunFault::plugin(error.failure()));
  }
}

void Simulation::start() {
  calling_plugins([this] { begin(); });
}

void Simulation::begin() {
  for (std::uint32_t i = 0; i < moments_.size(); ++i) {
    push(moments_[i].at, Priority::fault, kFault, NodeId::cloud(), i);
  }
  const auto& commands = world_.config().commands;
  for (std::uint32_t i = 0; i < commands.size(); ++i) {
    push(SimTime::at(commands[i].at), Priority::delivery, kCommand, NodeId::cloud(), i);
  }
  step(NodeId::cloud(), role::Start{world_.edges(), true});
  if (!attendance_ || paradigm_.asks_who_is_there()) return;
  for (std::uint32_t i = 0; i < world_.edges(); ++i) follow(NodeId::edge(i));
}

bool Simulation::run() {
  bool interrupted = false;
  calling_plugins([&] { interrupted = run_events(); });
  if (interrupted) return false;
  executor_.await_assumed();
  if (stop_) collect_detached(true);
  return stop_ && !fault_ && !disproved();
}

/// True if the run was interrupted.
bool Simulation::run_events() {
  constexpr std::uint64_t kGlance = 512;  // events between calls of progress
  const bool needs_cloud = !paradigm_.goes_on_without_cloud();
  while (!over() && !queue_.empty() && !(needs_cloud && gone_for_good(NodeId::cloud()))) {
    if (options_.interrupted != nullptr && options_.interrupted->load()) return true;
    if (queue_.next_time() == SimTime::last()) {
      end_with(host::RunFault::end_of_time(now()));
      break;
    }
    const std::uint64_t step_before = last_step_;
    const Event event = queue_.pop();
    handle(event);
    if (!held_.empty()) release_attackers();
    if (event.node.is_edge()) pack_if_idle(event.node);
    const bool new_step = last_step_ != step_before;
    if (new_step || (options_.progress && events_ % kGlance == 0)) collect_detached(false);
    if (over()) break;
    if (options_.progress && (new_step || events_ % kGlance == 0)) options_.progress(*this);
    if (options_.checkpoint && new_step) options_.checkpoint(*this);
  }
  return false;
}

std::string Simulation::standstill() const {
  std::uint32_t unreachable = 0;
  for (std::uint32_t i = 0; i < world_.edges(); ++i)
    unreachable += reachable(NodeId::edge(i)) ? 0 : 1;
  std::string text = "stands still after step " + std::to_string(last_step_) + ", at " +
                     to_string(now()) +
                     ": nothing is left to happen, and the stop rule is not met; ";
  text += down_.contains(NodeId::cloud()) ? "the cloud is down, " : "the cloud is up, ";
  text += std::to_string(unreachable) + " of " + std::to_string(world_.edges()) +
          " edges cannot be reached";
  for (const host::FailedJobs& failed : failures_.rows()) {
    text += "; jobs failed: " + host::in_words(failed);
  }
  for (const auto& [cause, count] : undelivered_.met()) {
    text += "; messages undelivered: " + std::to_string(count) + " " + cause;
  }
  return text;
}

void Simulation::give_up() {
  const std::string why = standstill();
  calling_plugins([this] { step(NodeId::cloud(), role::Command{"stop"}); });
  if (!stop_) stop_.emplace();
  stop_->reason = why;
  stop_->failed = true;
  if (!fault_) collect_detached(true);
}

void Simulation::handle(const Event& event) {
  ++events_;
  schedule_.add_value(event.time.count());
  schedule_.add_value(std::uint64_t{event.node.number()} << 32 |
                      static_cast<std::uint64_t>(event.priority) << 16 | event.kind);
  switch (static_cast<EventKind>(event.kind)) {
    case kDeliver:
      return on_deliver(event.a);
    case kTimer:
      return on_timer(event.a);
    case kLinkFinish:
      return on_link_finish(static_cast<Way>(event.a), event.b);
    case kDeviceFinish:
      return on_device_finish(event.node, event.b);
    case kInstantJob:
      return on_instant_job(event.a);
    case kFault:
      return on_fault(moments_[event.a]);
    case kAvailability:
      return on_availability(event.node);
    case kNoticed:
      return on_noticed(event.node, event.a == 1);
    case kCommand:
      return on_command(world_.config().commands[event.a]);
  }
}

void Simulation::step(NodeId id, role::Event event) {
  role::Effects effects;
  const bool asks = id.is_cloud() && paradigm_.asks_who_is_there();
  wake(id).role->step({queue_.now(), std::move(event), asks ? attendance_.get() : nullptr},
                      effects);
  perform(id, effects);
  if (id.is_cloud()) show_catalogue();
}

const role::Catalogue* Simulation::catalogue() const {
  const auto cloud = nodes_.find(NodeId::cloud());
  return cloud == nodes_.end() || !cloud->second.role ? nullptr : cloud->second.role->catalogue();
}

void Simulation::show_catalogue() {
  const role::Catalogue* known = options_.catalogue ? catalogue() : nullptr;
  if (known == nullptr || fault_ || disproved()) return;
  for (; shown_ < known->models.size(); ++shown_) {
    const role::PayloadRef& model = known->models[shown_].model;
    if (model && !executor_.await(model)) return;  // disproved
  }
  options_.catalogue(*known);
}

void Simulation::watch_link(Way way) {
  if (const auto generation = network_.alarm(way).set(network_.next_finish(way))) {
    push(network_.next_finish(way), Priority::delivery, kLinkFinish, NodeId::cloud(),
         static_cast<std::uint32_t>(way), *generation);
  }
}

void Simulation::watch_device(NodeId id) {
  Node& mine = node(id);
  const SimTime next = mine.device->next_finish();
  if (const auto generation = mine.device_alarm.set(next)) {
    push(next, Priority::job_finished, kDeviceFinish, id, 0, *generation);
  }
}

void Simulation::on_link_finish(Way way, std::uint32_t generation) {
  if (!network_.alarm(way).rings(generation)) return;
  for (const Transfer& transfer : network_.take_finished(way, now())) {
    const role::Message& message = flights_.at(transfer.message);
    charge_radio(transfer.edge, now() - transfer.began);
    note_span(transfer.edge, last_step_ + 1, way == Way::kUp ? "upload" : "download",
              transfer.began);
    const std::uint64_t number =
        world_.tells_messages_apart() ? messages_sent_[{transfer.edge, way == Way::kUp}]++ : 0;
    const MessageFate fate =
        message_faults_.fate({.from = message.from, .to = message.to, .number = number});
    const Duration latency = world_.latency(transfer.edge, way == Way::kUp, number);
    if (fate.lost()) {
      drop({transfer.message}, host::Undelivered::kLost);
      continue;
    }
    if (fate.corrupt) {
      corrupted_ += message.payloads.empty() ? 0 : 1;
      flights_.at(transfer.message) = corrupted(message, number);
    }
    for (std::uint8_t copy = 0; copy < fate.copies; ++copy) {
      std::uint32_t slot = transfer.message;
      if (copy > 0) {
        slot = next_flight_++;
        flights_[slot] = flights_.at(transfer.message);
      }
      push(now() + latency + fate.extra_delay[copy], Priority::delivery, kDeliver, transfer.edge,
           slot, static_cast<std::uint32_t>(way));
    }
  }
  watch_link(way);
}

void Simulation::on_deliver(std::uint32_t slot) {
  const auto flight = flights_.find(slot);
  const NodeId to = flight->second.to;
  const NodeId edge = to.is_cloud() ? flight->second.from : to;
  if (!reachable(edge)) return put_off(edge, slot);
  if (only_leads(to) && !flight->second.measurement) {
    return drop({slot}, host::Undelivered::kCrashed);
  }
  if (down_.contains(to) && !only_leads(to)) return wait_for(edge, {slot});
  if (to == edge) follow(edge);
  role::Message message = std::move(flight->second);
  flights_.erase(flight);
  schedule_.add_value(role::bytes_of(message).wire);
  step(to, role::MessageArrived{std::move(message)});
}

/// As live: a cloud that is down hears nothing, and an operator who has no reply is told so.
void Simulation::on_command(const CommandConfig& command) {
  reply_.reset();
  const bool down = down_.contains(NodeId::cloud());
  if (!down) step(NodeId::cloud(), role::Command{command.command});
  if (!options_.say) return;
  std::string text = down ? "refused: the cloud is down" : "refused: nobody in this run knows it";
  if (reply_) text = (reply_->done ? "" : "refused: ") + reply_->text;
  options_.say("after " + to_string(now().since_start()) + ", the command \"" + command.command +
               "\": " + text);
}

void Simulation::on_device_finish(NodeId id, std::uint32_t generation) {
  Node& mine = node(id);
  if (!mine.device_alarm.rings(generation)) return;
  for (const JobId number : mine.device->take_finished(now())) {
    const auto job = mine.jobs.find(number);
    RunningJob finished = std::move(job->second);
    mine.jobs.erase(job);
    charge_computing(id, finished.work);
    note_span(id, finished.step, paradigm_.jobs().of(finished.kind).name, finished.began);
    if (finished.down && world_.attacks(id) && must_wait(finished.origin)) {
      hold(id, std::move(finished));
      continue;
    }
    finish_job(id, finished);
    if (over()) return;
  }
  watch_device(id);
}

void Simulation::on_instant_job(std::uint32_t slot) {
  const auto instant = instant_jobs_.find(slot);
  if (instant == instant_jobs_.end()) return;  // the cloud went down and came back this instant
  const auto [id, number] = instant->second;
  if (id.is_cloud() && down_.contains(id)) return;  // done at its restart
  instant_jobs_.erase(instant);
  Node& mine = node(id);
  const auto job = mine.jobs.find(number);
  if (job == mine.jobs.end()) return;  // cancelled
  RunningJob finished = std::move(job->second);
  mine.jobs.erase(job);
  finish_job(id, finished);
}

void Simulation::on_timer(std::uint32_t slot) {
  const Timer timer = timers_.at(slot);
  if (!timer.cancelled && down_.contains(timer.node) && !only_leads(timer.node)) {
    timers_.at(slot).overdue = true;  // only the cloud comes back with its timers
    return;
  }
  timers_.erase(slot);
  if (timer.cancelled) return;
  timer_slots_.erase({timer.node, timer.number});
  step(timer.node, role::TimerFired{timer.number});
}

void Simulation::save(ByteWriter& writer) {
  save_without_metrics(writer);
  if (!fault_ && !disproved()) writer(metrics_);
}

void Simulation::save_without_metrics(ByteWriter& writer) {
  calling_plugins([&] { save_state(writer); });
}

void Simulation::load(ByteReader& reader) {
  load(reader, {});
  reader(metrics_);
}

void Simulation::load(ByteReader& reader, host::MetricLog metrics) {
  metrics_ = std::move(metrics);
  calling_plugins([&] { load_state(reader); });
}

host::RunRecord Simulation::record() {
  collect_detached(true);
  host::RunRecord record;
  if (stop_) record.take_end(*stop_);
  record.ended = now();
  record.metrics = metrics_.rows();
  record.failed_jobs = failures_.rows();
  record.undelivered = undelivered_.met();
  record.corrupted = corrupted_;
  record.spans = spans_;
  record.numerics = paradigm_.numerics();
  record.schedule_fingerprint = schedule_.value();
  RunningHash numerics = numerics_;
  if (stop_ && stop_->model) {
    executor_.await(stop_->model);
    record.result = stop_->model.payload();
    for (const auto& one : record.result.records()) numerics.add(one->bytes());
  }
  record.numerics_fingerprint = numerics.value();
  return record;
}

}  // namespace skerry::sim
