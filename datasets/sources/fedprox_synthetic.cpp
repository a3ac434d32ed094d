// The synthetic data of FedProx: every device has its own softmax model and its own inputs (spread
// by beta).
//
//   u_k ~ N(0, alpha^2), B_k ~ N(0, beta^2)
//   W_k [classes x features], b_k [classes] ~ N(u_k, 1);  v_k [features] ~ N(B_k, 1)
//   x ~ N(v_k, diag(j^-1.2)), j = 1 ... features;  y = argmax softmax(W_k x + b_k)
//   n_k = 50 + floor(exp(4 + 2 z)), z ~ N(0, 1);  the last tenth of them is test data
//
// Reference: Li et al. 2020, "Federated Optimization in Heterogeneous Networks", sec. 5.1; numbers
// of samples and of test samples as in the authors' published generator.
// Differences: alpha and beta are standard deviations, as in that generator (the paper's notation
// reads as variances; both agree at 0 and 1); our random numbers.
//
// What alpha does: nothing, in that generator as here. u_k is added to every entry of W_k and b_k,
// so it moves the scores of all classes of a sample by the same u_k (1 + sum_j x_j): no argmax
// changes. The models of devices differ because W_k and b_k are drawn anew for each, whatever alpha
// is.

#include <cmath>
#include <numeric>

#include "algorithms/sdk/archive.hpp"
#include "algorithms/sdk/elementary.hpp"
#include "algorithms/sdk/plugin.hpp"
#include "algorithms/sdk/random.hpp"
#include "datasets/class_labels.hpp"
#include "datasets/data_source.hpp"
#include "datasets/generated.hpp"
#include "datasets/samples.hpp"

namespace skerry::datasets {

namespace {

constexpr std::uint64_t kMostValues = std::uint64_t{1} << 32;  // 16 GiB of inputs

struct FedproxConfig {
  double alpha = 1;
  double beta = 1;
  bool iid = false;
  std::uint32_t devices = 30;
  std::uint32_t features = 60;
  std::uint32_t classes = 10;
  std::optional<std::int64_t> seed;
  template <class V>
  void fields(V& v) {
    v("alpha", alpha,
      {.meaning = "as in the paper, spread of u_k; it moves no label, since it moves the scores of "
                  "all classes alike",
       .min = 0});
    v("beta", beta, {.meaning = "how much the devices' inputs differ", .min = 0});
    v("iid", iid, {.meaning = "one model and one distribution of inputs for all devices"});
    v("devices", devices, {.meaning = "number of devices (natural ids)", .min = 1, .max = 1e6});
    v("features", features, {.meaning = "inputs of a sample", .min = 1, .max = 1e5});
    v("classes", classes, {.meaning = "number of classes", .min = 2, .max = 1e4});
    v("seed", seed, {.meaning = "pins the data; default: the run's seed", .min = 0});
  }
};

struct Device {
  std::vector<double> weights;  // W_k, [classes x features]
  std::vector<double> bias;     // b_k
  std::vector<double> centre;   // v_k
};

struct Table {
  std::vector<float> inputs;
  std::vector<std::int32_t> labels;
};

class FedproxSynthetic final : public DataSource {
 public:
  using Config = FedproxConfig;
  explicit FedproxSynthetic(const Config& config) : config_(config) {
    for (std::uint32_t j = 0; j < config.features; ++j) {
      deviations_.push_back(std::sqrt(pow_f64(j + 1, -1.2)));
    }
  }

