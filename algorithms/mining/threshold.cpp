// Hard where the model's confidence is low on average.
//
// Definition:  score = 1 - mean_b s_b
//
// Symbols: s_b = confidence of box b. A classifier's answer counts as one box with its largest
// class probability. Sedna's filter Threshold calls an example hard where the mean is below a
// threshold t: the scenario's threshold is 1 - t.
//
// Differences from Sedna: an empty detection and a malformed one score 1, while in Sedna they are
// never hard.

#include <algorithm>

#include "algorithms/sdk/hard_sample_miner.hpp"
#include "algorithms/sdk/plugin.hpp"

namespace skerry {
namespace {

class Threshold final : public HardSampleMiner {
 public:
  struct Config {
    template <class V>
    void fields(V&) {}
  };
  explicit Threshold(const Config&) {}

  float score(const Prediction& prediction, RandomStream) const override {
    if (!well_formed(prediction)) return 1;
    if (!prediction.detector) {
      return 1 -
             *std::max_element(prediction.probabilities.begin(), prediction.probabilities.end());
    }
    if (prediction.boxes.empty()) return 1;
    double sum = 0;
    for (const Box& box : prediction.boxes) sum += box.score;
    return static_cast<float>(1 - sum / static_cast<double>(prediction.boxes.size()));
  }
};

}  // namespace

SKERRY_PLUGIN(HardSampleMiner, Threshold, "threshold", "one minus the mean confidence of the boxes")

}  // namespace skerry
