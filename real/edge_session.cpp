#include "real/edge_session.hpp"

namespace skerry::real {

namespace {
/// The most that an edge takes from its cloud: a spooled message costs disk, then memory.
constexpr std::uint64_t kMostPayloadBytes = std::uint64_t{16} << 30;
}  // namespace

void EdgeSession::start(wire::Skerry::Stub& stub, const wire::Hello& hello) {
  stub.async()->Session(&context_, this);
  AddHold();  // frames are written from other threads until reading ends
  begin_reading();
  StartCall();
  wire::Frame frame;
  *frame.mutable_hello() = hello;
  control(std::move(frame));
}

void EdgeSession::join(const wire::Join& join) {
  wire::Frame frame;
  *frame.mutable_join() = join;
  asked_ = true;
  control(std::move(frame));
}

void EdgeSession::cancel() {
  context_.TryCancel();
  listen();  // where reading was paused, its end could not be seen
}

void EdgeSession::close(host::RefusalReason, const std::string&) { cancel(); }

std::optional<MessageAssembler::Fault> EdgeSession::on_control(const wire::Frame& frame) {
  switch (frame.kind_case()) {
    case wire::Frame::kOffer:
      if (offered_.exchange(true)) break;
      owner_.offered(shared_from_this(), frame.offer());
      return std::nullopt;
    case wire::Frame::kWelcome:
      if (!asked_ || joined_.exchange(true)) break;
      owner_.welcomed(shared_from_this(), frame.welcome());
      return std::nullopt;
    case wire::Frame::kAcknowledge:
      if (!joined_) break;
      owner_.acknowledged(shared_from_this(), frame.acknowledge().number());
      return std::nullopt;
    case wire::Frame::kRefused:
      owner_.refused(frame.refused());
      return std::nullopt;
    case wire::Frame::kFinish:
      owner_.finished(frame.finish().reason());
      return std::nullopt;
    default:
      break;
  }
  return Fault{host::RefusalReason::kMalformed, "a frame came out of turn"};
}

void EdgeSession::on_message(ArrivedMessage message) {
  owner_.arrived(shared_from_this(), std::move(message));
}

MessageAssembler::Limits EdgeSession::limits() const {
  MessageAssembler::Limits limits;
  limits.body = 64 << 20;
  limits.payloads = kMostPayloadBytes;
  limits.folder = spool_;
  return limits;
}

void EdgeSession::on_fault(const Fault& fault) {
  owner_.misled(fault.text);
  context_.TryCancel();
  on_end();
}

void EdgeSession::on_end() {
  {
    const std::lock_guard lock(mutex());
    if (!end()) return;
  }
  RemoveHold();
}

void EdgeSession::OnDone(const grpc::Status& status) { owner_.closed(status); }

}  // namespace skerry::real
