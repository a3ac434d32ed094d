#include "real/status_client.hpp"

#include "real/dial.hpp"
#include "real/protocol.hpp"
#include "real/skerry.grpc.pb.h"

namespace skerry::real {

namespace {

void set_deadline(grpc::ClientContext& context) {
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(10));
}

Failure failure_of(const std::string& server, const grpc::Status& status) {
  return Failure{server + ": " + std::string(name_of(status.error_code())) + ": " +
                 status.error_message()};
}

}  // namespace

Result<RunStatus> ask_status(const std::string& server, const std::optional<NodeKeys>& keys) {
  const auto stub = wire::Skerry::NewStub(dial(server, keys));
  grpc::ClientContext context;
  set_deadline(context);
  wire::StatusReply reply;
  const grpc::Status status = stub->Status(&context, {}, &reply);
  if (!status.ok()) return failure_of(server, status);
  RunStatus run{.run = reply.run(),
                .seconds = reply.seconds(),
                .inputs = reply.inputs(),
                .edges = reply.edges(),
                .joined = {reply.joined().begin(), reply.joined().end()},
                .metrics = {},
                .counters = {reply.counters().begin(), reply.counters().end()},
                .failed_jobs = {},
                .waiting = reply.waiting(),
                .stopped = reply.stopped()};
  for (const wire::Metric& metric : reply.metrics()) {
    run.metrics.push_back({metric.name(), metric.step(), metric.value()});
  }
  for (const wire::FailedJobs& failed : reply.failed()) {
    run.failed_jobs.push_back({failed.job(), failed.plugin(), failed.count(), failed.text()});
  }
  return run;
}

Result<role::Reply> send_command(const std::string& server, const std::optional<NodeKeys>& keys,
                                 const std::string& text) {
  const auto stub = wire::Skerry::NewStub(dial(server, keys));
  grpc::ClientContext context;
  set_deadline(context);
  wire::CommandRequest request;
  request.set_text(text);
  wire::CommandReply reply;
  const grpc::Status status = stub->Command(&context, request, &reply);
  if (!status.ok()) return failure_of(server, status);
  return role::Reply{reply.done(), reply.text()};
}

}  // namespace skerry::real
