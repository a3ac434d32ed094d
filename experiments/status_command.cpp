#include <cinttypes>
#include <cmath>
#include <cstdio>

#include "algorithms/sdk/printable.hpp"
#include "experiments/command.hpp"
#include "experiments/live_options.hpp"
#include "experiments/results/manifest.hpp"
#include "real/status_client.hpp"
#include "scenarios/schema/json.hpp"

namespace skerry::experiments {

namespace {

ConfigNode json_of(const real::RunStatus& run) {
  ConfigNode node = ConfigNode::object();
  node.set("run", hex16(run.run));
  node.set("seconds", run.seconds);
  node.set("inputs", static_cast<std::int64_t>(run.inputs));
  node.set("edges", static_cast<std::int64_t>(run.edges));
  ConfigNode::Array joined(run.joined.begin(), run.joined.end());
  node.set("joined", ConfigNode(std::move(joined)));
  ConfigNode metrics = ConfigNode::object();
  for (const auto& metric : run.metrics) {
    ConfigNode one = ConfigNode::object();
    one.set("step", static_cast<std::int64_t>(metric.step));
    one.set("value", metric.value);
    metrics.set(metric.name, std::move(one));
  }
  node.set("metrics", std::move(metrics));
  ConfigNode counters = ConfigNode::object();
  for (const auto& [counter, count] : run.counters) {
    counters.set(counter, static_cast<std::int64_t>(count));
  }
  node.set("counters", std::move(counters));
  node.set("failed_jobs", failed_jobs_node(run.failed_jobs));
  node.set("waiting", run.waiting.empty() ? ConfigNode() : ConfigNode(run.waiting));
  node.set("stopped", run.stopped.empty() ? ConfigNode() : ConfigNode(run.stopped));
  return node;
}

/// Six digits, but all of a whole number's.
std::string metric_text(double value) {
  if (value == std::floor(value)) return number_text(value);
  char text[32];
  std::snprintf(text, sizeof text, "%.6g", value);
  return text;
}

void print(const real::RunStatus& run) {
  std::printf("%s after %.0f s: %zu of %u edges joined\n",
              run.stopped.empty() ? "running" : ("stopped (" + run.stopped + ")").c_str(),
              run.seconds, run.joined.size(), run.edges);
  if (!run.waiting.empty()) std::printf("  %s\n", run.waiting.c_str());
  for (const auto& metric : run.metrics) {
    std::printf("  %-28s %8" PRIu64 "  %s\n", metric.name.c_str(), metric.step,
                metric_text(metric.value).c_str());
  }
  for (const auto& [counter, count] : run.counters) {
    std::printf("  %-28s %8" PRIu64 "\n", counter.c_str(), count);
  }
  for (const host::FailedJobs& failed : run.failed_jobs) {
    std::printf("  jobs that failed: %s\n", host::in_words(failed).c_str());
  }
}

}  // namespace

int status_command(std::span<const std::string> arguments) {
  Options options("status HOST:PORT (--keys FOLDER | --plaintext) [OPTIONS]",
                  "How a live run stands; --stop ends it after the round.");
  options.positional("server", 1);
  options.add()("stop", "end the run (operators only)");
  options.add_format();
  add_operator_options(options);
  if (const auto code = options.parse(arguments)) return *code;
  if (options.list("server").size() != 1) return options.complain("the cloud's address is needed");
  const std::string server = options.list("server").front();
  const auto keys = operator_of(options, server);
  if (!keys) return options.complain(keys.message());
  if (options.has("stop")) {
    const auto said = real::send_command(server, keys.value(), "stop");
    if (!said || !said->done) {
      std::fprintf(stderr, "skerry: %s\n", said ? said->text.c_str() : said.message().c_str());
      return kWorldFailed;
    }
    std::printf("told to stop: %s\n", said->text.c_str());
    return kDone;
  }
  const auto run = real::ask_status(server, keys.value());
  if (!run) {
    std::fprintf(stderr, "skerry: %s\n", run.message().c_str());
    return kWorldFailed;
  }
  if (options.json()) {
    std::printf("%s\n", schema::write_json(json_of(run.value())).c_str());
  } else {
    print(run.value());
  }
  return kDone;
}

}  // namespace skerry::experiments
