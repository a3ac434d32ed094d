#pragma once

#include <memory>
#include <string>

#include "real/frame_stream.hpp"
#include "real/protocol.hpp"

namespace skerry::real {

class EdgeSession;

/// Is told what happens on an edge's stream. Called from gRPC's threads.
class EdgeSessionOwner {
 public:
  virtual ~EdgeSessionOwner() = default;
  virtual void offered(const std::shared_ptr<EdgeSession>& session, const wire::Offer& offer) = 0;
  virtual void welcomed(const std::shared_ptr<EdgeSession>& session,
                        const wire::Welcome& welcome) = 0;
  virtual void arrived(const std::shared_ptr<EdgeSession>& session, ArrivedMessage message) = 0;
  virtual void acknowledged(const std::shared_ptr<EdgeSession>& session, std::uint64_t number) = 0;
  virtual void refused(const wire::Refused& refused) = 0;
  /// The cloud broke the rules; the stream ends.
  virtual void misled(const std::string& how) = 0;
  virtual void finished(const std::string& reason) = 0;
  /// The stream is gone: it calls nothing any more, and gRPC no longer refers to it.
  virtual void closed(const grpc::Status& status) = 0;
};

/// One stream of an edge to the cloud. Whoever starts it holds it until EdgeSessionOwner::closed(),
/// and must destroy it on a thread that is not gRPC's: the channel goes with the stream, and its
/// destruction on a thread of gRPC makes that thread wait for itself (gRPC 1.51 then goes on with
/// freed memory, later versions abort).
class EdgeSession final : public FrameStream<grpc::ClientBidiReactor<wire::Frame, wire::Frame>>,
                          public std::enable_shared_from_this<EdgeSession> {
 public:
  EdgeSession(EdgeSessionOwner& owner, std::filesystem::path spool)
      : owner_(owner), spool_(std::move(spool)) {}

  void start(wire::Skerry::Stub& stub, const wire::Hello& hello);
  void join(const wire::Join& join);
  /// Ends the stream from this side.
  void cancel();
  void close(host::RefusalReason reason, const std::string& text) override;

 private:
  std::optional<Fault> on_control(const wire::Frame& frame) override;
  void on_message(ArrivedMessage message) override;
  MessageAssembler::Limits limits() const override;
  bool joined() const override { return joined_; }
  void on_fault(const Fault& fault) override;
  void on_end() override;
  void on_drained() override {}
  void OnDone(const grpc::Status& status) override;

  EdgeSessionOwner& owner_;
  std::filesystem::path spool_;
  grpc::ClientContext context_;
  std::atomic<bool> offered_ = false;
  std::atomic<bool> asked_ = false;  // to join
  std::atomic<bool> joined_ = false;
};

}  // namespace skerry::real
