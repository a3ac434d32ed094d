#include "experiments/live_options.hpp"

#include <pthread.h>
#include <signal.h>

#include <algorithm>

namespace skerry::experiments {

namespace po = boost::program_options;

void add_identity_options(Options& options) {
  options.add()("keys", po::value<std::string>(),
                "folder with ca.crt and this node's certificate and key (skerry keys makes them)")(
      "plaintext", "no keys: anybody on this machine may take part; loopback addresses only");
}

Result<std::optional<real::NodeKeys>> identity_of(const Options& options, const std::string& name) {
  if (options.has("keys") && options.has("plaintext")) {
    return Failure{"--keys and --plaintext exclude each other"};
  }
  if (options.has("plaintext")) return std::optional<real::NodeKeys>();
  if (!options.has("keys"))
    return Failure{"--keys FOLDER is needed (or --plaintext, on this machine)"};
  auto keys = real::KeyFolder(options.get<std::string>("keys")).load(name);
  if (!keys) return keys.failure();
  return std::optional(std::move(*keys));
}

void add_node_options(Options& options) {
  options.add()("state", po::value<std::string>(),
                "folder that outlives the process: a killed node goes on where it was")(
      "record",
      "keep every input in the state folder, so that skerry replay can run it again "
      "(it holds what nodes sent)");
  options.add_threads(std::max(1u, std::thread::hardware_concurrency()));
}

namespace {

sigset_t watched_signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGUSR1);  // from the destructor
  return set;
}

}  // namespace

SignalWatch::SignalWatch() {
  const sigset_t set = watched_signals();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);  // threads made later inherit it
  thread_ = std::thread([this, set] {
    int signal = 0;
    sigwait(&set, &signal);
    if (signal == SIGUSR1) return;
    const std::lock_guard lock(mutex_);
    came_ = true;
    if (call_) call_();
  });
}

void SignalWatch::on_signal(std::function<void()> call) {
  const std::lock_guard lock(mutex_);
  call_ = std::move(call);
  if (came_ && call_) call_();
}

SignalWatch::~SignalWatch() {
  pthread_kill(thread_.native_handle(), SIGUSR1);
  thread_.join();
}

}  // namespace skerry::experiments
