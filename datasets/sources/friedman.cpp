// Friedman's first regression problem: five inputs that count, and others that do not.
//
//   x_1 ... x_d uniform in [0, 1]
//   y = 10 sin(pi x_1 x_2) + 20 (x_3 - 1/2)^2 + 10 x_4 + 5 x_5 + noise * e,   e normal(0, 1)
//
// Reference: Friedman 1991, "Multivariate adaptive regression splines", sec. 4.3, eq. (61), where
// d = 10 and noise = 1; also Breiman 1996, "Bagging predictors". As scikit-learn's make_friedman1.
// Differences: our random numbers. With noise 1 no model has a root mean squared error below 1;
// the mean of y as a predictor has 4.98.

#include <algorithm>
#include <numbers>
#include <utility>
#include <vector>

#include "algorithms/sdk/fields.hpp"
#include "algorithms/sdk/plugin.hpp"
#include "algorithms/sdk/random.hpp"
#include "datasets/data_source.hpp"
#include "datasets/generated.hpp"
#include "datasets/samples.hpp"

namespace skerry::datasets {

namespace {

struct FriedmanConfig {
  std::uint32_t features = 10;
  std::uint32_t samples = 2000;
  std::uint32_t test_samples = 1000;
  double noise = 1;
  std::optional<std::int64_t> seed;

  template <class V>
  void fields(V& v) {
    v("features", features,
      {.meaning = "inputs, of which the first five count", .min = 5, .max = 1000});
    v("samples", samples, {.meaning = "to train on", .min = 1, .max = 1'000'000});
    v("test_samples", test_samples, {.meaning = "to test on", .max = 1'000'000});
    v("noise", noise, {.meaning = "standard deviation of what no input explains", .min = 0});
    v("seed", seed, {.meaning = "pins the data; default: the run's seed", .min = 0});
  }
};

/// sin(pi z) for z in [0, 1]: the series of cos(pi (z - 1/2)), whose rest is below 1e-17. No libm,
/// whose bits differ between versions.
double sine_of_pi(double z) {
  const double x = std::numbers::pi * (z - 0.5), square = x * x;
  double term = 1, sum = 1;
  for (int k = 1; k <= 12; ++k) {
    term *= -square / static_cast<double>((2 * k - 1) * (2 * k));
    sum += term;
  }
  return sum;
}

class Friedman final : public DataSource {
 public:
  using Config = FriedmanConfig;
  explicit Friedman(const Config& config) : config_(config) {}

  std::optional<Extent> extent(const DataEnvironment&) const override {
    return Extent{.schema = schema(), .rows = config_.samples, .test_rows = config_.test_samples};
  }
  Result<DataSet> load(const DataEnvironment& environment) const override {
    const std::uint64_t seed = seed_of(config_.seed, environment.seed);
    DataSet data{.train = drawn(seed, "friedman.train", config_.samples),
                 .content_hash = hash(seed),
                 .origin = "generated from seed " + std::to_string(seed)};
    if (config_.test_samples > 0) data.test = drawn(seed, "friedman.test", config_.test_samples);
    return data;
  }

 private:
  DataSchema schema() const { return {.input = {config_.features}, .values = 1}; }

  std::shared_ptr<const Samples> drawn(std::uint64_t seed, const char* purpose,
                                       std::uint32_t count) const {
    const std::size_t width = config_.features;
    std::vector<float> inputs(count * width), targets(count);
    for (std::uint32_t row = 0; row < count; ++row) {
      RandomStream random(seed, purpose, NodeId::from_number(row));
      const std::span<float> x = std::span(inputs).subspan(row * width, width);
      for (float& value : x) value = static_cast<float>(random.uniform());
      targets[row] = static_cast<float>(value_of(x) + config_.noise * random.normal());
    }
    return std::make_shared<FloatSamples>(schema(), std::move(inputs),
                                          std::vector<std::int32_t>(count), std::move(targets));
  }

  /// Of the inputs as they are kept.
  static double value_of(std::span<const float> x) {
    const double bend = double{x[2]} - 0.5;
    return 10 * sine_of_pi(double{x[0]} * double{x[1]}) + 20 * bend * bend + 10 * double{x[3]} +
           5 * double{x[4]};
  }

  std::uint64_t hash(std::uint64_t seed) const {
    ByteWriter writer;
    writer(std::string("friedman 1"), seed, config_.features, config_.samples, config_.test_samples,
           config_.noise);
    return hash_of(writer);
  }

  Config config_;
};

SKERRY_PLUGIN(DataSource, Friedman, "friedman", "real numbers that five of ten inputs explain")

}  // namespace

}  // namespace skerry::datasets
