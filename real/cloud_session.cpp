#include "real/cloud_service.hpp"

namespace skerry::real {

using host::RefusalReason;

CloudSession::CloudSession(CloudService& service, grpc::CallbackServerContext* context)
    : service_(service), context_(context) {}

void CloudSession::start() {
  self_ = shared_from_this();
  begin_reading();
}

std::optional<MessageAssembler::Fault> CloudSession::identity(const std::string& name) const {
  const auto node = parse_node(name);
  if (!node || !node->is_edge() || node->index() >= service_.options().driver.edges) {
    return Fault{RefusalReason::kIdentity, "\"" + name +
                                               "\" is not an edge of this scenario, which has " +
                                               std::to_string(service_.options().driver.edges)};
  }
  if (!service_.options().keys) return std::nullopt;
  const auto names = context_->auth_context()->FindPropertyValues(GRPC_X509_SAN_PROPERTY_NAME);
  if (names.size() != 1 || names[0] != grpc::string_ref(name)) {
    const std::string shown =
        names.empty() ? "nobody" : std::string(names[0].data(), names[0].size());
    return Fault{RefusalReason::kIdentity,
                 "\"" + name + "\" came with a certificate of \"" + shown + "\""};
  }
  return std::nullopt;
}

std::optional<MessageAssembler::Fault> CloudSession::hello(const wire::Hello& hello) {
  if (hello.version() != kProtocolVersion) {
    return Fault{RefusalReason::kVersion, "the edge speaks protocol " +
                                              std::to_string(hello.version()) + ", the cloud " +
                                              std::to_string(kProtocolVersion)};
  }
  if (auto fault = identity(hello.node())) return fault;
  request_.node = *parse_node(hello.node());
  request_.incarnation = hello.incarnation();
  const CloudServer::Options& options = service_.options();
  wire::Frame frame;
  wire::Offer& offer = *frame.mutable_offer();
  offer.set_run(options.driver.run);
  offer.set_edges(options.driver.edges);
  if (hello.run() != options.driver.run) offer.set_scenario(options.scenario);
  phase_ = Phase::kJoin;
  control(std::move(frame));
  return std::nullopt;
}

std::optional<MessageAssembler::Fault> CloudSession::on_control(const wire::Frame& frame) {
  if (frame.kind_case() == wire::Frame::kHello && phase_ == Phase::kHello) {
    return hello(frame.hello());
  }
  if (frame.kind_case() == wire::Frame::kJoin && phase_ == Phase::kJoin) {
    const wire::Join& join = frame.join();
    request_.numerics = join.numerics();
    request_.schema = join.schema();
    request_.samples = join.samples();
    request_.epoch = join.epoch();
    request_.counted = {join.received(), join.first(), join.sent()};
    request_.site = {join.data(), join.own_data()};
    phase_ = Phase::kJoining;
    service_.driver().post(
        [self = shared_from_this(), request = request_] { self->service_.join(self, request); });
    return std::nullopt;
  }
  if (frame.kind_case() == wire::Frame::kAcknowledge && phase_ == Phase::kOpen) {
    acknowledged_ = frame.acknowledge().number();
    if (!acknowledging_.exchange(true)) {  // many that come at once cost one item
      service_.driver().post([self = shared_from_this()] {
        self->acknowledging_ = false;
        self->service_.acknowledged(self, self->request_.node, self->acknowledged_);
      });
    }
    return std::nullopt;
  }
  return Fault{RefusalReason::kMalformed, "a frame came out of turn"};
}

MessageAssembler::Limits CloudSession::limits() const {
  MessageAssembler::Limits limits;
  limits.payloads = service_.max_message_bytes();
  limits.folder = service_.options().driver.state;
  return limits;
}

void CloudSession::on_message(ArrivedMessage message) {
  auto held = std::make_shared<ArrivedMessage>(std::move(message));
  service_.driver().post([self = shared_from_this(), held] {
    self->service_.arrived(self, self->request_.node, std::move(*held));
  });
}

void CloudSession::welcome(std::uint64_t epoch, std::uint64_t received) {
  phase_ = Phase::kOpen;
  wire::Frame frame;
  frame.mutable_welcome()->set_epoch(epoch);
  frame.mutable_welcome()->set_received(received);
  control(std::move(frame));
}

void CloudSession::end_with(grpc::Status status) {
  const std::lock_guard lock(mutex());
  if (ended() || closing_since_) return;
  closing_since_ = std::chrono::steady_clock::now();
  final_ = std::move(status);
  drain();
}

void CloudSession::say_behind() {
  wire::Frame frame;
  frame.mutable_welcome()->set_behind(true);
  control(std::move(frame));
}

void CloudSession::close(RefusalReason reason, const std::string& text) {
  service_.count(reason);
  end_with(status_of(reason, text));
}

void CloudSession::finish(bool run_is_over, const std::string& reason) {
  if (!run_is_over) {
    return end_with({grpc::StatusCode::UNAVAILABLE, "the cloud leaves: " + reason});
  }
  wire::Frame frame;
  frame.mutable_finish()->set_reason(reason);
  control(std::move(frame));
  end_with(grpc::Status::OK);
}

void CloudSession::watch(std::chrono::steady_clock::time_point now) {
  const auto over = [&](std::chrono::steady_clock::time_point since, Duration limit) {
    return now - since > std::chrono::nanoseconds(limit.count());
  };
  const CloudServer::Options& options = service_.options();
  bool stalled = false;
  {
    const std::lock_guard lock(mutex());
    if (closing_since_) {
      if (!gone_ && over(*closing_since_, Duration::seconds(5))) context_->TryCancel();
      return;
    }
    stalled = (phase_ == Phase::kHello && over(began_, options.hello_limit)) ||
              (phase_ == Phase::kJoin && over(began_, options.join_limit)) ||
              (in_message() && over(last_frame(), options.message_limit));
  }
  if (stalled) end_with({grpc::StatusCode::DEADLINE_EXCEEDED, "nothing came for too long"});
}

void CloudSession::on_fault(const Fault& fault) { close(fault.reason, fault.text); }

void CloudSession::on_drained() { Finish(final_); }

void CloudSession::on_end() {
  service_.driver().post(
      [self = shared_from_this()] { self->service_.broken(self, self->request_.node); });
  const std::lock_guard lock(mutex());
  if (end()) Finish(grpc::Status::OK);
}

void CloudSession::OnCancel() {
  const std::lock_guard lock(mutex());
  if (end()) Finish(grpc::Status::CANCELLED);
}

void CloudSession::OnDone() {
  const std::shared_ptr<CloudSession> self = std::move(self_);
  {
    const std::lock_guard lock(mutex());
    gone_ = true;
  }
  service_.driver().post([self] { self->service_.broken(self, self->request_.node); });
  service_.forget(self);
}

}  // namespace skerry::real
