#pragma once

#include <cstdint>
#include <map>
#include <memory>

#include "algorithms/sdk/drift_detector.hpp"
#include "algorithms/sdk/fields.hpp"
#include "algorithms/sdk/registry.hpp"

namespace skerry::parts {

/// One drift detector for each node that something was observed of.
///
/// Memory: that of a detector (stated in its file) a node.
class DriftWatch {
 public:
  /// @param detector  null: nothing is watched.
  DriftWatch(const Choice<DriftDetector>* detector, const Registry& registry, std::uint64_t seed)
      : detector_(detector), registry_(registry), seed_(seed) {}

  /// The next observation of a node, in order.
  Drift observe(NodeId node, double value);

  void save(ByteWriter& writer) const;
  void load(ByteReader& reader);

 private:
  struct Watched {
    std::unique_ptr<DriftDetector> detector;
    Round seen = 0;
  };
  const Choice<DriftDetector>* detector_;
  const Registry& registry_;
  std::uint64_t seed_;
  std::map<NodeId, Watched> nodes_;
};

}  // namespace skerry::parts
