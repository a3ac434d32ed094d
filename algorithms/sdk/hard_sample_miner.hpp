#pragma once

#include <memory>

#include "algorithms/sdk/prediction.hpp"
#include "algorithms/sdk/random.hpp"

namespace skerry {

struct PluginEntry;

/// Tells how hard an example was for the edge's model. It returns a score; the threshold above
/// which an example is offloaded is the scenario's.
class HardSampleMiner {
 public:
  static constexpr const char* kSlot = "miner";
  virtual ~HardSampleMiner() = default;
  /// In [0, 1], higher = harder. An empty detection or a malformed prediction is as hard as can be
  /// (1), unless the rule does not look at predictions at all.
  virtual float score(const Prediction& prediction, RandomStream random) const = 0;
  /// In [0, 1]: no score is above it, whatever the prediction.
  virtual float hardest() const { return 1; }
  /// In [0, 1]: no score is below it. Where it equals hardest(), a threshold decides nothing.
  virtual float easiest() const { return 0; }
};

/// See checked.hpp.
std::unique_ptr<HardSampleMiner> checked(std::unique_ptr<HardSampleMiner> plugin,
                                         const PluginEntry& entry);

}  // namespace skerry
