// A hyperplane through the middle of the unit cube, which is drawn anew or turns slowly.
//
//   x uniform in [0, 1]^d;  class 1 where sum_i w_i x_i >= 1/2 sum_i w_i, else 0
//   w_i(0) uniform in [0, 1), s_i(0) = 1;  after each row, for the first k inputs:
//   w_i += s_i t;  s_i changes its sign with probability sigma
//   a share of the rows (`noise_percentage`, 0 ... 1) has the other class
//   t: `mag_change`; k: `n_drift_features`; d: `n_features`, as in river
//
// Reference: Hulten, Spencer, Domingos 2001, "Mining time-changing data streams"; weights,
// drift and names as MOA's HyperplaneGenerator and river's Hyperplane have them.
// Differences: our random numbers. Each concept has weights w(0) of its own and all share one
// drift, which follows the time of the whole stream; where the drift is incremental there is one
// w(0). river's noise and sigma come out 0.01 lower than asked; ours and MOA's do not.
// Cost: the drift is walked once when loading, k steps a row and 4 k bytes a row meanwhile; rows
// are then independent of each other.

#include "algorithms/sdk/plugin.hpp"
#include "datasets/drifting_data.hpp"
#include "datasets/generated.hpp"

namespace skerry::datasets {

namespace {

struct HyperplaneConfig {
  std::uint32_t n_features = 10;
  std::optional<std::uint32_t> n_drift_features;
  double mag_change = 0;
  double noise_percentage = 0.05;
  std::optional<double> sigma;
  DriftConfig drift;
  template <class V>
  void fields(V& v) {
    v("n_features", n_features, {.meaning = "inputs of a sample", .min = 1, .max = 1e5});
    v("n_drift_features", n_drift_features,
      {.meaning = "inputs whose weights move; default: 2", .min = 0, .max = 1e5});
    v("mag_change", mag_change,
      {.meaning = "by how much a weight moves with every row", .min = 0, .max = 1});
    v("noise_percentage", noise_percentage,
      {.meaning = "share of rows with the wrong class", .min = 0, .max = 1});
    v("sigma", sigma,
      {.meaning = "probability that a weight turns round after a row; default: 0.1",
       .min = 0,
       .max = 1});
    drift.fields(v);
  }
  void check(FieldReader& reader) const {
    drift.check(reader, n_features);
    if (n_drift_features.value_or(0) > n_features) {
      reader.error("n_drift_features", "must be at most n_features");
    } else if (mag_change == 0 && (n_drift_features || sigma)) {
      reader.error(sigma ? "sigma" : "n_drift_features",
                   "has no effect: no weight moves, since \"mag_change\" is 0");
    }
    if (drift.drift == Drift::kIncremental && !moves()) {
      reader.error("mag_change", "and n_drift_features must be above 0 for incremental drift");
    }
  }
  std::uint32_t moving() const { return std::min(n_drift_features.value_or(2), n_features); }
  double turns() const { return sigma.value_or(0.1); }
  bool moves() const { return mag_change > 0 && moving() > 0; }
};

/// The weights of all concepts at all times of one stream.
class PlaneWeights {
 public:
  PlaneWeights(const HyperplaneConfig& config, std::uint64_t seed)
      : features_(config.n_features),
        moving_(config.moves() ? config.moving() : 0),
        step_(config.mag_change) {
    for (std::uint32_t c = 0; c < config.drift.rules(); ++c) {
      RandomStream random(seed, "hyperplane.weights", NodeId::from_number(c));
      for (std::uint32_t i = 0; i < features_; ++i) first_.push_back(random.uniform());
    }
    steps_.resize(std::size_t{config.drift.samples} * moving_);
    for (std::uint32_t i = 0; i < moving_; ++i) {
      RandomStream random(seed, "hyperplane.drift", NodeId::from_number(i));
      std::int32_t direction = 1;
      for (std::size_t at = i + moving_; at < steps_.size(); at += moving_) {
        steps_[at] = steps_[at - moving_] + direction;
        if (random.uniform() < config.turns()) direction = -direction;
      }
    }
  }

  double at(const Moment& moment, std::uint32_t i) const {
    const std::size_t rule = moment.concept_number % (first_.size() / features_);
    const double first = first_[rule * features_ + i];
    return i < moving_ ? first + step_ * steps_[std::size_t{moment.time} * moving_ + i] : first;
  }

 private:
  std::uint32_t features_;
  std::uint32_t moving_;
  double step_;
  std::vector<double> first_;        // [rules x features]
  std::vector<std::int32_t> steps_;  // [samples x moving]: steps up less steps down until then
};

class Hyperplane final : public DataSource {
 public:
  using Config = HyperplaneConfig;
  explicit Hyperplane(const Config& config) : config_(config) {}

  std::optional<Extent> extent(const DataEnvironment&) const override {
    return config_.drift.extent(schema());
  }
  Result<DataSet> load(const DataEnvironment& environment) const override {
    const std::uint64_t seed = seed_of(config_.drift.seed, environment.seed);
    const PlaneWeights weights(config_, seed);
    DataSet data =
        drifting_data(config_.drift,
                      {.source = "hyperplane",
                       .schema = schema(),
                       .draw = [&](const Moment& moment, RandomStream& random,
                                   std::span<float> x) { return row(weights, moment, random, x); }},
                      seed);
    data.content_hash = hash(seed);
    return data;
  }

 private:
  DataSchema schema() const { return {.input = {config_.n_features}, .classes = 2}; }

  std::int32_t row(const PlaneWeights& weights, const Moment& moment, RandomStream& random,
                   std::span<float> x) const {
    double sum = 0, all = 0;
    for (std::uint32_t i = 0; i < config_.n_features; ++i) {
      x[i] = static_cast<float>(random.uniform());
      const double weight = weights.at(moment, i);
      sum += weight * static_cast<double>(x[i]);
      all += weight;
    }
    const bool wrong = random.uniform() < config_.noise_percentage;
    return (sum >= 0.5 * all) != wrong ? 1 : 0;
  }

  std::uint64_t hash(std::uint64_t seed) const {
    ByteWriter writer;
    writer(std::string("hyperplane 1"), seed, config_.n_features, config_.moving(),
           config_.mag_change, config_.noise_percentage, config_.turns());
    config_.drift.hash_into(writer);
    return hash_of(writer);
  }

  Config config_;
};

SKERRY_PLUGIN(DataSource, Hyperplane, "hyperplane", "a hyperplane that is drawn anew or turns")

}  // namespace

}  // namespace skerry::datasets
