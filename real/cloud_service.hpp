#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>

#include "real/cloud_server.hpp"
#include "real/frame_stream.hpp"
#include "real/protocol.hpp"
#include "real/standstill_watch.hpp"

namespace skerry::real {

class CloudSession;
class OperatorCall;

/// What the service knows about one edge that wants to join.
struct JoinRequest {
  NodeId node;
  std::uint64_t incarnation = 0;
  std::string numerics;
  std::string schema;
  std::uint64_t samples = 0;
  std::uint64_t epoch = 0;
  Counted counted;
  Site site;
};

/// The gRPC side of the cloud: sessions, status, what operators ask for (operator_calls.cpp). What
/// concerns the role is posted to the driver's thread.
class CloudService final : public wire::Skerry::CallbackService {
 public:
  CloudService(const role::Paradigm& paradigm, CloudServer::Options options);
  ~CloudService() override;

  NodeDriver& driver() { return driver_; }
  const CloudServer::Options& options() const { return options_; }

  grpc::ServerBidiReactor<wire::Frame, wire::Frame>* Session(
      grpc::CallbackServerContext* context) override;
  grpc::ServerUnaryReactor* Status(grpc::CallbackServerContext* context,
                                   const wire::StatusRequest* request,
                                   wire::StatusReply* reply) override;
  grpc::ServerUnaryReactor* Command(grpc::CallbackServerContext* context,
                                    const wire::CommandRequest* request,
                                    wire::CommandReply* reply) override;
  grpc::ServerUnaryReactor* Label(grpc::CallbackServerContext* context,
                                  const wire::LabelRequest* request,
                                  wire::LabelReply* reply) override;
  grpc::ServerUnaryReactor* Questions(grpc::CallbackServerContext* context,
                                      const wire::QuestionsRequest* request,
                                      wire::QuestionsReply* reply) override;

  // From sessions, on gRPC's threads.
  void count(host::RefusalReason reason);
  void forget(const std::shared_ptr<CloudSession>& session);
  std::uint64_t max_message_bytes() const { return max_message_bytes_.load(); }

  // On the driver's thread.
  void join(const std::shared_ptr<CloudSession>& session, const JoinRequest& request);
  void arrived(const std::shared_ptr<CloudSession>& session, NodeId node, ArrivedMessage message);
  void acknowledged(const std::shared_ptr<CloudSession>& session, NodeId node,
                    std::uint64_t number);
  void broken(const std::shared_ptr<CloudSession>& session, NodeId node);
  void tick();

  /// Tells all edges that the run is over (or that the cloud leaves) and waits a moment for them:
  /// after the end of a run, for the grace if edges are away that have not heard of it.
  void close_all(bool run_is_over);
  /// The run is over, or the cloud leaves: from now on hurry() has an effect, and operators'
  /// calls, those that still wait for their reply included, are refused.
  void begin_closing();
  /// From any thread: ends the wait of close_all(), once the closing has begun.
  void hurry();
  host::RefusalCounts refusals() const;

 private:
  std::optional<MessageAssembler::Fault> refusal(const JoinRequest& request,
                                                 const Link& link) const;
  /// Tells the role about edges that have been away for longer than the grace.
  void lose_absent(std::chrono::steady_clock::time_point now);
  void watch_standstill(std::chrono::steady_clock::time_point now);
  void publish();
  std::shared_ptr<OperatorCall> admit(const grpc::CallbackServerContext& context,
                                      grpc::ServerUnaryReactor* reactor,
                                      std::function<void(const std::string&)> refuse);
  void conclude(const std::shared_ptr<OperatorCall>& call, std::function<void()> write);
  void finish(const std::shared_ptr<OperatorCall>& call, const std::function<void()>& write);

  CloudServer::Options options_;
  std::atomic<std::uint64_t> max_message_bytes_;
  NodeDriver driver_;
  StandstillWatch standstill_;
  std::string numerics_;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::set<std::shared_ptr<CloudSession>> sessions_;
  std::set<std::shared_ptr<OperatorCall>> calls_;  // without a reply
  host::RefusalCounts refusals_;
  wire::StatusReply status_;
  bool over_ = false;
  bool closing_ = false;
  bool hurry_ = false;
};

/// One edge's stream.
class CloudSession final : public FrameStream<grpc::ServerBidiReactor<wire::Frame, wire::Frame>>,
                           public std::enable_shared_from_this<CloudSession> {
 public:
  CloudSession(CloudService& service, grpc::CallbackServerContext* context);
  /// gRPC holds it until OnDone.
  void start();

  void welcome(std::uint64_t epoch, std::uint64_t received);
  /// Instead of a welcome: the edge knows of messages that this cloud does not.
  void say_behind();
  void close(host::RefusalReason reason, const std::string& text) override;
  /// The run is over, or the cloud leaves for a while.
  void finish(bool run_is_over, const std::string& reason);
  /// Ends the stream if it has stalled.
  void watch(std::chrono::steady_clock::time_point now);

 private:
  enum class Phase { kHello, kJoin, kJoining, kOpen };

  std::optional<Fault> on_control(const wire::Frame& frame) override;
  void on_message(ArrivedMessage message) override;
  MessageAssembler::Limits limits() const override;
  bool joined() const override { return phase_ == Phase::kOpen; }
  void on_fault(const Fault& fault) override;
  void on_end() override;
  void on_drained() override;
  void OnCancel() override;
  void OnDone() override;

  std::optional<Fault> hello(const wire::Hello& hello);
  std::optional<Fault> identity(const std::string& name) const;
  void end_with(grpc::Status status);

  CloudService& service_;
  grpc::CallbackServerContext* context_;  // gRPC's, until OnDone
  bool gone_ = false;                     // OnDone was called
  std::shared_ptr<CloudSession> self_;
  std::atomic<Phase> phase_ = Phase::kHello;
  JoinRequest request_;
  grpc::Status final_;
  std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
  std::optional<std::chrono::steady_clock::time_point> closing_since_;
  std::atomic<std::uint64_t> acknowledged_ = 0;
  std::atomic<bool> acknowledging_ = false;
};

}  // namespace skerry::real