  std::optional<Extent> extent(const DataEnvironment& environment) const override {
    std::uint64_t trained = 0, total = 0;
    for (const std::uint64_t size : sizes(seed_of(config_.seed, environment.seed))) {
      trained += to_train_on(size);
      total += size;
    }
    if (total * config_.features > kMostValues) return std::nullopt;  // load() refuses
    return Extent{.schema = schema(),
                  .rows = static_cast<std::uint32_t>(trained),
                  .test_rows = static_cast<std::uint32_t>(total - trained),
                  .makers = config_.devices};
  }
  Result<DataSet> load(const DataEnvironment& environment) const override {
    const std::uint64_t seed = seed_of(config_.seed, environment.seed);
    const std::vector<std::uint64_t> sizes = this->sizes(seed);
    const auto total = std::accumulate(sizes.begin(), sizes.end(), std::uint64_t{0});
    if (total * config_.features > kMostValues) {
      return Failure{"fedprox_synthetic: " + std::to_string(config_.devices) + " devices drew " +
                     std::to_string(total) +
                     " samples in all, more than memory should hold; use fewer devices"};
    }
    Table train, test;
    std::vector<std::uint32_t> makers;
    for (std::uint32_t k = 0; k < config_.devices; ++k) {
      const std::uint64_t trained = to_train_on(sizes[k]);
      draw_samples(seed, k, trained, sizes[k], train, test);
      makers.resize(train.labels.size(), k);
    }
    DataSet data{.train = std::make_shared<FloatSamples>(schema(), std::move(train.inputs),
                                                         std::move(train.labels)),
                 .test = std::make_shared<FloatSamples>(schema(), std::move(test.inputs),
                                                        std::move(test.labels)),
                 .natural_ids = std::move(makers),
                 .content_hash = hash(seed),
                 .origin = "generated from seed " + std::to_string(seed)};
    data.class_names = numbered_names(config_.classes);
    return data;
  }

 private:
  DataSchema schema() const { return {.input = {config_.features}, .classes = config_.classes}; }

  /// Samples of each device, those to test on included.
  std::vector<std::uint64_t> sizes(std::uint64_t seed) const {
    std::vector<std::uint64_t> sizes;
    for (std::uint32_t k = 0; k < config_.devices; ++k) {
      RandomStream random(seed, "fedprox_synthetic.size", NodeId::edge(k));
      sizes.push_back(50 + static_cast<std::uint64_t>(exp_f64(4 + 2 * random.normal())));
    }
    return sizes;
  }
  static std::uint64_t to_train_on(std::uint64_t size) { return size * 9 / 10; }

  Device draw_device(std::uint64_t seed, std::uint32_t k) const {
    RandomStream random(seed, "fedprox_synthetic.device", NodeId::edge(config_.iid ? 0 : k));
    const double u = config_.iid ? 0 : config_.alpha * random.normal();
    const double b = config_.iid ? 0 : config_.beta * random.normal();
    Device device;
    for (std::uint32_t j = 0; j < config_.features; ++j) {
      device.centre.push_back(config_.iid ? 0 : b + random.normal());
    }
    for (std::uint32_t i = 0; i < config_.classes * config_.features; ++i) {
      device.weights.push_back(u + random.normal());
    }
    for (std::uint32_t c = 0; c < config_.classes; ++c) device.bias.push_back(u + random.normal());
    return device;
  }

  void draw_samples(std::uint64_t seed, std::uint32_t k, std::uint64_t trained, std::uint64_t size,
                    Table& train, Table& test) const {
    const Device device = draw_device(seed, k);
    RandomStream random(seed, "fedprox_synthetic.samples", NodeId::edge(k));
    std::vector<double> x(config_.features);
    for (std::uint64_t i = 0; i < size; ++i) {
      for (std::uint32_t j = 0; j < config_.features; ++j) {
        x[j] = std::fma(deviations_[j], random.normal(), device.centre[j]);
      }
      Table& table = i < trained ? train : test;
      for (const double value : x) table.inputs.push_back(static_cast<float>(value));
      table.labels.push_back(label(device, x));
    }
  }

  std::int32_t label(const Device& device, const std::vector<double>& x) const {
    std::int32_t best = 0;
    double highest = 0;
    for (std::uint32_t c = 0; c < config_.classes; ++c) {
      double score = device.bias[c];
      const double* weights = device.weights.data() + std::size_t{c} * config_.features;
      for (std::size_t j = 0; j < x.size(); ++j) score = std::fma(weights[j], x[j], score);
      if (c == 0 || score > highest) {
        highest = score;
        best = static_cast<std::int32_t>(c);
      }
    }
    return best;
  }

  std::uint64_t hash(std::uint64_t seed) const {
    ByteWriter writer;
    writer(std::string("fedprox_synthetic 1"), seed, config_.alpha, config_.beta, config_.iid,
           config_.devices, config_.features, config_.classes);
    return hash_of(writer);
  }

  Config config_;
  std::vector<double> deviations_;
};

SKERRY_PLUGIN(DataSource, FedproxSynthetic, "fedprox_synthetic",
              "FedProx's synthetic(alpha, beta): a softmax model a device")

}  // namespace

}  // namespace skerry::datasets
