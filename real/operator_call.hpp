#pragma once

#include <grpcpp/grpcpp.h>

#include <atomic>
#include <functional>
#include <string>
#include <utility>

namespace skerry::real {

/// A call of an operator that waits for the driver's thread. It is ended once: the first end
/// counts, and gRPC owns the call afterwards. From any thread.
class OperatorCall {
 public:
  /// @param refuse  writes into the reply why nothing was done.
  OperatorCall(grpc::ServerUnaryReactor* reactor, std::function<void(const std::string&)> refuse)
      : reactor_(reactor), refuse_(std::move(refuse)) {}

  /// Ends the call with the reply that `write` makes.
  void finish(const std::function<void()>& write) {
    if (finished_.exchange(true)) return;
    write();
    reactor_->Finish(grpc::Status::OK);
  }
  void refuse(const std::string& why) {
    finish([&] { refuse_(why); });
  }

 private:
  std::atomic<bool> finished_ = false;
  grpc::ServerUnaryReactor* reactor_;
  std::function<void(const std::string&)> refuse_;
};

}  // namespace skerry::real
