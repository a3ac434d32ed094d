#pragma once

#include <optional>
#include <string>

#include "algorithms/sdk/result.hpp"
#include "experiments/options.hpp"
#include "experiments/signal_watch.hpp"
#include "real/keys.hpp"

namespace skerry::experiments {

/// Options that cloud, edge and status share: how peers are told apart.
void add_identity_options(Options& options);
/// The keys that --keys names, or nothing where --plaintext was said.
Result<std::optional<real::NodeKeys>> identity_of(const Options& options, const std::string& name);

/// What is wrong with the address of a cloud, `HOST:PORT`; empty where nothing is.
std::string fault_in_address(const std::string& address);

/// Options of a node that runs a role: --state, --record, --threads, --stop-grace.
void add_node_options(Options& options);
/// How such a node takes signals. Fails where --stop-grace is not a duration,
/// and where there is no folder to --record in.
Result<SignalWatch::Options> watch_options(const Options& options);

}  // namespace skerry::experiments
