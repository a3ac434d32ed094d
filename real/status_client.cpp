#include "real/status_client.hpp"

#include "real/operator_rpc.hpp"

namespace skerry::real {

Result<RunStatus> ask_status(const std::string& server, const std::optional<NodeKeys>& keys) {
  wire::StatusReply reply;
  const Status called =
      call_cloud(server, keys, &wire::Skerry::Stub::Status, wire::StatusRequest(), reply);
  if (!called) return called.failure();
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
  wire::CommandRequest request;
  request.set_text(text);
  wire::CommandReply reply;
  const Status called = call_cloud(server, keys, &wire::Skerry::Stub::Command, request, reply);
  if (!called) return called.failure();
  return role::Reply{reply.done(), reply.text()};
}

}  // namespace skerry::real
