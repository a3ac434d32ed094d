#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "algorithms/sdk/random.hpp"
#include "algorithms/sdk/record.hpp"
#include "algorithms/sdk/reducer.hpp"
#include "algorithms/sdk/workspace.hpp"

namespace skerry {

struct PluginEntry;

/// What a stage promises, and what it needs of the host.
struct ServerStageTraits {
  /// Its noise is a secret: live it comes from the operating system and is never recorded. The host
  /// therefore journals the stage's result before anybody sees it, and never runs the job again: a
  /// second draw over the same sum would give the first one away.
  bool once = false;
  /// It also acts in a round without updates, where every reduced record is zero. Such a round is
  /// then finished like any other instead of abandoned: DP-FedAvg hides whether anybody took part.
  bool empty_cohort = false;
};

/// Inputs and outputs of one call of act().
struct ServerStageContext {
  /// The reduced records, opened and by name: means and sums over the accepted updates. Changed in
  /// place. What is done to them is seen by Reducer::finish() and by the local method's combine().
  Payload& reduced;
  std::span<const UpdateInfo> infos;  // of the accepted updates, by node; may be empty
  std::uint32_t population;           // nodes of the whole federation
  std::uint32_t exchange;             // within the round, from 0
  Payload& state;                     // the stage's own records, kept by the cloud between rounds
  /// The only source of chance. The host has seeded it: from the scenario's seed in a simulation,
  /// and with `once` from the operating system where the run is live. A stage neither knows nor
  /// chooses which.
  RandomStream& noise;
  Workspace& workspace;
};

/// A step between the reducer and the server's optimiser: central noise, clipping of the mean.
///
/// Stages act in the order of the scenario's list, in the job that finishes a round. Immutable: all
/// that lasts is in the records of its state. Equal contexts give equal bits.
class ServerStage {
 public:
  static constexpr const char* kSlot = "server stage";
  virtual ~ServerStage() = default;

  virtual ServerStageTraits traits() const { return {}; }
  /// Records it keeps between rounds, zero at first. Names begin with the stage's.
  virtual std::vector<RecordSpec> state(std::span<const RecordSpec> reduced) const {
    (void)reduced;
    return {};
  }
  virtual void act(ServerStageContext& context) const = 0;
};

/// See checked.hpp.
std::unique_ptr<ServerStage> checked(std::unique_ptr<ServerStage> plugin, const PluginEntry& entry);

}  // namespace skerry
