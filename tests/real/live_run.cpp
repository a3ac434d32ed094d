#include "tests/real/live_run.hpp"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <thread>

#include "experiments/live_record.hpp"
#include "experiments/results/run_folder.hpp"
#include "experiments/simulate.hpp"

namespace skerry {

namespace {

/// A port on which no process listens, so that a restarted cloud can use it again.
int free_port() {
  const int listener = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  SKERRY_CHECK(::bind(listener, reinterpret_cast<sockaddr*>(&address), size) == 0 &&
                   ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size) == 0,
               "the machine has a free port");
  ::close(listener);
  return ntohs(address.sin_port);
}

}  // namespace

LiveRun::LiveRun(const std::string& scenario, std::uint32_t edges)
    : count_(edges), port_(free_port()) {
  std::ofstream(folder("scenario.json")) << scenario;
  real::KeyFolder keys(folder("keys"));
  SKERRY_CHECK(keys.make_authority(2).ok(), "an authority");
  for (const char* name : {"cloud", "operator"}) SKERRY_CHECK(keys.add(name, 1).ok(), "keys");
  for (std::uint32_t k = 0; k < edges; ++k) {
    SKERRY_CHECK(keys.add("edge-" + std::to_string(k), 1).ok(), "keys");
  }
}

void LiveRun::start_cloud(const std::vector<std::string>& more) {
  std::vector<std::string> arguments{
      "cloud",  folder("scenario.json").string(), "--listen",  address(),
      "--keys", folder("keys").string(),          "--threads", "1",
      "--out",  folder("results").string()};
  arguments.insert(arguments.end(), more.begin(), more.end());
  cloud_.reset();
  cloud_.emplace(SKERRY_PROGRAM, arguments, folder("cloud.txt"));
}

void LiveRun::start_edge(std::uint32_t k, const std::vector<std::string>& more) {
  const std::string name = "edge-" + std::to_string(k);
  std::vector<std::string> arguments{
      "edge",      "--cloud", address(), "--node", name, "--keys", folder("keys").string(),
      "--threads", "1"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  edges_.erase(k);
  edges_.emplace(k, Process(SKERRY_PROGRAM, arguments, folder((name + ".txt").c_str())));
}

void LiveRun::start_edges() {
  for (std::uint32_t k = 0; k < count_; ++k) start_edge(k);
}

int LiveRun::finish() { return cloud_->wait(); }

std::optional<real::NodeKeys> LiveRun::keys(const std::string& name) const {
  return std::move(*real::KeyFolder(folder("keys")).load(name));
}

bool LiveRun::wait_until(const std::function<bool(const real::RunStatus&)>& reached) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (cloud_->running() && std::chrono::steady_clock::now() < end) {
    const auto status = real::ask_status(address(), keys("operator"));
    if (status && reached(status.value())) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return false;
}

bool LiveRun::wait_for_round(std::uint64_t round) {
  return wait_until([round](const real::RunStatus& status) {
    for (const auto& metric : status.metrics) {
      if (metric.step >= round) return true;
    }
    return false;
  });
}

std::string LiveRun::model_of(const std::string& output) {
  const auto at = output.rfind("\nmodel ");
  return at == std::string::npos ? "" : output.substr(at + 7, 64);
}

Process LiveRun::command(const std::vector<std::string>& arguments) const {
  static int count = 0;
  Process process(SKERRY_PROGRAM, arguments,
                  folder(("command-" + std::to_string(++count) + ".txt").c_str()));
  (void)process.wait();
  return process;
}

host::RunRecord LiveRun::simulated(const std::vector<std::string>& plugins) const {
  auto document = experiments::open_document({folder("scenario.json").string(), {}, plugins});
  SKERRY_CHECK(document.ok(), document.message());
  const auto setup = experiments::set_up(document.value());
  SKERRY_CHECK(setup.ok(), setup.message());
  const auto run = experiments::simulate(document.value(), setup.value(), {});
  SKERRY_CHECK(run.ok(), run.message());
  return run.value().record;
}

std::string LiveRun::simulated_model(const std::vector<std::string>& plugins) const {
  return experiments::model_sha256(simulated(plugins).result);
}

host::RunRecord LiveRun::results() const {
  const auto run = experiments::read_run(folder("results"));
  SKERRY_CHECK(run.ok(), run.message());
  return run.value().record;
}

}  // namespace skerry
