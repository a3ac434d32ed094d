#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "algorithms/sdk/config_node.hpp"
#include "algorithms/sdk/result.hpp"
#include "experiments/results/manifest.hpp"

namespace skerry::experiments {

struct StoredRun;

/// What decides the bits of a run. Wherever two pieces of work meet (a finished folder, the
/// checkpoints of an interrupted run, runs of one report, the state of a live run), their
/// identities are compared, and work of another run is refused.
struct RunIdentity {
  ConfigNode scenario;                     // resolved: every key with its value
  std::optional<std::uint64_t> data_hash;  // nothing before the data was loaded
  std::string numerics;                    // `native-1`; empty before the data was loaded
  std::vector<std::string> plugins;        // SHA-256 of each plugin's file, sorted
};

RunIdentity identity_of(const StoredRun& run);

/// SHA-256 of each file, sorted.
/// Errors: a file that cannot be read.
Result<std::vector<std::string>> plugin_hashes(const std::vector<std::string>& files);

/// The first thing in which two runs differ, in words: `/local/optimizer/learning_rate is 0.1
/// there and 9 here`. Nothing where they are the same. `stop` is left out: see stop_change(). What
/// one of them does not know yet is not compared.
std::optional<std::string> difference(const RunIdentity& there, const RunIdentity& here);

/// The first pointer at which two documents differ, with both values, as in difference(). Members
/// of the outermost object that `without` names are not looked at.
std::optional<std::string> difference(const ConfigNode& there, const ConfigNode& here,
                                      const std::vector<std::string_view>& without = {});

/// How the `stop` of a scenario relates to an earlier one.
enum class StopChange {
  kNone,
  kLater,  // the same conditions, and none holds earlier: the run may go on from the earlier end
  kOther,
};

/// A limit on time must stay as it is, since its timer is set at the start of a run.
/// @param may_go_on  what ParadigmFactory says of it.
StopChange stop_change(const ConfigNode& earlier, const ConfigNode& later, bool may_go_on);

/// An identity as checkpoints keep it, and back.
ConfigNode to_node(const RunIdentity& identity);
/// Errors: the first key that is missing or of the wrong kind.
Result<RunIdentity> identity_from_node(const ConfigNode& node);

/// The same number for the same run, however it stops.
std::uint64_t hash_of(const RunIdentity& identity);

}  // namespace skerry::experiments
