// Some feature is distributed otherwise in the latest examples than in the first ones.
// [Rabanser, Guennemann, Lipton 2019, "Failing loudly: an empirical study of methods for detecting
// dataset shift", sec. 3.2, univariate tests with Bonferroni correction]
//
//   drift where d * min_j P(D >= D_j) <= alpha
//
// Symbols: d = number of features; D_j = two-sample Kolmogorov-Smirnov statistic of feature j
// between the first `window_size` examples since the beginning and the latest `window_size` ones.
// Its probability is exact (two_samples.hpp). It is tested every `stride` examples, from 2
// window_size on.
//
// Differences from the paper: the features are tested as they are, not their representation by a
// model; the test is repeated, so that alpha is the chance of a false drift of one test, not of a
// stream. river has no counterpart.
//
// Memory: 2 window_size d values.

#include <algorithm>
#include <vector>

#include "algorithms/drift/two_samples.hpp"
#include "algorithms/drift/two_windows.hpp"
#include "algorithms/sdk/drift_detector.hpp"
#include "algorithms/sdk/plugin.hpp"

namespace skerry {
namespace {

class KsInputs final : public DriftDetector {
 public:
  struct Config {
    double alpha = 0.005;
    std::uint32_t window_size = 100;
    std::uint32_t stride = 10;
    template <class V>
    void fields(V& v) {
      v("alpha", alpha,
        {.meaning = "chance of a false drift of one test", .min = 0, .max = 1, .above_min = true});
      v("window_size", window_size,
        {.meaning = "examples on each side", .min = 2, .max = 1'000'000});
      v("stride", stride, {.meaning = "examples from one test to the next", .min = 1});
    }
  };
  explicit KsInputs(const Config& config) : config_(config), windows_(config.window_size) {}

  DriftTraits traits() const override { return {.watches = DriftTraits::Watches::kInputs}; }

  Drift add(std::span<const double> observation, RandomStream) override {
    if (drifted_) begin_anew();
    windows_.add(observation);
    if (!windows_.full() || windows_.seen() % config_.stride != 0) return Drift::kNone;
    const std::size_t steps = most_steps();
    distance_ = static_cast<double>(steps) / static_cast<double>(windows_.size());
    const double p = ks_p_value(windows_.size(), steps);
    drifted_ = static_cast<double>(windows_.features()) * p <= config_.alpha;
    return drifted_ ? Drift::kDrift : Drift::kNone;
  }
  double estimate() const override { return distance_; }
  void save(ByteWriter& writer) const override { writer(windows_, distance_, drifted_); }
  void load(ByteReader& reader) override { reader(windows_, distance_, drifted_); }

 private:
  void begin_anew() {
    windows_.clear();
    distance_ = 0;
    drifted_ = false;
  }

  /// The largest statistic of all features, times the size of a window.
  std::size_t most_steps() const {
    const std::size_t size = windows_.size();
    std::vector<double> reference(size), current(size);
    std::size_t most = 0;
    for (std::size_t feature = 0; feature < windows_.features(); ++feature) {
      for (std::size_t i = 0; i < size; ++i) {
        reference[i] = windows_.reference(i)[feature];
        current[i] = windows_.current(i)[feature];
      }
      std::sort(reference.begin(), reference.end());
      std::sort(current.begin(), current.end());
      most = std::max(most, ks_steps(reference, current));
    }
    return most;
  }

  Config config_;
  TwoWindows windows_;
  double distance_ = 0;
  bool drifted_ = false;
};

}  // namespace

SKERRY_PLUGIN(DriftDetector, KsInputs, "ks_inputs",
              "some feature is distributed otherwise than in the first examples")

}  // namespace skerry
