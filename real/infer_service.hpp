#pragma once

#include <grpcpp/grpcpp.h>

#include <atomic>
#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "real/access_token.hpp"
#include "real/infer.grpc.pb.h"
#include "real/infer_server.hpp"

namespace skerry::real {

class InferService;

/// One call that waits for its answer. It ends once, by what comes first: the answer, a caller who
/// gives up, or the end of the node.
class InferCall final : public grpc::ServerUnaryReactor {
 public:
  InferCall(InferService& service, const infer::AskRequest& request, infer::AskReply& reply);
  /// gRPC holds it until OnDone.
  void hold(std::shared_ptr<InferCall> self) { self_ = std::move(self); }

  void fail(const grpc::Status& status);
  void reply(const role::Answer& answer);

  std::chrono::steady_clock::time_point began() const { return began_; }
  void set_number(std::uint64_t number) { number_ = number; }

 private:
  void OnCancel() override;
  void OnDone() override { self_.reset(); }

  InferService& service_;
  infer::AskReply& reply_;    // gRPC's, until OnDone
  std::uint64_t number_ = 0;  // of the request; 0: none was made
  std::atomic<bool> ended_ = false;
  std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
  std::shared_ptr<InferCall> self_;
};

/// The gRPC side of an InferServer. What concerns the role is posted to the driver's thread.
class InferService final : public infer::Infer::CallbackService {
 public:
  InferService(const InferServer::Options& options, std::optional<AccessToken> token)
      : options_(options), token_(std::move(token)) {}

  grpc::ServerUnaryReactor* Describe(grpc::CallbackServerContext* context,
                                     const infer::DescribeRequest* request,
                                     infer::DescribeReply* reply) override;
  grpc::ServerUnaryReactor* Ask(grpc::CallbackServerContext* context,
                                const infer::AskRequest* request, infer::AskReply* reply) override;

  void attach(NodeDriver& driver, const ExampleForm& form);
  void detach(const std::string& why);
  const std::optional<AccessToken>& token() const { return token_; }

  /// The caller of that request has gone.
  void forget(std::uint64_t number);

 private:
  struct Node {
    NodeDriver* driver;
    ExampleForm form;
  };

  bool allowed(const grpc::CallbackServerContext& context) const;
  grpc::Status describe(infer::DescribeReply& reply) const;
  grpc::Status admit(const infer::AskRequest& request, const std::shared_ptr<InferCall>& call);
  /// With mutex_ held: why no request can be taken now, or OK.
  grpc::Status room() const;
  std::shared_ptr<InferCall> take_call(std::uint64_t number);

  // On the driver's thread.
  void enter(NodeDriver& driver, const role::Request& request);
  void answered(const role::Answer& answer);
  void end_overdue();

  const InferServer::Options options_;
  const std::optional<AccessToken> token_;

  mutable std::mutex mutex_;
  std::shared_ptr<const Node> node_;
  std::string away_ = "no scenario has come from the cloud yet; ask again later";
  std::uint64_t last_number_ = 0;
  std::size_t open_ = 0;  // requests that wait for the role, or for the driver to hand them to it
  std::map<std::uint64_t, std::shared_ptr<InferCall>> calls_;  // by their request's number
};

}  // namespace skerry::real
