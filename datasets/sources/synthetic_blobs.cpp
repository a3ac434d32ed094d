// One Gaussian cloud per class.
//
// Definition: class of row r  c = r mod C;  centre m_c = separation * u_c, u_c uniform on the unit
// sphere;  x = m_c + spread * z, z standard normal. Centres are about separation * sqrt(2) apart.
// Every row is drawn from its own random stream, so a million edges need no storage.

#include <cmath>

#include "algorithms/sdk/archive.hpp"
#include "algorithms/sdk/plugin.hpp"
#include "algorithms/sdk/random.hpp"
#include "datasets/class_labels.hpp"
#include "datasets/data_source.hpp"
#include "datasets/generated.hpp"
#include "datasets/samples.hpp"

namespace skerry::datasets {

namespace {

constexpr std::size_t kMostCentreValues = 100'000'000;

struct BlobsConfig {
  std::uint32_t classes = 10;
  std::uint32_t features = 32;
  std::uint32_t samples = 6000;
  std::uint32_t test_samples = 1000;
  double separation = 4;
  double spread = 1;
  std::optional<bool> stored;
  std::optional<std::int64_t> seed;
  template <class V>
  void fields(V& v) {
    v("classes", classes, {.meaning = "number of classes", .min = 1, .max = 1e6});
    v("features", features, {.meaning = "inputs of a sample", .min = 1, .max = 1e6});
    v("samples", samples, {.meaning = "training samples", .min = 1});
    v("test_samples", test_samples, {.meaning = "test samples; 0: no test set", .min = 0});
    v("separation", separation, {.meaning = "distance of class centres from the origin", .min = 0});
    v("spread", spread, {.meaning = "standard deviation around a centre", .min = 0});
    v("stored", stored,
      {.meaning = "keep samples in memory, or draw them whenever read; "
                  "default: keep up to 64 MiB"});
    v("seed", seed, {.meaning = "pins the data; default: the run's seed", .min = 0});
  }
  void check(FieldReader& reader) const {
    if (std::size_t{classes} * features > kMostCentreValues) {
      reader.error("features", "times classes must be at most 100000000");
    }
  }
};

class BlobSamples final : public Samples {
 public:
  BlobSamples(const BlobsConfig& config, std::uint64_t seed, bool test)
      : config_(config), seed_(seed), test_(test) {
    schema_.input = {config.features};
    schema_.classes = config.classes;
    centres_.resize(std::size_t{config.classes} * config.features);
    for (std::uint32_t c = 0; c < config.classes; ++c) draw_centre(c);
  }

  const DataSchema& schema() const override { return schema_; }
  std::uint32_t size() const override { return test_ ? config_.test_samples : config_.samples; }

  void inputs(std::span<const std::uint32_t> rows, std::span<float> out) const override {
    SKERRY_CHECK(out.size() == rows.size() * config_.features, "one input a row");
    for (const std::uint32_t row : rows) {
      RandomStream random(seed_, test_ ? "synthetic_blobs.test" : "synthetic_blobs.train",
                          NodeId::from_number(row));
      const double* centre = centres_.data() + std::size_t{class_of(row)} * config_.features;
      for (std::uint32_t j = 0; j < config_.features; ++j) {
        out[j] = static_cast<float>(std::fma(config_.spread, random.normal(), centre[j]));
      }
      out = out.subspan(config_.features);
    }
  }

  void labels(std::span<const std::uint32_t> rows, std::span<std::int32_t> out) const override {
    SKERRY_CHECK(out.size() == rows.size(), "one label a row");
    for (std::size_t i = 0; i < rows.size(); ++i) {
      out[i] = static_cast<std::int32_t>(class_of(rows[i]));
    }
  }

 private:
  std::uint32_t class_of(std::uint32_t row) const { return row % config_.classes; }

  void draw_centre(std::uint32_t c) {
    RandomStream random(seed_, "synthetic_blobs.centre", NodeId::from_number(c));
    double* centre = centres_.data() + std::size_t{c} * config_.features;
    double squares = 0;
    for (std::uint32_t j = 0; j < config_.features; ++j) {
      centre[j] = random.normal();
      squares = std::fma(centre[j], centre[j], squares);
    }
    const double length = config_.separation / std::sqrt(squares);
    for (std::uint32_t j = 0; j < config_.features; ++j) centre[j] *= length;
  }

  BlobsConfig config_;
  std::uint64_t seed_;
  bool test_;
  DataSchema schema_;
  std::vector<double> centres_;  // [classes x features]
};

class SyntheticBlobs final : public DataSource {
 public:
  using Config = BlobsConfig;
  explicit SyntheticBlobs(const Config& config) : config_(config) {}

  std::optional<Extent> extent(const DataEnvironment&) const override {
    return Extent{.schema = {.input = {config_.features}, .classes = config_.classes},
                  .rows = config_.samples,
                  .test_rows = config_.test_samples};
  }
  Result<DataSet> load(const DataEnvironment& environment) const override {
    const std::uint64_t seed = seed_of(config_.seed, environment.seed);
    DataSet data{.train = part(seed, false),
                 .content_hash = hash(seed),
                 .origin = "generated from seed " + std::to_string(seed)};
    if (config_.test_samples > 0) data.test = part(seed, true);
    data.class_names = numbered_names(config_.classes);
    return data;
  }

 private:
  std::shared_ptr<const Samples> part(std::uint64_t seed, bool test) const {
    auto drawn = std::make_shared<const BlobSamples>(config_, seed, test);
    const std::size_t bytes = sizeof(float) * drawn->size() * config_.features;
    if (!config_.stored.value_or(bytes <= kKeptBytes)) return drawn;
    return stored(*drawn);
  }

  std::uint64_t hash(std::uint64_t seed) const {
    ByteWriter writer;
    writer(std::string("synthetic_blobs 1"), seed, config_.classes, config_.features,
           config_.samples, config_.test_samples, config_.separation, config_.spread);
    return hash_of(writer);
  }

  Config config_;
};

SKERRY_PLUGIN(DataSource, SyntheticBlobs, "synthetic_blobs", "one Gaussian cloud per class")

}  // namespace

}  // namespace skerry::datasets
