#include "experiments/live_options.hpp"

#include <algorithm>
#include <thread>

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
  add_stop_grace(options);
}

Result<SignalWatch::Options> watch_options(const Options& options) {
  auto grace = stop_grace_of(options);
  if (!grace) return grace.failure();
  SignalWatch::Options watch{.grace = *grace};
  if (options.has("state")) {
    watch.advice = [] { return "the same command goes on with the run"; };
  }
  return watch;
}

}  // namespace skerry::experiments
