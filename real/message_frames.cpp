#include "real/message_frames.hpp"

#include <algorithm>

#include "scenarios/host/payload_table.hpp"

namespace skerry::real {

using host::RefusalReason;
using role::PayloadRef;

namespace {

constexpr int kMaxPayloads = 64;

/// A message without its payloads, as Begin carries it.
struct Envelope {
  NodeId from, to;
  std::uint16_t kind = 0;
  bool measurement = false;
  ByteVector body;

  template <class A>
  void archive(A& a) {
    a(from, to, kind, measurement, body);
  }
};

std::span<const std::byte> bytes_of(const std::string& text) {
  return std::as_bytes(std::span(text));
}

std::string text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

void FrameQueue::push(std::uint64_t number, role::Message message) {
  messages_.push_back({number, std::move(message)});
}

void FrameQueue::drop_messages() {
  messages_.clear();
  payloads_.clear();
  begun_ = false;
}

void FrameQueue::begin(wire::Frame& frame) {
  const role::Message& message = messages_.front().message;
  wire::Begin& begin = *frame.mutable_begin();
  begin.set_number(messages_.front().number);
  begin.set_envelope(text_of(to_bytes(
      Envelope{message.from, message.to, message.kind, message.measurement, message.body})));
  payloads_.clear();
  for (const PayloadRef& payload : message.payloads) {
    SKERRY_CHECK(payload, "messages carry payloads, not empty handles");
    payloads_.emplace_back(payload);
    wire::Payload& head = *begin.add_payloads();
    head.set_origin(payload.id().origin);
    head.set_number(payload.id().number);
    head.set_size(payloads_.back().size());
  }
  hash_ = {};
  hash_.add(bytes_of(begin.envelope()));
  begun_ = true;
  offset_ = 0;
}

bool FrameQueue::next(wire::Frame& frame) {
  frame.Clear();
  if (!control_.empty()) {
    frame = std::move(control_.front());
    control_.pop_front();
    return true;
  }
  if (messages_.empty()) return false;
  if (!begun_) {
    begin(frame);
    return true;
  }
  if (!payloads_.empty()) {
    const role::Encoding& whole = payloads_.front();
    std::string& chunk = *frame.mutable_chunk();
    chunk.resize(std::min<std::uint64_t>(role::kChunkBytes, whole.size() - offset_));
    whole.read(offset_, std::as_writable_bytes(std::span(chunk)));
    hash_.add(bytes_of(chunk));
    offset_ += chunk.size();
    if (offset_ == whole.size()) {
      payloads_.pop_front();
      offset_ = 0;
    }
    return true;
  }
  frame.mutable_end()->set_digest(hash_.value());
  messages_.pop_front();
  begun_ = false;
  return true;
}

Result<role::Message> ArrivedMessage::load() {
  const auto all = spool.bytes();
  if (!all) return all.failure();
  std::span<const std::byte> rest = *all;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    auto payload = host::payload_in(spool.file(), rest.first(sizes[i]), ids[i]);
    if (!payload) return payload.failure();
    message.payloads.push_back(std::move(*payload));
    rest = rest.subspan(sizes[i]);
  }
  spool = {};
  return std::move(message);
}

std::optional<MessageAssembler::Fault> MessageAssembler::begin(const wire::Begin& begin,
                                                               const Limits& limits) {
  if (open_) return Fault{RefusalReason::kMalformed, "a message begins inside another"};
  if (begin.envelope().size() > limits.body || begin.payloads_size() > kMaxPayloads) {
    return Fault{RefusalReason::kTooLarge,
                 "a message has a body of " + std::to_string(begin.envelope().size()) +
                     " bytes and " + std::to_string(begin.payloads_size()) + " payloads; at most " +
                     std::to_string(limits.body) + " and " + std::to_string(kMaxPayloads)};
  }
  const auto envelope = from_bytes<Envelope>(bytes_of(begin.envelope()));
  if (!envelope) return Fault{RefusalReason::kMalformed, "an envelope cannot be read"};
  arrived_ = {};
  arrived_.number = begin.number();
  arrived_.message = {envelope->from,        envelope->to,   envelope->kind,
                      envelope->measurement, envelope->body, {}};
  std::uint64_t total = 0;
  for (const wire::Payload& payload : begin.payloads()) {
    if (payload.size() > limits.payloads - total) {
      return Fault{RefusalReason::kTooLarge, "payloads are declared larger than " +
                                                 std::to_string(limits.payloads) +
                                                 " bytes, the most this run can send"};
    }
    if (payload.size() == 0) return Fault{RefusalReason::kMalformed, "a payload is empty"};
    total += payload.size();
    arrived_.ids.push_back({payload.origin(), payload.number()});
    arrived_.sizes.push_back(payload.size());
  }
  auto spool = Spool::make(total, limits.folder);
  if (!spool) return Fault{RefusalReason::kTooLarge, spool.message()};
  arrived_.spool = std::move(*spool);
  open_ = true;
  payload_ = 0;
  remaining_ = arrived_.sizes.empty() ? 0 : arrived_.sizes[0];
  hash_ = {};
  hash_.add(bytes_of(begin.envelope()));
  return std::nullopt;
}

std::optional<MessageAssembler::Fault> MessageAssembler::chunk(const std::string& bytes) {
  if (!open_ || remaining_ == 0) {
    return Fault{RefusalReason::kMalformed, "bytes come outside of a message"};
  }
  if (bytes.size() != std::min<std::uint64_t>(role::kChunkBytes, remaining_)) {
    return Fault{RefusalReason::kMalformed,
                 "a chunk has " + std::to_string(bytes.size()) + " bytes"};
  }
  hash_.add(bytes_of(bytes));
  if (auto stored = arrived_.spool.append(bytes_of(bytes)); !stored) {
    return Fault{RefusalReason::kTooLarge, stored.message()};
  }
  remaining_ -= bytes.size();
  if (remaining_ == 0 && ++payload_ < arrived_.sizes.size()) remaining_ = arrived_.sizes[payload_];
  return std::nullopt;
}

std::optional<MessageAssembler::Fault> MessageAssembler::end(const wire::End& end) {
  if (!open_ || remaining_ > 0) {
    return Fault{RefusalReason::kMalformed, "a message ends before its bytes"};
  }
  if (end.digest() != hash_.value()) {
    return Fault{RefusalReason::kDamaged, "a message was damaged on its way"};
  }
  open_ = false;
  return std::nullopt;
}

ArrivedMessage MessageAssembler::take() { return std::move(arrived_); }

}  // namespace skerry::real
