#pragma once

#include <optional>
#include <string>

#include "algorithms/sdk/result.hpp"
#include "experiments/options.hpp"
#include "experiments/signal_watch.hpp"
#include "real/keys.hpp"

namespace skerry::experiments {

/// Adds --keys and --plaintext, which say how peers are told apart.
void add_identity_options(Options& options);
/// The keys of the node `name` from the folder that --keys names; nothing with --plaintext.
/// Errors: both options or neither are given, or the folder does not have those keys.
Result<std::optional<real::NodeKeys>> identity_of(const Options& options, const std::string& name);

/// Says why `address` is not a cloud's `HOST:PORT`, or why it may not be used without keys; empty
/// for a good one. Looks nothing up.
std::string fault_in_address(const Options& options, const std::string& address);

/// Adds the options of a command with which an operator speaks to a cloud: --name, and those of
/// add_identity_options().
void add_operator_options(Options& options);
/// The keys with which that operator speaks to the cloud at `address`; nothing with --plaintext.
/// Errors: those of identity_of() and fault_in_address(); --name is given with --plaintext.
Result<std::optional<real::NodeKeys>> operator_of(const Options& options,
                                                  const std::string& address);

/// Adds the options of a node that runs a role: --state, --record, --threads, --stop-grace.
void add_node_options(Options& options);
/// How such a node takes signals.
/// Errors: --stop-grace is not a duration; --record is given without --state.
Result<SignalWatch::Options> watch_options(const Options& options);

}  // namespace skerry::experiments
