#include "real/message_frames.hpp"

#include "tests/catch.hpp"
#include "tests/scenarios/host/payloads.hpp"
#include "tests/scenarios/host/scratch_directory.hpp"
#include "tests/scenarios/host/stored_copy.hpp"

namespace skerry::real {
namespace {

using host::RefusalReason;
using Fault = MessageAssembler::Fault;

role::Message update_of(std::size_t size) {
  role::Message message;
  message.from = NodeId::edge(4);
  message.kind = 7;
  message.body = to_bytes(std::string("body"));
  std::vector<float> values(size);
  for (std::size_t i = 0; i < size; ++i) values[i] = static_cast<float>(i);
  message.payloads = {payload_of(1, values), payload_of(2, {5})};
  return message;
}

std::vector<wire::Frame> frames_of(role::Message message) {
  FrameQueue queue;
  queue.push(3, std::move(message));
  std::vector<wire::Frame> frames;
  for (wire::Frame frame; queue.next(frame);) frames.push_back(frame);
  return frames;
}

/// The message that the frames make, or the first fault.
struct Reading {
  std::optional<Fault> fault;
  std::optional<ArrivedMessage> message;
};

Reading read(const std::vector<wire::Frame>& frames, MessageAssembler::Limits limits = {}) {
  MessageAssembler assembler;
  Reading reading;
  for (const wire::Frame& frame : frames) {
    if (frame.has_begin()) reading.fault = assembler.begin(frame.begin(), limits);
    if (frame.kind_case() == wire::Frame::kChunk) reading.fault = assembler.chunk(frame.chunk());
    if (frame.has_end()) reading.fault = assembler.end(frame.end());
    if (reading.fault) return reading;
    if (frame.has_end()) reading.message = assembler.take();
  }
  return reading;
}

std::optional<RefusalReason> reason(const std::vector<wire::Frame>& frames,
                                    MessageAssembler::Limits limits = {}) {
  const Reading reading = read(frames, limits);
  return reading.fault ? std::optional(reading.fault->reason) : std::nullopt;
}

TEST_CASE("a message comes out of its frames as it went in") {
  const std::size_t size = GENERATE(1, 1000, 65'536, 200'000, 1'000'000);
  const role::Message sent = update_of(size);
  const auto frames = frames_of(sent);
  for (const wire::Frame& frame : frames) CHECK(frame.chunk().size() <= role::kChunkBytes);
  Reading reading = read(frames);
  REQUIRE(reading.message.has_value());
  CHECK(reading.message->number == 3);
  auto message = reading.message->load();
  REQUIRE(message.ok());
  CHECK(message->from == sent.from);
  CHECK(message->kind == sent.kind);
  CHECK(message->body == sent.body);
  REQUIRE(message->payloads.size() == 2);
  CHECK(values_of(message->payloads[0]) == values_of(sent.payloads[0]));
  CHECK(values_of(message->payloads[1]) == std::vector<float>{5});
  CHECK(message->payloads[0].id() == sent.payloads[0].id());
}

TEST_CASE("a message without payloads is two frames") {
  role::Message message;
  message.from = NodeId::edge(0);
  CHECK(frames_of(message).size() == 2);
  CHECK(read(frames_of(message)).message.has_value());
}

TEST_CASE("a message declared larger than the run's is refused before its bytes come") {
  const auto frames = frames_of(update_of(100'000));
  MessageAssembler::Limits limits;
  limits.payloads = 1000;
  MessageAssembler assembler;
  const auto fault = assembler.begin(frames[0].begin(), limits);
  REQUIRE(fault.has_value());
  CHECK(fault->reason == RefusalReason::kTooLarge);
  CHECK(fault->text == "payloads are declared larger than 1000 bytes, the most this run can send");

  wire::Begin overflowing = frames[0].begin();
  overflowing.mutable_payloads(0)->set_size(~std::uint64_t{0} - 5);
  overflowing.mutable_payloads(1)->set_size(100);
  CHECK(assembler.begin(overflowing, {})->reason == RefusalReason::kTooLarge);
  wire::Begin many = frames[0].begin();
  while (many.payloads_size() < 100) many.add_payloads()->set_size(1);
  CHECK(assembler.begin(many, {})->reason == RefusalReason::kTooLarge);
}

TEST_CASE("frames that are damaged, missing, repeated or out of order are refused") {
  const auto good = frames_of(update_of(200'000));
  REQUIRE(good.size() > 4);
  REQUIRE_FALSE(reason(good));
  auto frames = good;
  (*frames[1].mutable_chunk())[77] ^= 1;
  CHECK(reason(frames) == RefusalReason::kDamaged);
  frames = good;
  frames.erase(frames.begin() + 1);
  CHECK(reason(frames) == RefusalReason::kMalformed);
  frames = good;
  std::swap(frames[1], frames[2]);
  CHECK(reason(frames) == RefusalReason::kDamaged);
  frames = good;
  frames.insert(frames.end() - 1, frames[1]);
  CHECK(reason(frames) == RefusalReason::kMalformed);
  frames = good;
  frames.insert(frames.begin() + 1, frames[0]);
  CHECK(reason(frames) == RefusalReason::kMalformed);
  CHECK(reason({good[1]}) == RefusalReason::kMalformed);
  CHECK(reason({good.back()}) == RefusalReason::kMalformed);
  frames = good;
  frames[0].mutable_begin()->mutable_envelope()->resize(3);
  CHECK(reason(frames) == RefusalReason::kMalformed);
}

TEST_CASE("every byte of an envelope may be anything without harm") {
  const auto good = frames_of(update_of(3));
  const std::string envelope = good[0].begin().envelope();
  for (std::size_t i = 0; i < envelope.size(); ++i) {
    for (const unsigned char value : {0x00, 0x01, 0x7f, 0x80, 0xff}) {
      auto frames = good;
      (*frames[0].mutable_begin()->mutable_envelope())[i] = static_cast<char>(value);
      const Reading reading = read(frames);
      CHECK((reading.fault.has_value() || envelope == frames[0].begin().envelope()));
    }
  }
}

TEST_CASE("payload bytes that are no payload are a failure, not a crash") {
  const auto frames = frames_of(update_of(4));
  const std::string good = frames[1].chunk();
  for (std::size_t i = 0; i < good.size(); ++i) {
    ArrivedMessage arrived;
    arrived.ids = {{1, 2}};
    arrived.sizes = {good.size()};
    auto spool = Spool::make(good.size(), {});
    arrived.spool = std::move(*spool);
    std::string bad = good;
    bad[i] = static_cast<char>(bad[i] ^ 0xff);
    REQUIRE(arrived.spool.append(std::as_bytes(std::span(bad))).ok());
    (void)arrived.load();
  }
}

TEST_CASE("a large payload that came waits in its file until its values are needed") {
  const ScratchDirectory scratch;
  MessageAssembler::Limits limits;
  limits.folder = scratch.path();
  const role::Message sent = update_of(1'000'000);
  Reading reading = read(frames_of(sent), limits);
  REQUIRE(reading.message.has_value());
  auto message = reading.message->load();
  REQUIRE(message.ok());
  CHECK(message->payloads[0].is_stored());
  CHECK_FALSE(message->payloads[1].is_stored());
  CHECK(role::same_shape(message->payloads[0].shape(), sent.payloads[0].shape()));
  std::weak_ptr<const Record> seen;
  {
    const Payload content = message->payloads[0].payload();
    seen = content.share("model");
  }
  CHECK(seen.expired());
}

TEST_CASE("a message is read chunk by chunk as it leaves") {
  int reads = 0;
  role::Message message = update_of(200'000);
  message.payloads = {stored_copy(message.payloads[0], [&reads] { ++reads; })};
  FrameQueue queue;
  queue.push(1, message);
  wire::Frame frame;
  REQUIRE(queue.next(frame));
  CHECK(frame.has_begin());
  for (int chunks = 1; queue.next(frame) && !frame.has_end(); ++chunks) CHECK(reads == chunks);
  CHECK(reads == 4);
}

TEST_CASE("control frames overtake the chunks of a message") {
  FrameQueue queue;
  queue.push(1, update_of(200'000));
  wire::Frame frame;
  REQUIRE(queue.next(frame));
  CHECK(frame.has_begin());
  wire::Frame control;
  control.mutable_acknowledge()->set_number(9);
  queue.push(control);
  REQUIRE(queue.next(frame));
  CHECK(frame.acknowledge().number() == 9);
  REQUIRE(queue.next(frame));
  CHECK(frame.kind_case() == wire::Frame::kChunk);
}

}  // namespace
}  // namespace skerry::real
