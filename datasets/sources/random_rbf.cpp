// Clouds around centroids, which are drawn anew or move.
//
//   centroid j: centre m_j uniform in [0, 1]^d, class uniform, deviation s_j and weight uniform in
//   [0, 1];  a row picks a centroid by weight;  x = m_j + s_j z u / |u|, u uniform in [-1, 1]^d,
//   z standard normal
//   before each row the first k centroids move by v r_j, |r_j| = 1; a coordinate that would leave
//   [0, 1] stops at its end, and that component of r_j changes its sign
//   d: `n_features`; v: `change_speed`; k: `n_drift_centroids`, as in river
//
// Definition: MOA's RandomRBFGenerator and RandomRBFGeneratorDrift, river's RandomRBF and
// RandomRBFDrift.
// Differences: our random numbers; the directions r_j are independent of the centres (both others
// draw them from the same seed). Each concept has centroids of its own, and all move with the time
// of the whole stream; where the drift is incremental there is one set.
// Cost: O(centroids + inputs) a row. Where a centroid is at any time has a closed form, so that
// rows are independent of each other.

#include <cmath>

#include "algorithms/sdk/plugin.hpp"
#include "datasets/drifting_data.hpp"
#include "datasets/generated.hpp"

namespace skerry::datasets {

namespace {

constexpr std::uint64_t kMostRbfValues = 100'000'000;

struct RandomRbfConfig {
  std::uint32_t n_classes = 2;
  std::uint32_t n_features = 10;
  std::uint32_t n_centroids = 50;
  double change_speed = 0;
  std::optional<std::uint32_t> n_drift_centroids;
  DriftConfig drift;
  template <class V>
  void fields(V& v) {
    v("n_classes", n_classes, {.meaning = "number of classes", .min = 1, .max = 1e6});
    v("n_features", n_features, {.meaning = "inputs of a sample", .min = 1, .max = 1e5});
    v("n_centroids", n_centroids, {.meaning = "centroids of a concept", .min = 1, .max = 1e6});
    v("change_speed", change_speed,
      {.meaning = "how far a centroid moves with every row", .min = 0, .max = 1e6});
    v("n_drift_centroids", n_drift_centroids,
      {.meaning = "centroids that move; default: all", .min = 0});
    drift.fields(v);
  }
  void check(FieldReader& reader) const {
    drift.check(reader, n_features);
    if (std::uint64_t{n_centroids} * n_features * drift.rules() > kMostRbfValues) {
      reader.error("n_centroids", "times n_features and concepts must be at most 100000000");
    }
    if (moving() > n_centroids) {
      reader.error("n_drift_centroids", "must be at most n_centroids");
    } else if (n_drift_centroids && change_speed == 0) {
      reader.error("n_drift_centroids", "has no effect: \"change_speed\" is 0");
    }
    if (drift.drift == Drift::kIncremental && (change_speed == 0 || moving() == 0)) {
      reader.error("change_speed", "and n_drift_centroids must be above 0 for incremental drift");
    }
  }
  std::uint32_t moving() const { return n_drift_centroids.value_or(n_centroids); }
};

struct Centroid {
  std::vector<double> centre;  // at the start
  std::vector<double> step;    // of each coordinate with every row, >= 0; empty: does not move
  std::int32_t label = 0;
  double deviation = 0;
};

struct CentroidSet {
  std::vector<Centroid> centroids;
  std::vector<double> weights;
};

/// Where a coordinate is that began at `start` in [0, 1) and made `moves` steps, stopping and
/// turning round at 0 and 1. From end to end it takes floor(1 / step) whole steps and a last one
/// that is cut short.
double bounced(double start, double step, double moves) {
  if (step == 0) return start;
  const double free = std::floor((1 - start) / step);
  if (moves <= free) return start + moves * step;
  const double lap = std::floor(1 / step) + 1;
  const double since_end = moves - (free + 1);
  const double laps = std::floor(since_end / lap);
  const double from_end = (since_end - laps * lap) * step;
  return std::fmod(laps, 2) == 0 ? 1 - from_end : from_end;
}

class RandomRbf final : public DataSource {
 public:
  using Config = RandomRbfConfig;
  explicit RandomRbf(const Config& config) : config_(config) {}

  std::optional<Extent> extent(const DataEnvironment&) const override {
    return config_.drift.extent(schema());
  }
  Result<DataSet> load(const DataEnvironment& environment) const override {
    const std::uint64_t seed = seed_of(config_.drift.seed, environment.seed);
    std::vector<CentroidSet> sets;
    for (std::uint32_t c = 0; c < config_.drift.rules(); ++c) sets.push_back(draw_set(seed, c));
    DataSet data = drifting_data(
        config_.drift,
        {.source = "random_rbf",
         .schema = schema(),
         .draw =
             [&](const Moment& moment, RandomStream& random, std::span<float> x) {
               return row(sets[moment.concept_number % sets.size()], moment, random, x);
             }},
        seed);
    data.content_hash = hash(seed);
    return data;
  }

 private:
  DataSchema schema() const {
    return {.input = {config_.n_features}, .classes = config_.n_classes};
  }

  CentroidSet draw_set(std::uint64_t seed, std::uint32_t rule) const {
    CentroidSet set;
    for (std::uint32_t j = 0; j < config_.n_centroids; ++j) {
      RandomStream random(seed, "random_rbf.centroid", NodeId::from_number(j), rule);
      Centroid centroid;
      for (std::uint32_t i = 0; i < config_.n_features; ++i) {
        centroid.centre.push_back(random.uniform());
      }
      centroid.label = static_cast<std::int32_t>(random.below(config_.n_classes));
      centroid.deviation = random.uniform();
      set.weights.push_back(1 - random.uniform());  // above 0
      if (config_.change_speed > 0 && j < config_.moving()) draw_step(random, centroid.step);
      set.centroids.push_back(std::move(centroid));
    }
    return set;
  }

  void draw_step(RandomStream& random, std::vector<double>& step) const {
    double squares = 0;
    for (std::uint32_t i = 0; i < config_.n_features; ++i) {
      step.push_back(1 - random.uniform());  // above 0
      squares += step.back() * step.back();
    }
    const double scale = config_.change_speed / std::sqrt(squares);
    for (double& value : step) value *= scale;
  }

  std::int32_t row(const CentroidSet& set, const Moment& moment, RandomStream& random,
                   std::span<float> x) const {
    const Centroid& centroid = set.centroids[random.categorical(set.weights)];
    std::vector<double> offset(x.size());
    double squares = 0;
    for (double& value : offset) {
      value = 2 * random.uniform() - 1;
      squares += value * value;
    }
    const double length = centroid.deviation * random.normal();
    const double scale = squares > 0 ? length / std::sqrt(squares) : 0;
    const double moves = moment.time + 1.0;
    for (std::size_t i = 0; i < x.size(); ++i) {
      const double centre = centroid.step.empty()
                                ? centroid.centre[i]
                                : bounced(centroid.centre[i], centroid.step[i], moves);
      x[i] = static_cast<float>(centre + offset[i] * scale);
    }
    return centroid.label;
  }

  std::uint64_t hash(std::uint64_t seed) const {
    ByteWriter writer;
    writer(std::string("random_rbf 1"), seed, config_.n_classes, config_.n_features,
           config_.n_centroids, config_.change_speed, config_.moving());
    config_.drift.hash_into(writer);
    return hash_of(writer);
  }

  Config config_;
};

SKERRY_PLUGIN(DataSource, RandomRbf, "random_rbf", "clouds around centroids that move")

}  // namespace

}  // namespace skerry::datasets
