#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "algorithms/sdk/result.hpp"
#include "real/dial.hpp"
#include "real/protocol.hpp"
#include "real/skerry.grpc.pb.h"

namespace skerry::real {

/// Calls one of a cloud's unary functions, such as &wire::Skerry::Stub::Status, and waits for its
/// reply. Errors: not reached within ten seconds, or not allowed, with the status.
template <class Function, class Request, class Reply>
Status call_cloud(const std::string& server, const std::optional<NodeKeys>& keys, Function function,
                  const Request& request, Reply& reply) {
  const auto stub = wire::Skerry::NewStub(dial(server, keys));
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(10));
  const grpc::Status status = (*stub.*function)(&context, request, &reply);
  if (status.ok()) return {};
  return Failure{server + ": " + std::string(name_of(status.error_code())) + ": " +
                 status.error_message()};
}

}  // namespace skerry::real
