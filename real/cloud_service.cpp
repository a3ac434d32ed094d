#include "real/cloud_service.hpp"

#include <algorithm>

#include "real/operator_call.hpp"
#include "scenarios/role/route.hpp"

namespace skerry::real {

using host::RefusalReason;

namespace {

constexpr std::uint64_t kLeastMessageBytes = 16 << 20;
/// An update may carry several records of the model's size: control variates, momenta, states.
constexpr std::uint64_t kPayloadsPerMessage = 8;

std::string in_words(const DataSchema& schema) {
  std::string words = to_string(schema.input);
  if (schema.values > 0) return words + " for " + std::to_string(schema.values) + " real numbers";
  return words + " in " + std::to_string(schema.classes) + " classes";
}

std::string as_text(const ByteVector& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

CloudService::CloudService(const role::Paradigm& paradigm, CloudServer::Options options)
    : options_(std::move(options)),
      max_message_bytes_(std::max(options_.max_message_bytes, kLeastMessageBytes)),
      driver_(paradigm, options_.driver),
      standstill_(options_.standstill_after),
      numerics_(paradigm.numerics()) {
  driver_.on_tick = [this] { tick(); };
  driver_.on_trouble = options_.say;
  driver_.on_catalogue = options_.on_catalogue;
  driver_.on_remark = options_.say;
  if (options_.labels) {
    driver_.on_ask = [this](const role::AskLabels& asked) { options_.labels->write(asked); };
  }
}

CloudService::~CloudService() = default;

grpc::ServerBidiReactor<wire::Frame, wire::Frame>* CloudService::Session(
    grpc::CallbackServerContext* context) {
  auto session = std::make_shared<CloudSession>(*this, context);
  bool full = false, over = false;
  {
    const std::lock_guard lock(mutex_);
    full = sessions_.size() >= options_.max_sessions;
    over = over_;
    sessions_.insert(session);
  }
  session->start();
  if (over) session->finish(true, "the run is over");
  if (full) session->close(RefusalReason::kTooMany, "there are as many sessions as are admitted");
  return session.get();
}

void CloudService::count(RefusalReason reason) {
  const std::lock_guard lock(mutex_);
  refusals_.add(reason);
}

host::RefusalCounts CloudService::refusals() const {
  const std::lock_guard lock(mutex_);
  return refusals_;
}

void CloudService::forget(const std::shared_ptr<CloudSession>& session) {
  const std::lock_guard lock(mutex_);
  sessions_.erase(session);
  changed_.notify_all();
}

std::optional<MessageAssembler::Fault> CloudService::refusal(const JoinRequest& request,
                                                             const Link& link) const {
  using Fault = MessageAssembler::Fault;
  if (request.incarnation == 0) {
    return Fault{RefusalReason::kMalformed, "a process without an incarnation"};
  }
  if (std::find(link.fenced.begin(), link.fenced.end(), request.incarnation) != link.fenced.end()) {
    return Fault{RefusalReason::kFenced,
                 "a newer process of " + to_string(request.node) + " took over"};
  }
  if (request.schema != as_text(to_bytes(options_.schema))) {
    const auto theirs = from_bytes<DataSchema>(std::as_bytes(std::span(request.schema)));
    return Fault{RefusalReason::kSchema,
                 "the edge's data has another shape, classes or normalisation: inputs " +
                     (theirs ? in_words(*theirs) : std::string("unreadable")) + ", the cloud's " +
                     in_words(options_.schema)};
  }
  if (request.numerics != numerics_) {
    return Fault{RefusalReason::kNumerics, "the edge computes by the rule \"" + request.numerics +
                                               "\", the cloud by \"" + numerics_ + "\""};
  }
  return std::nullopt;
}

void CloudService::join(const std::shared_ptr<CloudSession>& session, const JoinRequest& request) {
  Link& link = driver_.links()[request.node];
  if (const auto fault = refusal(request, link)) {
    return session->close(fault->reason, fault->text);
  }
  const bool same = link.incarnation == request.incarnation;
  if (const std::shared_ptr<Channel> before = std::exchange(link.channel, nullptr)) {
    if (same) {
      std::static_pointer_cast<CloudSession>(before)->finish(false, "it has connected again");
    } else {
      before->close(RefusalReason::kFenced,
                    "a newer process of " + to_string(request.node) + " took over");
    }
  }
  const bool goes_on = same && link.joined && request.epoch == link.epoch &&
                       link.fits(request.counted) && link.site.data_hash == request.site.data_hash;
  if (!goes_on && request.epoch != 0 && link.contradicts(request.epoch, request.counted)) {
    return session->say_behind();  // it comes back as a new process would
  }
  if (goes_on) {
    link.acknowledged(request.counted.received);
    driver_.after_commit([session, epoch = link.epoch, received = link.received] {
      session->welcome(epoch, received);
    });
    for (const auto& [number, message] : link.unacknowledged) {
      driver_.after_commit(
          [session, number = number, message = message] { session->send(number, message); });
    }
    link.channel = session;
    return;
  }
  if (link.joined) driver_.feed(role::PeerLost{request.node});
  const std::uint64_t epoch = link.next_epoch(request.epoch);
  driver_.after_commit([session, epoch] { session->welcome(epoch, 0); });
  link.channel = session;
  driver_.feed(role::PeerJoined{request.node, request.samples},
               {LinkNote::Kind::kJoined, request.node, epoch, request.incarnation, request.site});
}

void CloudService::arrived(const std::shared_ptr<CloudSession>& session, NodeId node,
                           ArrivedMessage arrived) {
  Link& link = driver_.links()[node];
  if (link.channel != session) return;  // fenced meanwhile
  if (arrived.message.from != node) {
    return session->close(RefusalReason::kIdentity, to_string(node) + " sent in the name of " +
                                                        to_string(arrived.message.from));
  }
  if (const auto why = role::refused_route(node, arrived.message.to)) {
    return session->close(RefusalReason::kMalformed, *why);
  }
  if (arrived.number != link.received + 1) {
    return session->close(RefusalReason::kMalformed,
                          "message " + std::to_string(arrived.number) + " came out of turn");
  }
  // The receiver names payloads itself: no sender can pass one off as another's.
  const std::uint64_t origin = std::uint64_t{node.number()} << 32 | (link.epoch & 0xffffffff);
  for (std::size_t i = 0; i < arrived.ids.size(); ++i) {
    arrived.ids[i] = {origin, arrived.number << 8 | i};
  }
  const std::uint64_t number = arrived.number;
  auto message = arrived.load();
  if (!message) {
    link.received = number;
    count(RefusalReason::kMalformed);
    session->refuse(number, RefusalReason::kMalformed, message.message());
  } else {
    driver_.feed(role::MessageArrived{std::move(*message)},
                 {.kind = LinkNote::Kind::kMessage, .peer = node, .number = number});
  }
  driver_.after_commit([session, number] {
    session->acknowledge(number);
    session->listen();
  });
}

void CloudService::acknowledged(const std::shared_ptr<CloudSession>& session, NodeId node,
                                std::uint64_t number) {
  Link& link = driver_.links()[node];
  if (link.channel == session) link.acknowledged(number);
}

void CloudService::broken(const std::shared_ptr<CloudSession>& session, NodeId node) {
  const auto link = driver_.links().find(node);
  if (link == driver_.links().end() || link->second.channel != session) return;
  link->second.channel = nullptr;
  link->second.disconnected = std::chrono::steady_clock::now();
  lose_absent(link->second.disconnected);
}

void CloudService::lose_absent(std::chrono::steady_clock::time_point now) {
  for (auto& [node, link] : driver_.links()) {
    if (link.joined && !link.channel &&
        now - link.disconnected >= std::chrono::nanoseconds(options_.grace.count())) {
      driver_.feed(role::PeerLost{node});
    }
  }
}

void CloudService::tick() {
  const auto now = std::chrono::steady_clock::now();
  std::vector<std::shared_ptr<CloudSession>> sessions;
  {
    const std::lock_guard lock(mutex_);
    sessions.assign(sessions_.begin(), sessions_.end());
  }
  for (const auto& session : sessions) session->watch(now);
  lose_absent(now);
  if (options_.labels) options_.labels->look();
  if (options_.max_message_bytes == 0) {
    max_message_bytes_ =
        std::max(kLeastMessageBytes, kPayloadsPerMessage * driver_.largest_payload());
  }
  watch_standstill(now);
  publish();
  if (options_.on_tick) options_.on_tick(driver_);
}

void CloudService::watch_standstill(std::chrono::steady_clock::time_point now) {
  StandstillWatch::View view{.inputs = driver_.inputs(),
                             .waits = driver_.waits(),
                             .edges = options_.driver.edges,
                             .missing = {},
                             .unanswered = {}};
  for (std::uint32_t k = 0; k < view.edges && view.waits; ++k) {
    const auto link = driver_.links().find(NodeId::edge(k));
    const bool joined = link != driver_.links().end() && link->second.joined;
    if (!joined) view.missing.push_back(NodeId::edge(k));
    if (joined && !link->second.answered) view.unanswered.push_back(NodeId::edge(k));
  }
  const auto line = standstill_.look(now, view);
  if (line && options_.say) options_.say(*line);
}

void CloudService::publish() {
  wire::StatusReply reply;
  reply.set_run(options_.driver.run);
  reply.set_seconds(driver_.now().in_seconds());
  reply.set_inputs(driver_.inputs());
  reply.set_edges(options_.driver.edges);
  for (const auto& [node, link] : driver_.links()) {
    if (link.joined) reply.add_joined(to_string(node));
  }
  for (const auto& [name, row] : driver_.last_metrics()) {
    wire::Metric& metric = *reply.add_metrics();
    metric.set_name(name);
    metric.set_step(row.step);
    metric.set_value(row.value);
  }
  if (driver_.outcome()) reply.set_stopped(driver_.outcome()->reason);
  for (const host::FailedJobs& failed : driver_.failures().rows()) {
    wire::FailedJobs& row = *reply.add_failed();
    row.set_job(failed.job);
    row.set_plugin(failed.plugin);
    row.set_count(failed.count);
    row.set_text(failed.text);
  }
  for (const auto& [cause, count] : driver_.undelivered().met()) {
    (*reply.mutable_counters())["undelivered/" + cause] = count;
  }
  reply.set_waiting(standstill_.waiting());
  const std::lock_guard lock(mutex_);
  for (std::size_t i = 0; i < host::kRefusalReasons; ++i) {
    const auto reason = static_cast<RefusalReason>(i);
    if (const auto times = refusals_.of(reason); times > 0) {
      (*reply.mutable_counters())["refused/" + std::string(host::to_string(reason))] = times;
    }
  }
  status_ = std::move(reply);
}

grpc::ServerUnaryReactor* CloudService::Status(grpc::CallbackServerContext* context,
                                               const wire::StatusRequest*,
                                               wire::StatusReply* reply) {
  {
    const std::lock_guard lock(mutex_);
    *reply = status_;
  }
  auto* reactor = context->DefaultReactor();
  reactor->Finish(grpc::Status::OK);
  return reactor;
}

void CloudService::close_all(bool run_is_over) {
  publish();
  // Edges that are away at the moment learn it when they come back.
  const bool some_away =
      run_is_over && std::any_of(driver_.links().begin(), driver_.links().end(), [](auto& entry) {
        return entry.second.joined && !entry.second.channel;
      });
  std::unique_lock lock(mutex_);
  over_ = run_is_over;
  const std::vector<std::shared_ptr<CloudSession>> sessions(sessions_.begin(), sessions_.end());
  lock.unlock();
  for (const auto& session : sessions) {
    session->finish(run_is_over, run_is_over ? driver_.outcome()->reason : "stopped");
  }
  lock.lock();
  changed_.wait_for(lock, std::chrono::seconds(3), [this] { return hurry_ || sessions_.empty(); });
  if (some_away) {
    changed_.wait_for(lock, std::chrono::nanoseconds(options_.grace.count()),
                      [this] { return hurry_; });
  }
}

void CloudService::hurry() {
  const std::lock_guard lock(mutex_);
  hurry_ = closing_;
  changed_.notify_all();
}

}  // namespace skerry::real
