// Nothing is hard: every example stays on the edge.
//
// Definition:  score = 0

#include "algorithms/sdk/hard_sample_miner.hpp"
#include "algorithms/sdk/plugin.hpp"

namespace skerry {
namespace {

class EdgeOnly final : public HardSampleMiner {
 public:
  struct Config {
    template <class V>
    void fields(V&) {}
  };
  explicit EdgeOnly(const Config&) {}

  float score(const Prediction&, RandomStream) const override { return 0; }
  float hardest() const override { return 0; }
};

}  // namespace

SKERRY_PLUGIN(HardSampleMiner, EdgeOnly, "edge_only", "nothing is hard: all stays on the edge")

}  // namespace skerry
