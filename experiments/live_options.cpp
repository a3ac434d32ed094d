#include "experiments/live_options.hpp"

#include <algorithm>
#include <charconv>
#include <thread>

#include "real/loopback.hpp"

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

std::string fault_in_address(const Options& options, const std::string& address) {
  const auto colon = address.rfind(':');
  const std::string port = colon == std::string::npos ? "" : address.substr(colon + 1);
  unsigned number = 0;
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), number);
  const bool whole = !port.empty() && error == std::errc() && end == port.data() + port.size();
  if (!whole || number > 65535 || colon == 0) {
    return "\"" + address + "\" is not HOST:PORT with a port between 0 and 65535";
  }
  if (!options.has("plaintext") || real::is_loopback(address)) return {};
  return address +
         " may be reached from other machines, so it needs --keys; --plaintext is for 127.0.0.1, "
         "localhost and [::1]";
}

void add_operator_options(Options& options) {
  options.add()("name", po::value<std::string>()->default_value("operator"),
                "whose certificate to show");
  add_identity_options(options);
}

Result<std::optional<real::NodeKeys>> operator_of(const Options& options,
                                                  const std::string& address) {
  if (options.has("plaintext") && options.given("name")) {
    return Failure{"--name goes with --keys: --plaintext shows no certificate"};
  }
  auto keys = identity_of(options, options.get<std::string>("name"));
  if (!keys) return keys.failure();
  std::string fault = fault_in_address(options, address);
  if (!fault.empty()) return Failure{std::move(fault)};
  return keys;
}

void add_node_options(Options& options) {
  options.add()("state", po::value<std::string>(),
                "folder that outlives the process: a killed node goes on where it was")(
      "record",
      "keep every input in the state folder (it holds what nodes sent); skerry replay runs that of "
      "a "
      "cloud again");
  options.add_threads(std::max(1u, std::thread::hardware_concurrency()));
  add_stop_grace(options);
}

Result<SignalWatch::Options> watch_options(const Options& options) {
  if (options.has("record") && !options.has("state")) {
    return Failure{"--record keeps inputs in the folder of --state: give that, too"};
  }
  if (options.given("checkpoint-every") && !options.has("state")) {
    return Failure{"--checkpoint-every is about the folder of --state: give that, too"};
  }
  auto grace = stop_grace_of(options);
  if (!grace) return grace.failure();
  SignalWatch::Options watch{.grace = *grace};
  if (options.has("state")) {
    watch.advice = [] { return "the same command goes on with the run"; };
  }
  return watch;
}

}  // namespace skerry::experiments
