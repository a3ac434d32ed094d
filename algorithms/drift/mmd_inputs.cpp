// The latest examples are distributed otherwise than the first ones, all features together.
// [Gretton, Borgwardt, Rasch, Schoelkopf, Smola 2012, "A kernel two-sample test"]
//
//   M = A / (m (m - 1)) - 2 C / m^2                                      [eq. (3), with n = m]
//   A = sum_(i /= j) k(x_i, x_j) + k(y_i, y_j),   C = sum_(i, j) k(x_i, y_j)
//   k(a, b) = exp(-|a - b|^2 / (2 s^2))
//   drift where P(M of permuted labels >= M) <= alpha
//
// Symbols: x = the first m = `window_size` examples since the beginning; y = the latest m; M = the
// unbiased estimate of MMD^2, which may be negative; s = median distance of pairs of the pooled
// examples (sec. 8). P = (1 + number of `permutations` whose M is at least as large) / (1 +
// permutations). It is tested every `stride` examples, from 2 m on.
//
// Differences from the paper: the test is repeated, so that alpha is the chance of a false drift of
// one test, not of a stream; pairs of equal examples are left out of the median; permutations stop
// once P > alpha is certain. river has no counterpart.
//
// Memory: 2 m d values of d features; while testing, 4 m^2 kernel values more.
// Cost of a test: O(m^2 (d + permutations)).

#include <algorithm>
#include <numeric>
#include <vector>

#include "algorithms/drift/two_windows.hpp"
#include "algorithms/sdk/drift_detector.hpp"
#include "algorithms/sdk/elementary.hpp"
#include "algorithms/sdk/plugin.hpp"

namespace skerry {
namespace {

class MmdInputs final : public DriftDetector {
 public:
  struct Config {
    double alpha = 0.005;
    std::uint32_t window_size = 50;
    std::uint32_t stride = 10;
    std::uint32_t permutations = 199;
    template <class V>
    void fields(V& v) {
      v("alpha", alpha, {.meaning = "chance of a false drift of one test", .min = 0, .max = 1});
      v("window_size", window_size, {.meaning = "m, examples on each side", .min = 2, .max = 5000});
      v("stride", stride, {.meaning = "examples from one test to the next", .min = 1});
      v("permutations", permutations, {.meaning = "of the labels, in a test", .min = 1});
    }
    template <class R>
    void check(R& reader) const {
      if (alpha * (permutations + 1.0) < 1) {
        reader.error("permutations", "are too few to find a chance as small as \"alpha\"");
      }
    }
  };
  explicit MmdInputs(const Config& config) : config_(config), windows_(config.window_size) {}

  DriftTraits traits() const override { return {.watches = DriftTraits::Watches::kInputs}; }

  Drift add(std::span<const double> observation, RandomStream random) override {
    if (drifted_) begin_anew();
    windows_.add(observation);
    if (!windows_.full() || windows_.seen() % config_.stride != 0) return Drift::kNone;
    const std::vector<double> kernel = kernels();
    drifted_ = !kernel.empty() && differs(kernel, random);
    if (kernel.empty()) mmd_ = 0;
    return drifted_ ? Drift::kDrift : Drift::kNone;
  }
  double estimate() const override { return mmd_; }
  void save(ByteWriter& writer) const override { writer(windows_, mmd_, drifted_); }
  void load(ByteReader& reader) override { reader(windows_, mmd_, drifted_); }

 private:
  void begin_anew() {
    windows_.clear();
    mmd_ = 0;
    drifted_ = false;
  }

  std::span<const double> pooled(std::size_t i) const {
    return i < windows_.size() ? windows_.reference(i) : windows_.current(i - windows_.size());
  }

  double squared_distance(std::size_t i, std::size_t j) const {
    const auto a = pooled(i), b = pooled(j);
    double sum = 0;
    for (std::size_t feature = 0; feature < a.size(); ++feature) {
      sum += (a[feature] - b[feature]) * (a[feature] - b[feature]);
    }
    return sum;
  }

  /// k of all pairs of the pooled examples, [2m, 2m]; empty where all examples are equal.
  std::vector<double> kernels() const {
    const std::size_t count = 2 * windows_.size();
    std::vector<double> kernel(count * count, 0), apart;
    for (std::size_t i = 0; i < count; ++i) {
      for (std::size_t j = 0; j < i; ++j) {
        kernel[i * count + j] = squared_distance(i, j);
        if (kernel[i * count + j] > 0) apart.push_back(kernel[i * count + j]);
      }
    }
    if (apart.empty()) return {};
    // The median of the distances squared is the square of their median; the upper one of an even
    // number.
    const auto middle = apart.begin() + static_cast<std::ptrdiff_t>(apart.size() / 2);
    std::nth_element(apart.begin(), middle, apart.end());
    for (std::size_t i = 0; i < count; ++i) {
      kernel[i * count + i] = 1;
      for (std::size_t j = 0; j < i; ++j) {
        kernel[i * count + j] = exp_f64(-kernel[i * count + j] / (2 * *middle));
        kernel[j * count + i] = kernel[i * count + j];
      }
    }
    return kernel;
  }

  /// C where the first m of `order` are x.
  double across(const std::vector<double>& kernel, std::span<const std::uint32_t> order) const {
    const std::size_t m = windows_.size();
    double sum = 0;
    for (std::size_t i = 0; i < m; ++i) {
      const double* row = &kernel[order[i] * 2 * m];
      for (std::size_t j = m; j < 2 * m; ++j) sum += row[order[j]];
    }
    return sum;
  }

  bool differs(const std::vector<double>& kernel, RandomStream& random) {
    const double m = static_cast<double>(windows_.size());
    // Diagonal excluded, everything is A + 2 C, whatever the labels.
    const double all = std::accumulate(kernel.begin(), kernel.end(), -2 * m);
    const auto mmd = [&](double c) { return (all - 2 * c) / (m * (m - 1)) - 2 * c / (m * m); };
    std::vector<std::uint32_t> order(2 * windows_.size());
    std::iota(order.begin(), order.end(), 0u);
    mmd_ = mmd(across(kernel, order));
    const double tests = config_.permutations + 1.0;
    double as_large = 1;
    for (std::uint32_t i = 0; i < config_.permutations; ++i) {
      random.shuffle(std::span(order));
      as_large += mmd(across(kernel, order)) >= mmd_ ? 1 : 0;
      if (as_large > config_.alpha * tests) return false;
    }
    return true;
  }

  Config config_;
  TwoWindows windows_;
  double mmd_ = 0;
  bool drifted_ = false;
};

}  // namespace

SKERRY_PLUGIN(DriftDetector, MmdInputs, "mmd_inputs",
              "the latest examples lie otherwise than the first ones, by a kernel test")

}  // namespace skerry
