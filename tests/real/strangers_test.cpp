#include <grpcpp/grpcpp.h>

#include <fstream>

#include "real/dial.hpp"
#include "real/message_frames.hpp"
#include "real/protocol.hpp"
#include "real/skerry.grpc.pb.h"
#include "tests/catch.hpp"
#include "tests/real/arena.hpp"
#include "tests/scenarios/host/payloads.hpp"

namespace skerry {
namespace {

using host::RefusalReason;

/// A peer that sends what the test wants, frame by frame.
class RawEdge {
 public:
  RawEdge(const std::string& address, const std::optional<real::NodeKeys>& keys)
      : stub_(wire::Skerry::NewStub(real::dial(address, keys))) {
    context_.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(30));
    stream_ = stub_->Session(&context_);
  }

  void say(const wire::Frame& frame) { (void)stream_->Write(frame); }
  void hello(const std::string& name, std::uint64_t incarnation = 5,
             std::uint32_t version = real::kProtocolVersion) {
    wire::Frame frame;
    frame.mutable_hello()->set_version(version);
    frame.mutable_hello()->set_node(name);
    frame.mutable_hello()->set_incarnation(incarnation);
    say(frame);
  }
  void join(const DataSchema& schema, std::string_view numerics) {
    wire::Frame frame;
    const ByteVector bytes = to_bytes(schema);
    frame.mutable_join()->set_schema(bytes.data(), bytes.size());
    frame.mutable_join()->set_numerics(std::string(numerics));
    frame.mutable_join()->set_samples(10);
    say(frame);
  }
  void say(role::Message message, std::uint64_t number = 1) {
    real::FrameQueue queue;
    queue.push(number, std::move(message));
    for (wire::Frame frame; queue.next(frame);) say(frame);
  }
  /// Reads until a frame of that kind comes. False if the stream ended.
  bool hears(wire::Frame::KindCase kind) {
    while (stream_->Read(&heard_)) {
      if (heard_.kind_case() == kind) return true;
    }
    return false;
  }
  const wire::Frame& heard() const { return heard_; }
  /// Reads until the cloud ends the stream.
  grpc::Status end() {
    while (stream_->Read(&heard_)) {
    }
    return stream_->Finish();
  }
  void cancel() { context_.TryCancel(); }

