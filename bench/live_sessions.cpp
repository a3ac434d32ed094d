// How long a round of federated averaging takes over loopback when nearly all of it is transport,
// and how much memory the cloud's and the edges' processes hold at most.
//
//   bench-live_sessions [--sessions 1000] [--processes 1] [--model-kb 100] [--rounds 10]
//                       [--tls]
//
// The cloud is a process of its own; the sessions, real edges with one example each, share the
// others.
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <boost/program_options.hpp>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "real/cloud_server.hpp"
#include "real/deployment.hpp"
#include "real/edge_client.hpp"
#include "real/keys.hpp"
#include "real/open_files.hpp"
#include "scenarios/host/plugin_file.hpp"

namespace skerry {
namespace {

struct Setting {
  std::uint32_t sessions = 1000;
  std::uint32_t processes = 1;  // that share the sessions
  std::uint64_t model_kb = 100;
  std::uint32_t rounds = 10;
  bool tls = false;  // both ways, as skerry cloud and skerry edge do it; otherwise plaintext
  std::filesystem::path keys;  // of all nodes, with TLS
};

/// A perceptron of 32 inputs, 10 classes and two hidden layers of H: H^2 + 44 H + 10 parameters.
std::string scenario_of(const Setting& setting) {
  const double parameters = static_cast<double>(setting.model_kb) * 1000 / 4;
  const std::string hidden = std::to_string(static_cast<int>(std::sqrt(parameters + 474) - 22));
  const std::string sessions = std::to_string(setting.sessions);
  return R"({"version": 1, "name": "live-sessions", "paradigm": "federated", "seed": 1,
    "data": {"source": {"name": "synthetic_blobs", "test_samples": 10, "samples": )" +
         sessions + R"(}}, "model": {"name": "mlp", "hidden": [)" + hidden + ", " + hidden +
         R"(]}, "local": {"method": "plain", "optimizer": {"name": "sgd", "learning_rate": 0.1}},
    "server": {"reduce": "mean", "optimizer": {"name": "sgd", "learning_rate": 1.0}},
    "select": {"name": "all"}, "stop": {"any": [{"rounds": )" +
         std::to_string(setting.rounds) + R"(}]}, "evaluate": {"every": {"rounds": 1000}},
    "nodes": {"edges": )" +
         sessions + "}}";
}

/// How much memory this process held at most.
std::string held() {
  std::ifstream status("/proc/self/status");
  double peak_mb = 0;
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmHWM:")) peak_mb = std::stod(line.substr(6)) / 1024;
  }
  return std::to_string(static_cast<int>(peak_mb)) + " MiB at most";
}

int fail(const std::string& text) {
  std::fprintf(stderr, "bench-live_sessions: %s\n", text.c_str());
  return 1;
}

std::shared_ptr<const real::Deployment> deployment_of(const Setting& setting,
                                                      const Registry& registry) {
  auto made = real::deploy(scenario_of(setting), registry, NodeId::cloud(), {});
  SKERRY_CHECK(made.ok(), made.message());
  return *made;
}

/// Certificates for the cloud and every edge.
Status make_keys(const Setting& setting) {
  real::KeyFolder folder(setting.keys);
  if (auto made = folder.make_authority(1); !made) return made;
  if (auto made = folder.add("cloud", 1); !made) return made;
  for (std::uint32_t k = 0; k < setting.sessions; ++k) {
    if (auto made = folder.add(to_string(NodeId::edge(k)), 1); !made) return made;
  }
  return {};
}

std::optional<real::NodeKeys> keys_of(const Setting& setting, NodeId node) {
  if (!setting.tls) return std::nullopt;
  auto keys = real::KeyFolder(setting.keys).load(to_string(node));
  SKERRY_CHECK(keys.ok(), keys.message());
  return std::move(*keys);
}

/// Writes its port to `port_pipe`, and prints at the end how long rounds took.
int run_cloud(const Setting& setting, int port_pipe) {
  const Registry registry = host::built_in_plugins();
  const auto deployment = deployment_of(setting, registry);
  auto cloud = real::CloudServer::start(
      *deployment->paradigm,
      {.keys = keys_of(setting, NodeId::cloud()),
       .plaintext = !setting.tls,
       .scenario = scenario_of(setting),
       .driver = {.self = NodeId::cloud(), .edges = setting.sessions, .state = {}, .run = 1},
       .schema = deployment->data->schema()});
  if (!cloud) return fail(cloud.message());
  const std::string before = held();
  const int port = (*cloud)->port();
  if (::write(port_pipe, &port, sizeof port) != sizeof port) return fail("the pipe is closed");
  const Status status = (*cloud)->run();
  if (!status) return fail(status.message());
  std::vector<double> ends, seconds;
  for (const host::MetricRow& row : (*cloud)->driver().metrics().rows()) {
    if (row.name == "round/accepted") ends.push_back(row.time.in_seconds());
  }
  for (std::size_t i = 1; i < ends.size(); ++i) seconds.push_back(ends[i] - ends[i - 1]);
  std::sort(seconds.begin(), seconds.end());
  if (seconds.empty()) return fail("fewer than two rounds");
  std::printf("a round: median %.3f s, longest %.3f s; the first one ended after %.1f s\n",
              seconds[seconds.size() / 2], seconds.back(), ends.front());
  std::printf("cloud: %s, before the first session %s\n", held().c_str(), before.c_str());
  return 0;
}

/// Every `processes`-th edge from `first` on.
int run_edges(const Setting& setting, std::uint32_t first, int port) {
  if (real::make_room_for(setting.sessions) < setting.sessions) return fail("ulimit -n is too low");
  const Registry registry = host::built_in_plugins();
  const auto deployment = deployment_of(setting, registry);
  const real::EdgeClient::Deployed deployed{
      {deployment, deployment->paradigm.get()}, deployment->data->schema(), 1};
  std::vector<std::unique_ptr<real::EdgeClient>> clients;
  std::vector<std::thread> threads;
  for (std::uint32_t k = first; k < setting.sessions; k += setting.processes) {
    clients.push_back(std::make_unique<real::EdgeClient>(real::EdgeClient::Options{
        .server = "127.0.0.1:" + std::to_string(port),
        .self = NodeId::edge(k),
        .keys = keys_of(setting, NodeId::edge(k)),
        .plaintext = !setting.tls,
        .state = {},
        .deploy = [&](const std::string&) -> Result<real::EdgeClient::Deployed> {
          return deployed;
        },
        .say =
            [k](const std::string& line) {
              if (!line.starts_with("the run is over")) {
                std::fprintf(stderr, "edge-%u: %s\n", k, line.c_str());
              }
            }}));
    threads.emplace_back([client = clients.back().get()] {
      if (const Status status = client->run(); !status) fail(status.message());
    });
  }
  for (std::thread& thread : threads) thread.join();
  if (first == 0) {
    std::printf("edges: %zu sessions in a process, %s\n", clients.size(), held().c_str());
  }
  return 0;
}

/// Runs `body` in a process of its own, forked while this one is still bare.
template <class F>
pid_t begin(const F& body) {
  const pid_t child = ::fork();
  if (child != 0) return child;
  const int code = body();
  std::fflush(stdout);
  ::_exit(code);
}

int run(Setting setting) {
  if (setting.tls) {
    setting.keys = std::filesystem::temp_directory_path() / ("keys-" + std::to_string(::getpid()));
    if (const Status made = make_keys(setting); !made) return fail(made.message());
  }
  int pipe[2];
  if (::pipe(pipe) != 0) return fail("no pipe");
  std::vector<pid_t> children{begin([&] { return run_cloud(setting, pipe[1]); })};
  ::close(pipe[1]);
  int port = 0;
  if (::read(pipe[0], &port, sizeof port) != sizeof port) return fail("the cloud did not start");
  for (std::uint32_t i = 0; i < setting.processes; ++i) {
    children.push_back(begin([&] { return run_edges(setting, i, port); }));
  }
  int code = 0;
  for (const pid_t child : children) {
    int status = 0;
    ::waitpid(child, &status, 0);
    if (status != 0) code = 1;
  }
  if (setting.tls) std::filesystem::remove_all(setting.keys);
  return code;
}

}  // namespace
}  // namespace skerry

int main(int count, char** words) {
  namespace po = boost::program_options;
  skerry::Setting setting;
  po::options_description options("bench-live_sessions");
  options.add_options()("sessions", po::value(&setting.sessions), "edges")(
      "processes", po::value(&setting.processes), "that share the edges")(
      "model-kb", po::value(&setting.model_kb), "size of the model")(
      "rounds", po::value(&setting.rounds), "how many")(
      "tls", po::bool_switch(&setting.tls), "certificates for all nodes, instead of plaintext")(
      "help", "this");
  po::variables_map given;
  try {
    po::store(po::parse_command_line(count, words, options), given);
    po::notify(given);
  } catch (const po::error& error) {
    return skerry::fail(error.what());
  }
  if (given.contains("help")) {
    std::cout << options;
    return 0;
  }
  return skerry::run(setting);
}
