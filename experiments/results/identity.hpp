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

/// What decides the bits of a run. Before work is continued or combined (a finished folder, the
/// checkpoints of an interrupted run, the runs of one group, the state of a live run), the
/// identities are compared, and work of another run is refused.
struct RunIdentity {
  ConfigNode scenario;                     // resolved: every key with its value
  std::optional<std::uint64_t> data_hash;  // nothing before the data is loaded
  std::string numerics;                    // `native-1`; empty before the data is loaded
  std::vector<std::string> plugins;        // SHA-256 of each plugin's file, sorted
};

RunIdentity identity_of(const StoredRun& run);

/// The SHA-256 of each file, sorted.
/// Errors: a file cannot be read.
Result<std::vector<std::string>> plugin_hashes(const std::vector<std::string>& files);

/// The first difference between two runs, in words: `/local/optimizer/learning_rate is 0.1 there
/// and 9 here`. Nothing if they are the same. `stop` is not compared: see stop_change(). Neither
/// are a data hash and numerics that one of the two does not know yet.
std::optional<std::string> difference(const RunIdentity& there, const RunIdentity& here);

/// The first JSON pointer at which two documents differ, with both values, in the same words.
/// @param without  members of the outermost object that are not compared.
std::optional<std::string> difference(const ConfigNode& there, const ConfigNode& here,
                                      const std::vector<std::string_view>& without = {});

/// How the `stop` of a scenario differs from an earlier one.
enum class StopChange {
  kNone,
  kLater,  // the same conditions, none met earlier: the run may go on from the earlier end
  kOther,  // the run may not go on
};

/// Compares the `stop` of two scenarios. A limit on time must be equal in both, because its timer
/// is set when a run starts.
/// @param may_go_on  ParadigmFactory::may_go_on(). If false, any difference is kOther.
StopChange stop_change(const ConfigNode& earlier, const ConfigNode& later, bool may_go_on);

/// An identity as JSON, which checkpoints and live state keep.
ConfigNode to_node(const RunIdentity& identity);
/// Reads it back. The data hash must be there.
/// Errors: the first key that is missing or of the wrong type.
Result<RunIdentity> identity_from_node(const ConfigNode& node);

/// A hash of the whole identity except `stop`.
std::uint64_t hash_of(const RunIdentity& identity);

}  // namespace skerry::experiments