 private:
  std::unique_ptr<wire::Skerry::Stub> stub_;
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReaderWriter<wire::Frame, wire::Frame>> stream_;
  wire::Frame heard_;
};

using Frame = wire::Frame;

/// A peer that joined as edge-4, the last of five edges for which the run waits.
std::unique_ptr<RawEdge> joined(Arena& arena, std::uint64_t incarnation = 5) {
  auto edge = std::make_unique<RawEdge>(arena.address(), arena.keys_of("edge-4"));
  edge->hello("edge-4", incarnation);
  REQUIRE(edge->hears(Frame::kOffer));
  edge->join(arena.deployment().data->schema(), arena.deployment().paradigm->numerics());
  REQUIRE(edge->hears(Frame::kWelcome));
  return edge;
}

role::Message message_of(NodeId from) {
  role::Message message;
  message.from = from;
  message.kind = 1;
  message.payloads = {payload_of(1, {1, 2})};
  return message;
}

TEST_CASE("a certificate of another node is no pass: PERMISSION_DENIED, counted") {
  Arena arena(arena_scenario(2, 5));
  arena.use_keys();
  arena.start_cloud();
  const Status status = arena.run_edge(1, arena.keys_of("edge-2"));
  CHECK(status.message() == arena.address() +
                                ": PERMISSION_DENIED: \"edge-1\" came with a certificate of "
                                "\"edge-2\" [identity]");
  CHECK(arena.refused(RefusalReason::kIdentity) == 1);
  RawEdge cloud(arena.address(), arena.keys_of("edge-2"));
  cloud.hello("cloud");
  CHECK(cloud.end().error_code() == grpc::StatusCode::PERMISSION_DENIED);
  RawEdge unknown(arena.address(), arena.keys_of("edge-2"));
  unknown.hello("edge-17");
  CHECK(unknown.end().error_message() ==
        "\"edge-17\" is not an edge of this scenario, which has 5");
  CHECK(arena.refused(RefusalReason::kIdentity) == 3);
}

TEST_CASE("a stranger's certificate and no certificate do not get in at all") {
  Arena arena(arena_scenario(2, 5));
  arena.use_keys();
  arena.start_cloud();
  CHECK_THAT(arena.run_edge(1, arena.keys_of_stranger("edge-1")).message(),
             Catch::Contains("not reached for 2") && Catch::Contains("UNAVAILABLE"));
  RawEdge plaintext(arena.address(), std::nullopt);
  plaintext.hello("edge-1");
  CHECK(plaintext.end().error_code() == grpc::StatusCode::UNAVAILABLE);
}

TEST_CASE("data of another shape is refused at the door with both shapes named") {
  Arena arena(arena_scenario(2, 5));
  arena.start_cloud();
  std::string other = arena_scenario(2, 5);
  other.insert(other.find("\"samples\": 500"), "\"features\": 7, ");
  const Status status = arena.run_edge(1, std::nullopt, other);
  CHECK(status.message() ==
        arena.address() +
            ": FAILED_PRECONDITION: the edge's data has another shape, classes or normalisation: "
            "inputs [7] in 10 classes, the cloud's [32] in 10 classes [schema]");
  CHECK(arena.refused(RefusalReason::kSchema) == 1);
}

TEST_CASE("another protocol version or numerics rule is refused") {
  Arena arena(arena_scenario(2, 5));
  arena.start_cloud();
  RawEdge old(arena.address(), std::nullopt);
  old.hello("edge-0", 5, 77);
  CHECK(old.end().error_message() == "the edge speaks protocol 77, the cloud 1");
  RawEdge other(arena.address(), std::nullopt);
  other.hello("edge-0");
  REQUIRE(other.hears(Frame::kOffer));
  other.join(arena.deployment().data->schema(), "torch-1.13");
  CHECK(other.end().error_message() ==
        "the edge computes by the rule \"torch-1.13\", the cloud by \"native-1\"");
  CHECK(arena.refused(RefusalReason::kVersion) == 1);
  CHECK(arena.refused(RefusalReason::kNumerics) == 1);
}

TEST_CASE("whoever breaks the rules after joining is thrown out, and the others' model is theirs") {
  Arena arena(arena_scenario(3, 5));
  arena.start_cloud(Duration::seconds(0));
  std::string what;
  RefusalReason reason{};
  grpc::StatusCode code{};
  std::string text;
  {
    auto edge = joined(arena);
    SECTION("a message in another's name") {
      edge->say(message_of(NodeId::edge(1)));
      reason = RefusalReason::kIdentity, code = grpc::StatusCode::PERMISSION_DENIED;
    }
    SECTION("a message out of turn") {
      edge->say(message_of(NodeId::edge(4)), 9);
      reason = RefusalReason::kMalformed, code = grpc::StatusCode::INVALID_ARGUMENT;
    }
    SECTION("a message to another edge") {
      role::Message message = message_of(NodeId::edge(4));
      message.to = NodeId::edge(2);
      edge->say(message);
      reason = RefusalReason::kMalformed, code = grpc::StatusCode::INVALID_ARGUMENT;
      text =
          "edge-4 may not send to edge-2: messages go between the cloud and an edge, until a "
          "scenario can describe a topology";
    }
    SECTION("a message declared larger than anything the run sends") {
      Frame frame;
      frame.mutable_begin()->set_number(1);
      const ByteVector envelope = to_bytes(role::Message{.from = NodeId::edge(4)});
      frame.mutable_begin()->set_envelope(envelope.data(), envelope.size() - 8);
      frame.mutable_begin()->add_payloads()->set_size(std::uint64_t{1} << 40);
      edge->say(frame);
      reason = RefusalReason::kTooLarge, code = grpc::StatusCode::RESOURCE_EXHAUSTED;
    }
    SECTION("a message that was damaged") {
      real::FrameQueue queue;
      queue.push(1, message_of(NodeId::edge(4)));
      for (Frame frame; queue.next(frame);) {
        if (frame.has_end()) frame.mutable_end()->set_digest(1);
        edge->say(frame);
      }
      reason = RefusalReason::kDamaged, code = grpc::StatusCode::DATA_LOSS;
    }
    SECTION("a frame that is not for the cloud") {
      Frame frame;
      frame.mutable_finish()->set_reason("now");
      edge->say(frame);
      reason = RefusalReason::kMalformed, code = grpc::StatusCode::INVALID_ARGUMENT;
    }
    const grpc::Status status = edge->end();
    CHECK(status.error_code() == code);
    if (!text.empty()) CHECK(status.error_message() == text);
  }
  CHECK(arena.refused(reason) == 1);
  arena.start_edges();
  const std::string model = arena.finish();
  Arena clean(arena_scenario(3, 5));
  clean.start_cloud();
  clean.start_edges();
  CHECK(model == clean.finish());
}

TEST_CASE("a message before joining is refused") {
  Arena arena(arena_scenario(2, 5));
  arena.start_cloud();
  RawEdge edge(arena.address(), std::nullopt);
  edge.say(message_of(NodeId::edge(4)));
  const grpc::Status status = edge.end();
  CHECK(status.error_code() == grpc::StatusCode::FAILED_PRECONDITION);
  CHECK(status.error_details() == "no-session");
  CHECK(arena.refused(RefusalReason::kNoSession) == 1);
}

TEST_CASE("a payload of noise is refused alone, and the session goes on") {
  Arena arena(arena_scenario(2, 5));
  arena.start_cloud();
  auto edge = joined(arena);
  real::FrameQueue queue;
  queue.push(1, message_of(NodeId::edge(4)));
  Frame begin, chunk;
  REQUIRE(queue.next(begin));
  REQUIRE(queue.next(chunk));
  std::string noise(chunk.chunk().size(), '\xee');
  RunningHash hash;
  hash.add(std::as_bytes(std::span(begin.begin().envelope())));
  hash.add(std::as_bytes(std::span(noise)));
  edge->say(begin);
  chunk.set_chunk(noise);
  edge->say(chunk);
  Frame end;
  end.mutable_end()->set_digest(hash.value());
  edge->say(end);
  REQUIRE(edge->hears(Frame::kRefused));
  CHECK(edge->heard().refused().number() == 1);
  CHECK(edge->heard().refused().reason() == "malformed");
  REQUIRE(edge->hears(Frame::kAcknowledge));
  CHECK(arena.refused(RefusalReason::kMalformed) == 1);
  edge->cancel();
}

TEST_CASE("a newer process of a node fences the older, which stays out") {
  Arena arena(arena_scenario(2, 5));
  arena.start_cloud();
  auto older = joined(arena);
  RawEdge newer(arena.address(), std::nullopt);
  newer.hello("edge-4", 6);
  REQUIRE(newer.hears(Frame::kOffer));
  newer.join(arena.deployment().data->schema(), arena.deployment().paradigm->numerics());
  REQUIRE(newer.hears(Frame::kWelcome));
  CHECK(newer.heard().welcome().epoch() == 2);
  const grpc::Status fenced = older->end();
  CHECK(fenced.error_code() == grpc::StatusCode::ABORTED);
  CHECK(fenced.error_message() == "a newer process of edge-4 took over");
  RawEdge again(arena.address(), std::nullopt);
  again.hello("edge-4", 5);
  REQUIRE(again.hears(Frame::kOffer));
  again.join(arena.deployment().data->schema(), arena.deployment().paradigm->numerics());
  CHECK(again.end().error_code() == grpc::StatusCode::ABORTED);
  newer.cancel();
}

TEST_CASE("equal names of payloads from two processes of a node are two names to the cloud") {
  Arena arena(arena_scenario(2, 5));
  std::vector<role::PayloadRef> heard;  // on the cloud's thread, before it acknowledges
  arena.start_cloud(Duration::seconds(15), {.heard = [&heard](const role::Message& message) {
                      heard.insert(heard.end(), message.payloads.begin(), message.payloads.end());
                    }});
  for (const std::uint64_t incarnation : {5, 6}) {
    auto edge = joined(arena, incarnation);
    edge->say(message_of(NodeId::edge(4)));
    REQUIRE(edge->hears(Frame::kAcknowledge));
    edge->cancel();
  }
  REQUIRE(heard.size() == 2);
  CHECK(heard[0].id() != heard[1].id());
}

TEST_CASE("without keys only this machine is served and dialled") {
  Arena arena(arena_scenario(2, 5));
  CHECK(real::CloudServer::start(*arena.deployment().paradigm,
                                 {.address = "0.0.0.0:0", .keys = {}, .plaintext = true})
            .message() == "without keys only a loopback address may be served, not 0.0.0.0:0");
  CHECK_THAT(real::CloudServer::start(*arena.deployment().paradigm, {}).message(),
             Catch::StartsWith("no keys were given"));
  real::EdgeClient client({.server = "10.0.0.1:7420", .keys = {}, .plaintext = true});
  CHECK(client.run().message() ==
        "without keys only a loopback address may be dialled, not 10.0.0.1:7420");
}

}  // namespace
}  // namespace skerry
