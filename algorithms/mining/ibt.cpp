// Image-box thresholds (IBT): hard where many boxes are uncertain.
//
// Definition:  score = share of boxes b with s_b <= theta
//
// Symbols: s_b = confidence of box b, theta = `threshold_box`. A classifier's answer counts as one
// box with its largest class probability. Sedna's filter IBT calls an image hard where the share is
// at least 1 - threshold_img; that bound is the scenario's threshold.
//
// Differences from Sedna: a scenario offloads where the score is above its threshold, not equal to
// it; an empty detection and a malformed one score 1, while in Sedna they are never hard.

#include <algorithm>

#include "algorithms/sdk/hard_sample_miner.hpp"
#include "algorithms/sdk/plugin.hpp"

namespace skerry {
namespace {

class ImageBoxThresholds final : public HardSampleMiner {
 public:
  struct Config {
    float threshold_box = 0.5f;
    template <class V>
    void fields(V& v) {
      v("threshold_box", threshold_box,
        {.meaning = "theta, confidence up to which a box is uncertain", .min = 0, .max = 1});
    }
  };
  explicit ImageBoxThresholds(const Config& config) : config_(config) {}

  float score(const Prediction& prediction, RandomStream) const override {
    if (!well_formed(prediction)) return 1;
    if (!prediction.detector) {
      return *std::max_element(prediction.probabilities.begin(), prediction.probabilities.end()) <=
                     config_.threshold_box
                 ? 1.0f
                 : 0.0f;
    }
    if (prediction.boxes.empty()) return 1;
    const auto uncertain =
        std::count_if(prediction.boxes.begin(), prediction.boxes.end(),
                      [&](const Box& box) { return box.score <= config_.threshold_box; });
    return static_cast<float>(static_cast<double>(uncertain) /
                              static_cast<double>(prediction.boxes.size()));
  }

 private:
  Config config_;
};

}  // namespace

SKERRY_PLUGIN(HardSampleMiner, ImageBoxThresholds, "ibt", "share of boxes with a low confidence")

}  // namespace skerry
