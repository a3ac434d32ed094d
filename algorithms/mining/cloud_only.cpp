// Everything is hard: every example goes to the cloud (at any threshold below 1).
//
// Definition:  score = 1

#include "algorithms/sdk/hard_sample_miner.hpp"
#include "algorithms/sdk/plugin.hpp"

namespace skerry {
namespace {

class CloudOnly final : public HardSampleMiner {
 public:
  struct Config {
    template <class V>
    void fields(V&) {}
  };
  explicit CloudOnly(const Config&) {}

  float score(const Prediction&, RandomStream) const override { return 1; }
  float easiest() const override { return 1; }
};

}  // namespace

SKERRY_PLUGIN(HardSampleMiner, CloudOnly, "cloud_only", "everything is hard: all goes to the cloud")

}  // namespace skerry
