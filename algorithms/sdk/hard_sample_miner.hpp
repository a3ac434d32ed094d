#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "algorithms/sdk/random.hpp"

namespace skerry {

struct PluginEntry;

/// One detected object: corners in pixels, confidence in [0, 1].
struct Box {
  float x0, y0, x1, y1;
  float score;
  std::int32_t label;
};

/// What a model said about one example: class probabilities or boxes.
struct Prediction {
  std::span<const float> probabilities;  // [classes], sums to 1; empty for a detector
  std::span<const Box> boxes;            // may be empty although the model is a detector
  bool detector = false;
};

/// True if every probability or box score is a number in [0, 1], and a classifier gave at least
/// one. Rules that look at predictions score 1 where this fails.
bool well_formed(const Prediction& prediction);

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
